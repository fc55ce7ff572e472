//! Writes the members of a JSON object in order, and leaves out members with the default value.

use serde_json::{Map, Value};

/// An object of the document as JSON, its members in the order of `docs/document.md`.
pub type Members = Map<String, Value>;

/// The members of an object that is being written.
#[derive(Default)]
pub(super) struct Writer(Members);

// === impl Writer ===

impl Writer {
    /// Writes a member.
    pub(super) fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Writes a member, unless it has no value.
    pub(super) fn optional(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.member(name, value),
            None => self,
        }
    }

    /// Writes a string, unless it is empty.
    pub(super) fn string(self, name: &str, value: &str) -> Self {
        self.optional(name, (!value.is_empty()).then_some(value))
    }

    /// Writes a list, unless it is empty.
    pub(super) fn list<T>(self, name: &str, items: &[T], write: impl Fn(&T) -> Value) -> Self {
        let list = || items.iter().map(write).collect::<Value>();
        if items.is_empty() { self } else { self.member(name, list()) }
    }

    pub(super) fn finish(self) -> Members {
        self.0
    }
}
