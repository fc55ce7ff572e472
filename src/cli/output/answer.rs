//! What a command prints when it has done its work.

use std::ffi::OsString;

use clap::ValueEnum;
use serde_json::{Map, Value, json};
use usage_plan_manage::draft::{Collection, Named};

use super::error::Kind;
pub(crate) use super::table::{Cell, Column, Table, Tone};
pub(crate) use super::text::Text;

/// `--output`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text and tables
    #[default]
    Text,
    /// JSON on standard output, and errors as JSON on standard error
    Json,
    /// Text and tables, with ids, times and remarks
    Wide,
}

/// Whom the output is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// People.
    Text,
    /// Programs.
    Json,
}

/// What a command prints.
#[derive(Debug)]
pub(crate) struct Answer {
    /// For people.
    pub(crate) text: Text,
    /// For programs: the same, and more.
    pub(crate) json: Value,
    /// What may be different from what the user expects; printed on standard error.
    pub(crate) warnings: Vec<String>,
    /// The command did its work, but the result is a failure, of this kind.
    pub(crate) failed: Option<Kind>,
}

// === impl Format ===

impl Format {
    pub(crate) fn output(self) -> Output {
        match self {
            Self::Json => Output::Json,
            Self::Text | Self::Wide => Output::Text,
        }
    }

    /// The format that the command line asks for, even if the rest of it cannot be read.
    pub(crate) fn wanted_in(arguments: &[OsString]) -> Self {
        let is_flag = |flag: &OsString| flag == "--output" || flag == "-o";
        let is_json = |pair: &[OsString]| matches!(pair, [flag, json] if is_flag(flag) && json == "json");
        let in_one_word = ["--output=json", "-o=json", "-ojson"];
        let wants_json = arguments.windows(2).any(is_json)
            || arguments.iter().any(|word| in_one_word.iter().any(|flag| word == flag));
        if wants_json { Self::Json } else { Self::Text }
    }
}

// === impl Answer ===

impl Answer {
    /// An answer without a warning.
    pub(crate) fn new(text: impl Into<Text>, json: Value) -> Self {
        Self { text: text.into(), json, warnings: Vec::new(), failed: None }
    }

    /// The answer of a command that has `done` (created, edited) an object.
    pub(crate) fn object(collection: Collection, object: Map<String, Value>, done: &str) -> Self {
        let Collection { noun, .. } = collection;
        Self::new(format!("{noun} {} is {done}", Named::of(collection, &object)), object.into())
    }

    /// The answer of a command that has deleted an object.
    pub(crate) fn deleted(collection: Collection, object: &Named) -> Self {
        let Collection { noun, id, .. } = collection;
        Self::new(format!("{noun} {object} is deleted"), json!({id: object.id, "deleted": true}))
    }

    /// The same answer with one more warning.
    #[must_use]
    pub(crate) fn warn(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// Sets a member of the JSON object.
    pub(crate) fn insert(&mut self, member: &str, value: impl Into<Value>) {
        if let Some(object) = self.json.as_object_mut() {
            object.insert(member.to_owned(), value.into());
        }
    }
}
