//! The actions, by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::action::Action;
use super::failure::{Failure, Result};
use super::parameters::Parameters;
use super::{bindings, domains, elsewhere, environments, keys, plans, services, tags};

/// The version of the product's own API.
const VERSION: &str = "2018-08-08";

static ACTIONS: LazyLock<HashMap<(&str, &str), &Action>> = LazyLock::new(|| {
    let groups = [
        (VERSION, keys::ACTIONS),
        (VERSION, plans::ACTIONS),
        (VERSION, bindings::ACTIONS),
        (VERSION, services::ACTIONS),
        (VERSION, environments::ACTIONS),
        (VERSION, domains::ACTIONS),
        (tags::VERSION, tags::ACTIONS),
    ];
    let named = groups
        .into_iter()
        .flat_map(|(version, group)| group.iter().map(move |action| ((version, action.name), action)));
    named.collect()
});

/// The action with this name, in this version of an API.
pub(super) fn find(version: &str, name: &str) -> Result<&'static Action> {
    if !ACTIONS.keys().any(|(known, _)| *known == version) {
        let message =
            format!("There is no version \"{version}\" of this API: X-TC-Version must be {VERSION}.");
        return Err(Failure::new("NoSuchVersion", message));
    }
    ACTIONS.get(&(version, name)).copied().ok_or_else(|| elsewhere::refuse(name))
}

/// Whether an action that changes something, and is none of this name, takes these parameters, too.
pub(super) fn has_twin(action: &Action, parameters: &Parameters) -> bool {
    let names: Vec<&str> = parameters.names().collect();
    ACTIONS.values().any(|other| {
        other.name != action.name
            && !other.reads()
            && other.required.iter().all(|name| names.contains(name))
            && names.iter().all(|name| other.required.contains(name) || other.optional.contains(name))
    })
}
