//! Binding environments of services to a plan, and unbinding them.

use crate::console::binding;
use crate::console::change::Change;
use crate::console::html::encoded;
use crate::console::objects::{find_plan, key_names, plan_name, service_name};
use crate::console::texts::plans as texts;
use axum::extract::Path;
use maud::{Markup, html};
use usage_plan_core::document::{EnvironmentRef, UsagePlan};
use usage_plan_manage::operations::plan as operations;

use super::under::under;
use crate::console::form::{Asked, Fields};
use crate::console::layout::Page;
use crate::console::outcome;
use crate::console::parts::{Dialog, buttons, wrong};
use crate::console::refused::{Faults, bold};
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};

/// How many keys are named that lose access.
const NAMED: usize = 10;

/// `GET /console/plans/{id}/environments`
pub(super) async fn dialog(Change(visit): Change, Path(id): Path<String>) -> Answer {
    let plan = find_plan(&visit, &id)?;
    Ok(page(&visit, plan, &Fields::none(), &Faults::none()).show(&visit, ""))
}

/// `POST /console/plans/{id}/environments`
pub(super) async fn bind(Change(visit): Change, Path(id): Path<String>, fields: Fields) -> Answer {
    let plan = find_plan(&visit, &id)?;
    let ticked: Vec<EnvironmentRef> =
        fields.all("environment").iter().filter_map(|word| reference(word)).collect();
    if ticked.is_empty() {
        let mut faults = Faults::none();
        faults.add("environment", visit.say(texts::TICK_AN_ENVIRONMENT));
        return Ok(page(&visit, plan, &fields, &faults).refuse(&visit));
    }
    let count = ticked.len();
    let new: Vec<(&str, EnvironmentRef)> = ticked.into_iter().map(|bound| (id.as_str(), bound)).collect();
    match binding::bind_environments(&visit, &new, fields.text("move") == "yes").await? {
        Ok(done) => {
            let what = html! { (visit.language.count(texts::ENVIRONMENTS_COUNT, count)) };
            let values = [("what", what), ("plan", bold(plan_name(plan)))];
            let head = visit.language.rich(texts::BOUND_TO, &values);
            visit.leave(&format!("/console/plans/{id}"), outcome::done(&visit, &head, &done.delivery))
        }
        Err(faults) => Ok(page(&visit, plan, &fields, &faults).refuse(&visit)),
    }
}

/// `GET /console/plans/{id}/unbind`: asks.
pub(super) async fn ask(Change(visit): Change, Path(id): Path<String>, Asked(query): Asked) -> Answer {
    let plan = find_plan(&visit, &id)?;
    Ok(unbind_page(&visit, plan, &query, &Faults::none()).show(&visit, ""))
}

/// `POST /console/plans/{id}/unbind`
pub(super) async fn unbind(Change(visit): Change, Path(id): Path<String>, fields: Fields) -> Answer {
    let plan = find_plan(&visit, &id)?;
    let [service, environment] = ["service", "environment"].map(|name| fields.text(name).to_owned());
    let (from, of, which) = (id.clone(), service.clone(), environment.clone());
    let edited = visit.edit(move |draft| operations::unbind_environments(draft, &from, &of, &[which]));
    match edited.await? {
        Ok(done) => {
            let values = [("what", place(&visit, &service, &environment)), ("plan", bold(plan_name(plan)))];
            let head = visit.language.rich(texts::UNBOUND_FROM, &values);
            visit.leave(&back(&fields, &id), outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => {
            let faults = Faults::of(&visit, &refusal, &[]);
            Ok(unbind_page(&visit, plan, &fields, &faults).refuse(&visit))
        }
    }
}

/// Where one came from: the page of the plan, or of the service.
fn back(fields: &Fields, plan: &str) -> String {
    match fields.text("from") {
        "service" => format!("/console/services/{}", encoded(fields.text("service"))),
        _ => format!("/console/plans/{plan}"),
    }
}

/// `orders/release`
fn reference(word: &str) -> Option<EnvironmentRef> {
    let (service, environment) = word.split_once('/')?;
    Some(EnvironmentRef { service: service.to_owned(), environment: environment.to_owned() })
}

/// An environment of a service in words.
fn place(visit: &Visit, service: &str, environment: &str) -> Markup {
    let name = visit.document().service(service).map_or(service, service_name);
    let values = [("environment", bold(environment)), ("service", bold(name))];
    visit.language.rich(crate::console::texts::refusals::ENVIRONMENT_OF, &values)
}

fn page<'v>(visit: &'v Visit, plan: &'v UsagePlan, fields: &Fields, faults: &Faults) -> Page<'v> {
    let back = format!("/console/plans/{}", plan.id);
    let dialog = Dialog {
        title: visit.language.rich(texts::BIND_ENVIRONMENTS_TO, &[("name", bold(plan_name(plan)))]),
        action: &format!("{back}/environments"),
        back: &back,
        body: html! {
            (faults.whole())
            fieldset.picker {
                legend.out-of-sight { (visit.say(texts::ENVIRONMENTS_TO_BIND)) }
                @for service in &visit.document().services {
                    @for environment in &service.environments {
                        @let word = format!("{}/{environment}", service.id);
                        @let is_bound =
                            plan.environments.iter().any(|bound| bound.service == service.id &&
                            bound.environment == *environment);
                        label.pick {
                            @if is_bound {
                                input type="checkbox" checked disabled;
                            } @else {
                                input type="checkbox" name="environment" value=(word)
                                    checked[fields.has("environment", &word)];
                            }
                            span { b { (service_name(service)) " " (environment) } span.sub.id
                                { (service.domains.join(", ")) } }
                            span.side-note { @if is_bound { (visit.say(texts::ALREADY_BOUND)) } }
                        }
                    }
                }
            }
            (wrong("environment", faults.field("environment")))
            @if visit.document().services.is_empty() { p { (visit.say(texts::NO_SERVICE_TO_BIND)) } }
        },
        foot: buttons(&back, visit.say(frame::CANCEL), visit.say(texts::BIND_ENVIRONMENTS), false),
        is_broad: true,
    };
    under(visit, Some(plan), &dialog)
}

fn unbind_page<'v>(visit: &'v Visit, plan: &'v UsagePlan, fields: &Fields, faults: &Faults) -> Page<'v> {
    let back = back(fields, &plan.id);
    let [service, environment] = ["service", "environment"].map(|name| fields.text(name));
    let names = key_names(visit, plan.keys.iter().take(NAMED));
    let count = visit.language.count(texts::KEYS_LOSE, plan.keys.len());
    let values = [("what", place(visit, service, environment)), ("plan", bold(plan_name(plan)))];
    let dialog = Dialog {
        title: visit.language.rich(texts::UNBIND_FROM, &values),
        action: &format!("/console/plans/{}/unbind", plan.id),
        back: &back,
        body: html! {
            (faults.whole())
            @for name in ["service", "environment", "from"]
                { input type="hidden" name=(name) value=(fields.text(name)); }
            @if plan.keys.is_empty() {
                p { (visit.say(texts::NOBODY_LOSES)) }
            } @else {
                p { (count) " " (names) @if plan.keys.len() > NAMED { "…" } }
            }
        },
        foot: buttons(&back, visit.say(texts::KEEP_BOUND), visit.say(texts::UNBIND), true),
        is_broad: false,
    };
    under(visit, Some(plan), &dialog)
}
