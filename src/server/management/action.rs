//! An action: its name, its parameters, and what it does.

use serde_json::{Map, Value, json};

use super::edit::Edit;
use super::failure::Result;
use super::parameters::Parameters;
use super::scene::Scene;

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

/// The parameters of a page.
pub(super) const PAGE: &[&str] = &["Limit", "Offset"];
/// The parameters of a page of a list that can be filtered.
pub(super) const FILTERED: &[&str] = &["Limit", "Offset", "Filters"];

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
}
