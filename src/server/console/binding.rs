//! The conflict rule in words: which key would have two usage plans in which environment, and what helps.

use maud::{Markup, html};
use usage_plan_core::document::EnvironmentRef;
use usage_plan_manage::operations::plan::{Conflict, KeyBindings, conflicts};

use super::objects::{name_of_key, plan_name};
use super::parts::{Tone, notice};
use super::refused::{label, named};
use super::texts::{binding as texts, plans};
use super::visit::Visit;

/// How many conflicts are said one by one.
const SAID: usize = 5;

/// What stands in the way of binding these keys to a plan, and these environments to plans; none if nothing
/// does. `help` is the button that helps.
pub(super) fn conflict(
    visit: &Visit,
    keys: Option<(&str, &[String])>,
    environments: &[(&str, EnvironmentRef)],
    help: Option<Markup>,
) -> Option<Markup> {
    let found = conflicts(visit.document(), keys, environments);
    if found.is_empty() {
        return None;
    }
    let more = found.len().saturating_sub(SAID);
    let body = html! {
        @for conflict in found.iter().take(SAID) { p { (sentence(visit, conflict)) } }
        @if more > 0 { p { (visit.language.count(texts::MORE_CONFLICTS, more)) } }
        p { (visit.say(texts::ONE_PLAN)) }
        @if let Some(help) = help { div.actions { (help) } }
    };
    Some(notice(Tone::Refused, &html! { (visit.say(texts::NOT_BOUND)) }, &body))
}

/// The keys that stand in the way, each once, by its id.
pub(super) fn clashing(visit: &Visit, plan: &str, keys: &[String]) -> Vec<(String, String)> {
    let mut clashing: Vec<(String, String)> = Vec::new();
    for Conflict { key, plans, .. } in conflicts(visit.document(), Some((plan, keys)), &[]) {
        let other = plans.iter().find(|other| other.id != plan).map_or("", label);
        if clashing.iter().all(|(id, _)| *id != key.id) {
            clashing.push((key.id, other.to_owned()));
        }
    }
    clashing
}

fn sentence(visit: &Visit, conflict: &Conflict) -> Markup {
    let Conflict { key, service, environment, plans: [one, other] } = conflict;
    let values = [
        ("key", named(key)),
        ("environment", html! { b { (environment) } }),
        ("service", named(service)),
        ("one", named(one)),
        ("other", named(other)),
    ];
    visit.language.rich(texts::TWO_PLANS, &values)
}

/// That keys are bound to a plan.
pub(super) fn bound_words(visit: &Visit, bindings: &KeyBindings) -> Markup {
    let keys = visit.language.count(plans::KEYS, bindings.keys.len());
    visit.language.rich(plans::BOUND_TO, &[("what", html! { (keys) }), ("plan", named(&bindings.plan))])
}

/// The button that moves keys to a plan from those that stand in the way.
pub(super) fn move_button(visit: &Visit, plan: &str, keys: &[String]) -> Markup {
    let clashing = clashing(visit, plan, keys);
    let mut from: Vec<&str> = Vec::new();
    for (_, other) in &clashing {
        if !from.contains(&other.as_str()) {
            from.push(other);
        }
    }
    let names = match &clashing[..] {
        [(id, _)] => name_of_key(visit, id).to_owned(),
        several => visit.language.count(plans::KEYS, several.len()),
    };
    let to = visit.document().usage_plan(plan).map_or(plan, plan_name);
    let words = visit
        .language
        .fill(plans::MOVE, &[("keys", &names), ("from", &visit.language.list(&from)), ("to", &to)]);
    html! { button.button.small type="submit" name="move" value="yes" { (words) } }
}
