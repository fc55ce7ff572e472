//! The actions: their names, their parameters, and what each of them does.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::edit::Edit;
use super::failure::{Failure, Result};
use super::parameters::Parameters;
use super::scene::Scene;
use super::{bindings, domains, elsewhere, environments, keys, plans, services, tags};

/// An action.
pub(super) struct Action {
    pub(super) name: &'static str,
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    pub(super) run: Run,
}

/// What an action does.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// It reads.
    Read(fn(&Parameters, &Scene<'_>) -> Result<Answer>),
    /// It edits, and then answers.
    Write(fn(&Parameters, &mut Edit<'_>) -> Result<After>),
}

/// The members of an answer, beside `RequestId`.
pub(super) type Answer = Map<String, Value>;

/// What is answered after an edit.
pub(super) enum After {
    /// This.
    Answer(Answer),
    /// The object with this id, as it is then.
    Show(fn(&Scene<'_>, &str) -> Result<Answer>, String),
}

/// The actions of the product's own API.
pub(super) const VERSION: &str = "2018-08-08";

/// The parameters of a page.
pub(super) const PAGE: &[&str] = &["Limit", "Offset"];
/// The parameters of a page of a list that can be filtered.
pub(super) const FILTERED: &[&str] = &["Limit", "Offset", "Filters"];

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

/// The members of an answer with nothing but a result.
pub(super) fn result(value: impl Into<Value>) -> Answer {
    Answer::from_iter([("Result".to_owned(), value.into())])
}

/// The answer that something was done.
pub(super) fn done() -> Result<After> {
    Ok(After::Answer(result(json!(true))))
}

// === impl Action ===

impl Action {
    /// Whether it changes nothing.
    pub(super) fn reads(&self) -> bool {
        matches!(self.run, Run::Read(_))
    }

    /// Refuses parameters that the action does not have, and their absence where it needs them.
    pub(super) fn check(&self, parameters: &Parameters) -> Result<()> {
        parameters.only(&[self.required, self.optional])?;
        match self.required.iter().find(|name| !parameters.has(name)) {
            Some(name) => Err(parameters.missing(name)),
            None => Ok(()),
        }
    }

    /// Whether an action that changes something, and is none of this name, takes these parameters, too.
    pub(super) fn has_twin(&self, parameters: &Parameters) -> bool {
        let names: Vec<&str> = parameters.names().collect();
        ACTIONS.values().any(|other| {
            other.name != self.name
                && !other.reads()
                && other.required.iter().all(|name| names.contains(name))
                && names.iter().all(|name| other.required.contains(name) || other.optional.contains(name))
        })
    }
}
