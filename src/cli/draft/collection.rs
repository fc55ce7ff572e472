//! The document's lists of objects that have an id, and how messages name one.

use std::fmt;

use serde_json::{Map, Value};

use super::object::text;
use crate::error::Error;

/// One of the document's lists of objects that have an id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Collection {
    /// What one of them is called.
    pub(crate) noun: &'static str,
    /// The document's member that they are in.
    pub(crate) list: &'static str,
    /// Their member that is the id.
    pub(crate) id: &'static str,
    /// The command that edits them.
    command: &'static str,
}

/// One of a collection, as messages name it: `acme (AKIDacme0001)`.
pub(crate) struct Named {
    pub(crate) id: String,
    name: String,
}

/// `services`
pub(crate) const SERVICES: Collection =
    Collection { noun: "service", list: "services", id: "id", command: "service" };

/// `keys`
pub(crate) const KEYS: Collection = Collection { noun: "key", list: "keys", id: "secret_id", command: "key" };

/// `usage_plans`
pub(crate) const USAGE_PLANS: Collection =
    Collection { noun: "usage plan", list: "usage_plans", id: "id", command: "plan" };

// === impl Collection ===

impl Collection {
    pub(super) fn taken(self, member: &str, value: &str) -> Error {
        let Self { noun, .. } = self;
        Error::refused(format!(
            "a {noun} has the {member} \"{value}\" already: choose another, or edit that {noun}"
        ))
    }

    pub(super) fn unknown(self, reference: &str) -> Error {
        let Self { noun, id, command, .. } = self;
        Error::refused(format!(
            "no {noun} has the {id} or the name \"{reference}\": `usage-plan {command} list` shows which there are"
        ))
    }
}

// === impl Named ===

impl Named {
    pub(crate) fn of(collection: Collection, object: &Map<String, Value>) -> Self {
        Self::new(text(object, collection.id), text(object, "name"))
    }

    pub(crate) fn new(id: &str, name: &str) -> Self {
        Self { id: id.to_owned(), name: name.to_owned() }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            "" => f.write_str(&self.id),
            name => write!(f, "{name} ({})", self.id),
        }
    }
}
