//! The document's lists of objects that have an id, and how one object is named in texts.

use std::fmt;

use serde_json::{Map, Value};

use super::members::{NAME, text};

/// One of the document's lists of objects that have an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collection {
    /// What one of the objects is called.
    pub noun: &'static str,
    /// The member of the document that holds the objects.
    pub list: &'static str,
    /// The member of an object that is its id.
    pub id: &'static str,
}

/// An object of a collection by its id and name: `acme (AKIDacme0001)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Unique in the collection.
    pub id: String,
    /// For people; empty when the object has none.
    pub name: String,
}

/// `services`
pub const SERVICES: Collection = Collection { noun: "service", list: "services", id: "id" };

/// `keys`
pub const KEYS: Collection = Collection { noun: "key", list: "keys", id: "secret_id" };

/// `usage_plans`
pub const USAGE_PLANS: Collection = Collection { noun: "usage plan", list: "usage_plans", id: "id" };

// === impl Named ===

impl Named {
    /// The id and name of `object`.
    pub fn of(collection: Collection, object: &Map<String, Value>) -> Self {
        Self::new(text(object, collection.id), text(object, NAME))
    }

    /// An object with that id and name; `name` is empty when it has none.
    pub fn new(id: &str, name: &str) -> Self {
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
