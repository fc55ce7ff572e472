//! Binding usage plans to an environment of a service: choose the environment, tick plans, submit.

use crate::console::binding;
use crate::console::change::Change;
use crate::console::objects::{find_service, limits, plan_name, service_name};
use crate::console::texts::services as texts;
use axum::extract::Path;
use maud::{Markup, html};
use usage_plan_core::document::{EnvironmentRef, Service, UsagePlan};

use super::under::under;
use crate::console::form::{Asked, Fields};
use crate::console::layout::Page;
use crate::console::outcome;
use crate::console::parts::{Dialog, buttons, choice, icon, wrong};
use crate::console::refused::{Faults, bold};
use crate::console::texts::{frame, plans as plan_texts};
use crate::console::visit::{Answer, Visit};

/// How many plans the picker shows besides those that are ticked.
const SHOWN: usize = 50;

/// `GET /console/services/{id}/bind`
pub(super) async fn dialog(Change(visit): Change, Path(id): Path<String>, Asked(query): Asked) -> Answer {
    let service = find_service(&visit, &id)?;
    Ok(page(&visit, service, &query, &Faults::none()).show(&visit, ""))
}

/// `POST /console/services/{id}/bind`
pub(super) async fn bind(Change(visit): Change, Path(id): Path<String>, fields: Fields) -> Answer {
    let service = find_service(&visit, &id)?;
    let (environment, ticked) = (fields.text("environment").to_owned(), fields.all("plan"));
    if ticked.is_empty() {
        let mut faults = Faults::none();
        faults.add("plan", visit.say(texts::TICK_A_PLAN));
        return Ok(page(&visit, service, &fields, &faults).refuse(&visit));
    }
    let reference = EnvironmentRef { service: id.clone(), environment: environment.clone() };
    let new: Vec<(&str, EnvironmentRef)> =
        ticked.iter().map(|plan| (plan.as_str(), reference.clone())).collect();
    match binding::bind_environments(&visit, &new, fields.text("move") == "yes").await? {
        Ok(done) => {
            let what = html! { (visit.language.count(texts::PLANS_COUNT, ticked.len())) };
            let values = [
                ("plans", what),
                ("environment", bold(&environment)),
                ("service", bold(service_name(service))),
            ];
            let head = visit.language.rich(texts::BOUND_TO, &values);
            visit.leave(&format!("/console/services/{id}"), outcome::done(&visit, &head, &done.delivery))
        }
        Err(faults) => Ok(page(&visit, service, &fields, &faults).refuse(&visit)),
    }
}

fn page<'v>(visit: &'v Visit, service: &'v Service, fields: &Fields, faults: &Faults) -> Page<'v> {
    let back = format!("/console/services/{}", service.id);
    let action = format!("{back}/bind");
    let dialog = Dialog {
        title: visit.language.rich(texts::BIND_PLANS_TO, &[("name", bold(service_name(service)))]),
        action: &action,
        back: &back,
        body: body(visit, service, fields, faults, &action),
        foot: buttons(&back, visit.say(frame::CANCEL), visit.say(texts::BIND), false),
        is_broad: true,
    };
    under(visit, Some(service), &dialog)
}

fn body(visit: &Visit, service: &Service, fields: &Fields, faults: &Faults, action: &str) -> Markup {
    let chosen = match fields.text("environment") {
        "" => service.environments.first().map_or("", String::as_str),
        chosen => chosen,
    };
    let ticked = fields.all("plan");
    let wanted = fields.text("q").to_lowercase();
    let is_wanted = |plan: &&UsagePlan| {
        ticked.contains(&plan.id)
            || [&plan.name, &plan.id].iter().any(|text| text.to_lowercase().contains(&wanted))
    };
    let mut plans: Vec<&UsagePlan> = visit.document().usage_plans.iter().filter(is_wanted).collect();
    plans.sort_by_key(|plan| !ticked.contains(&plan.id));
    html! {
        fieldset.choices.three {
            legend { (visit.say(texts::ENVIRONMENT)) }
            @for environment in &service.environments {
                @let hint = visit.language.count(texts::PLANS_COUNT, count(visit, service, environment));
                (choice("environment", environment, environment == chosen, environment, &hint))
            }
        }
        div.field {
            span.label { (visit.say(frame::PLANS)) }
            div.search.wide-search {
                (icon("search"))
                input.input type="search" name="q" value=(fields.text("q"))
                    aria-label=(visit.say(plan_texts::SEARCH))
                    placeholder=(visit.say(plan_texts::NAME_OR_ID));
            }
        }
        div.actions {
            // The first button of the form: Enter in the field searches, and binds nothing.
            button.button.small type="submit" formmethod="get" formaction=(action)
                { (visit.say(frame::SEARCH)) }
        }
        // Below the search, because the button that helps must not be the first one.
        (faults.whole())
        fieldset.picker {
            legend.out-of-sight { (visit.say(texts::PLANS_TO_BIND)) }
            @for plan in plans.iter().take(SHOWN.max(ticked.len())) { (pick(visit, service, plan, &ticked)) }
        }
        (wrong("plan", faults.field("plan")))
        @if plans.is_empty() { p { (visit.say(texts::NO_PLAN_TO_BIND)) } }
    }
}

/// A plan to tick, with the environments of the service that it has: which of them is chosen may change.
fn pick(visit: &Visit, service: &Service, plan: &UsagePlan, ticked: &[String]) -> Markup {
    let bound = plan.environments.iter().filter(|bound| bound.service == service.id);
    let bound: Vec<&str> = bound.map(|bound| bound.environment.as_str()).collect();
    let is_bound_everywhere = bound.len() == service.environments.len();
    html! {
        label.pick {
            @if is_bound_everywhere {
                input type="checkbox" checked disabled;
            } @else {
                input type="checkbox" name="plan" value=(plan.id) checked[ticked.contains(&plan.id)];
            }
            span { b { (plan_name(plan)) } span.sub { (limits(visit.language, plan)) } }
            span.side-note {
                @if bound.is_empty() {
                    (visit.language.count(plan_texts::KEYS, plan.keys.len()))
                } @else {
                    (visit.language.fill(texts::BOUND_TO_ENVIRONMENTS,
                        &[("environments", &visit.language.list(&bound))]))
                }
            }
        }
    }
}

fn count(visit: &Visit, service: &Service, environment: &str) -> usize {
    usage_plan_manage::operations::service::plans(visit.document(), &service.id)
        .filter(|(_, bound)| *bound == environment)
        .count()
}
