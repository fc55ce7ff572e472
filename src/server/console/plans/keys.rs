//! Binding keys to a plan, and unbinding them.

use crate::console::binding;
use crate::console::change::Change;
use crate::console::objects::{find_plan, key_name, key_names, plan_name, plan_tags};
use crate::console::texts::plans as texts;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use usage_plan_core::document::{Key, KeyStatus, UsagePlan};
use usage_plan_manage::operations::plan as operations;

use super::under::under;
use crate::console::form::{Asked, Fields};
use crate::console::layout::Page;
use crate::console::outcome;
use crate::console::parts::{Dialog, buttons, icon};
use crate::console::refused::{Faults, bold};
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};

/// How many keys a picker shows besides those that are ticked.
const SHOWN: usize = 50;

/// `GET /console/plans/{id}/keys`: a picker, with search. What is ticked stays so while one searches.
pub(super) async fn dialog(Change(visit): Change, Path(id): Path<String>, Asked(query): Asked) -> Answer {
    let plan = find_plan(&visit, &id)?;
    Ok(page(&visit, plan, &query, &Faults::none()).show(&visit, ""))
}

/// `POST /console/plans/{id}/keys`
pub(super) async fn bind(Change(visit): Change, Path(id): Path<String>, fields: Fields) -> Answer {
    let plan = find_plan(&visit, &id)?;
    let ticked = fields.all("key");
    if ticked.is_empty() {
        let mut faults = Faults::none();
        faults.add("key", visit.say(texts::TICK_A_KEY));
        return Ok(page(&visit, plan, &fields, &faults).refuse(&visit));
    }
    match binding::bind_keys(&visit, &id, &ticked, fields.text("move") == "yes").await? {
        Ok(done) => {
            let head = binding::bound_words(&visit, &done.value);
            visit.leave(&format!("/console/plans/{id}"), outcome::done(&visit, &head, &done.delivery))
        }
        Err(faults) => Ok(page(&visit, plan, &fields, &faults).refuse(&visit)),
    }
}

/// `GET /console/plans/{id}/unbind-keys`: asks.
pub(super) async fn ask(Change(visit): Change, Path(id): Path<String>, Asked(query): Asked) -> Answer {
    let plan = find_plan(&visit, &id)?;
    if query.all("key").is_empty() {
        return Ok(Redirect::to(&format!("/console/plans/{id}")).into_response());
    }
    Ok(unbind_page(&visit, plan, &query, &Faults::none()).show(&visit, ""))
}

/// `POST /console/plans/{id}/unbind-keys`
pub(super) async fn unbind(Change(visit): Change, Path(id): Path<String>, fields: Fields) -> Answer {
    let plan = find_plan(&visit, &id)?;
    let (from, keys) = (id.clone(), fields.all("key"));
    match visit.edit(move |draft| operations::unbind_keys(draft, &from, &keys)).await? {
        Ok(done) => {
            let what = html! { (visit.language.count(texts::KEYS, done.value.keys.len())) };
            let values = [("what", what), ("plan", bold(plan_name(plan)))];
            let head = visit.language.rich(texts::UNBOUND_FROM, &values);
            visit.leave(&format!("/console/plans/{id}"), outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => {
            let faults = Faults::of(&visit, &refusal, &[]);
            Ok(unbind_page(&visit, plan, &fields, &faults).refuse(&visit))
        }
    }
}

fn page<'v>(visit: &'v Visit, plan: &'v UsagePlan, fields: &Fields, faults: &Faults) -> Page<'v> {
    let back = format!("/console/plans/{}", plan.id);
    let action = format!("{back}/keys");
    let ticked = fields.all("key");
    let dialog = Dialog {
        title: visit.language.rich(texts::BIND_KEYS_TO, &[("name", bold(plan_name(plan)))]),
        action: &action,
        back: &back,
        body: body(visit, plan, fields, &ticked, &action, faults),
        foot: buttons(&back, visit.say(frame::CANCEL), visit.say(texts::BIND_KEYS), false),
        is_broad: true,
    };
    under(visit, Some(plan), &dialog)
}

fn body(
    visit: &Visit,
    plan: &UsagePlan,
    fields: &Fields,
    ticked: &[String],
    action: &str,
    faults: &Faults,
) -> Markup {
    let wanted = fields.text("q").to_lowercase();
    let is_wanted =
        |key: &&Key| [&key.name, &key.secret_id].iter().any(|text| text.to_lowercase().contains(&wanted));
    let all = &visit.document().keys;
    let (chosen, others): (Vec<&Key>, Vec<&Key>) = all
        .iter()
        .filter(|key| ticked.contains(&key.secret_id) || is_wanted(key))
        .partition(|key| ticked.contains(&key.secret_id));
    let shown = chosen.len() + others.len().min(SHOWN);
    let clashing = if faults.is_any() { binding::clashing(visit, &plan.id, ticked) } else { Vec::new() };
    let numbers =
        [("shown", shown), ("all", all.len())].map(|(name, n)| (name, visit.language.number(n as u64)));
    let [(_, shown), (_, count)] = &numbers;
    html! {
        div.search.wide-search {
            (icon("search"))
            input.input type="search" name="q" value=(fields.text("q"))
                aria-label=(visit.say(texts::SEARCH_KEYS))
                placeholder=(visit.say(texts::NAME_OR_SECRET_ID));
        }
        div.actions {
            // The first button of the form: Enter in the field searches, and binds nothing.
            button.button.small type="submit" formmethod="get" formaction=(action)
                { (visit.say(frame::SEARCH)) }
        }
        // Below the search, because the button that helps must not be the first one.
        (faults.whole())
        fieldset.picker {
            legend.out-of-sight { (visit.say(texts::KEYS_TO_BIND)) }
            @for key in chosen.iter().chain(others.iter().take(SHOWN)) {
                (pick(visit, plan, key, ticked, &clashing))
            }
        }
        (crate::console::parts::wrong("key", faults.field("key")))
        p.hint { (visit.language.fill(texts::KEYS_SHOWN, &[("shown", shown), ("all", count)])) }
    }
}

fn pick(
    visit: &Visit,
    plan: &UsagePlan,
    key: &Key,
    ticked: &[String],
    clashing: &[(String, String)],
) -> Markup {
    let is_bound = plan.keys.contains(&key.secret_id);
    let is_disabled = key.status == KeyStatus::Disabled;
    let clash = clashing.iter().find(|(id, _)| *id == key.secret_id).map(|(_, other)| other);
    let class = if clash.is_some() { "pick clash" } else { "pick" };
    let is_ticked = ticked.contains(&key.secret_id);
    let others: Vec<&UsagePlan> =
        visit.document().usage_plans.iter().filter(|other| other.keys.contains(&key.secret_id)).collect();
    html! {
        label class=(class) {
            @if is_bound || is_disabled {
                input type="checkbox" checked[is_bound] disabled;
            } @else {
                input type="checkbox" name="key" value=(key.secret_id) checked[is_ticked];
            }
            span { b { (key_name(key)) } span.sub.id { (key.secret_id) } }
            span.side-note {
                @if is_bound { (visit.say(texts::ALREADY_BOUND)) }
                @else if is_disabled { (visit.say(texts::DISABLED_ENABLE_FIRST)) }
                @else { (plans_of(visit, &others)) }
            }
            @if let Some(other) = clash {
                span.wrong
                    { (icon("refused")) " " (visit.language.fill(texts::HAS_PLAN, &[("plan", other)])) }
            }
        }
    }
}

/// The plans of a key as words: a link in a label would tick its box.
fn plans_of(visit: &Visit, plans: &[&UsagePlan]) -> Markup {
    if plans.is_empty() {
        return plan_tags(visit, plans);
    }
    let names = visit.language.list(plans.iter().map(|plan| plan_name(plan)));
    html! { (visit.language.fill(texts::ON_PLANS, &[("plans", &names)])) }
}

fn unbind_page<'v>(visit: &'v Visit, plan: &'v UsagePlan, fields: &Fields, faults: &Faults) -> Page<'v> {
    let back = format!("/console/plans/{}", plan.id);
    let ticked = fields.all("key");
    let names = key_names(visit, &ticked);
    let places = plan.environments.iter().map(|bound| format!("{}/{}", bound.service, bound.environment));
    let places = visit.language.list(places);
    let dialog = Dialog {
        title: visit.language.rich(
            texts::UNBIND_KEYS_FROM,
            &[
                ("keys", html! { (visit.language.count(texts::KEYS, ticked.len())) }),
                ("plan", bold(plan_name(plan))),
            ],
        ),
        action: &format!("{back}/unbind-keys"),
        back: &back,
        body: html! {
            (faults.whole())
            @for key in &ticked { input type="hidden" name="key" value=(key); }
            p { (visit.language.fill(texts::UNBIND_KEYS_WHAT, &[("keys", &names)])) }
            @if !places.is_empty()
                { p { (visit.language.fill(texts::UNBIND_KEYS_WHERE, &[("environments", &places)])) } }
        },
        foot: buttons(&back, visit.say(texts::KEEP_BOUND), visit.say(texts::UNBIND), true),
        is_broad: false,
    };
    under(visit, Some(plan), &dialog)
}
