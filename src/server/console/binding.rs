//! Binding, and the conflict rule in words: which key would have two usage plans in which environment, and
//! what helps.

use maud::{Markup, html};
use usage_plan_core::document::EnvironmentRef;
use usage_plan_manage::Refusal;
use usage_plan_manage::draft::Named;
use usage_plan_manage::operations::plan as operations;
use usage_plan_manage::operations::plan::{Conflict, KeyBindings, conflicts};

use super::parts::{Tone, notice};
use super::refused::{Faults, label, named};
use super::texts::{binding as texts, plans};
use super::visit::{Stop, Visit};
use crate::desk::Done;

/// How many conflicts are said one by one.
const SAID: usize = 5;

/// Binds keys to a plan. Keys that stand in the way are moved if that was chosen; otherwise the refusal has
/// the button that does.
pub(super) async fn bind_keys(
    visit: &Visit,
    plan: &str,
    keys: &[String],
    may_move: bool,
) -> Result<Result<Done<KeyBindings>, Faults>, Stop> {
    let (to, bound) = (plan.to_owned(), keys.to_vec());
    let edited = visit.edit(move |draft| match may_move {
        true => operations::move_keys(draft, &to, &bound).map(|(bindings, _)| bindings),
        false => operations::bind_keys(draft, &to, &bound),
    });
    Ok(edited.await?.map_err(|refusal| faults(visit, &refusal, Some((plan, keys)), &[])))
}

/// The same for environments that are bound to plans.
pub(super) async fn bind_environments(
    visit: &Visit,
    new: &[(&str, EnvironmentRef)],
    may_move: bool,
) -> Result<Result<Done<()>, Faults>, Stop> {
    let owned: Vec<(String, EnvironmentRef)> =
        new.iter().map(|(plan, bound)| ((*plan).to_owned(), bound.clone())).collect();
    let edited = visit.edit(move |draft| {
        let new: Vec<(&str, EnvironmentRef)> =
            owned.iter().map(|(plan, bound)| (plan.as_str(), bound.clone())).collect();
        if may_move {
            return operations::move_to_environments(draft, &new).map(|_| ());
        }
        new.iter().try_for_each(|(plan, EnvironmentRef { service, environment })| {
            operations::bind_environments(draft, plan, service, std::slice::from_ref(environment)).map(|_| ())
        })
    });
    Ok(edited.await?.map_err(|refusal| faults(visit, &refusal, None, new)))
}

/// A refusal to bind in words, with what helps.
fn faults(
    visit: &Visit,
    refusal: &Refusal,
    keys: Option<(&str, &[String])>,
    environments: &[(&str, EnvironmentRef)],
) -> Faults {
    let mut faults = Faults::of(visit, refusal, &[]);
    if matches!(refusal, Refusal::Conflict { .. }) {
        let is_new = |id: &str| {
            keys.is_some_and(|(plan, _)| plan == id) || environments.iter().any(|(plan, _)| *plan == id)
        };
        let found = conflicts(visit.document(), keys, environments);
        if let Some(notice) = conflict(visit, &found, &is_new) {
            faults.add_whole(notice);
        }
    }
    faults
}

/// The conflicts in words; none if there are none.
fn conflict(visit: &Visit, found: &[Conflict], is_new: &dyn Fn(&str) -> bool) -> Option<Markup> {
    if found.is_empty() {
        return None;
    }
    let more = found.len().saturating_sub(SAID);
    let help = move_button(visit, found, is_new);
    let todo = if help.is_some() { texts::UNTICK_OR_MOVE } else { texts::UNTICK_ONE };
    let body = html! {
        @for conflict in found.iter().take(SAID) { p { (sentence(visit, conflict)) } }
        @if more > 0 { p { (visit.language.count(texts::MORE_CONFLICTS, more)) } }
        p { (visit.say(todo)) }
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

/// The button that moves the keys that stand in the way to the plans that are being bound. There is none when
/// two of these conflict with each other.
fn move_button(visit: &Visit, found: &[Conflict], is_new: &dyn Fn(&str) -> bool) -> Option<Markup> {
    let (mut keys, mut from, mut to): (Vec<&Named>, Vec<&str>, Vec<&str>) = Default::default();
    for Conflict { key, plans: [one, other], .. } in found {
        let (new, old) = match (is_new(&one.id), is_new(&other.id)) {
            (true, false) => (one, other),
            (false, true) => (other, one),
            _ => return None,
        };
        push(&mut keys, key);
        push(&mut from, label(old));
        push(&mut to, label(new));
    }
    let keys = match keys[..] {
        [key] => label(key).to_owned(),
        ref several => visit.language.count(plans::KEYS, several.len()),
    };
    let [from, to] = [from, to].map(|plans| visit.language.list(plans));
    let words = visit.language.fill(plans::MOVE, &[("keys", &keys), ("from", &from), ("to", &to)]);
    Some(html! { button.button.small type="submit" name="move" value="yes" { (words) } })
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
