//! What an import would have in the document, and what of its source it cannot have there.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::draft::{self, Collection, text};

/// An object of the document.
pub(super) type Object = Map<String, Value>;

/// What an import would have in the document. Has no `Debug`: secrets pass through it.
#[derive(Default)]
pub(super) struct Proposal {
    pub(super) services: Vec<Object>,
    pub(super) keys: Vec<Object>,
    /// Without what is bound to them.
    pub(super) usage_plans: Vec<Object>,
    pub(super) key_bindings: Vec<KeyBinding>,
    pub(super) environment_bindings: Vec<EnvironmentBinding>,
    pub(super) notes: Notes,
}

/// A key and the plan that it is bound to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct KeyBinding {
    pub(super) usage_plan: String,
    pub(super) secret_id: String,
}

/// An environment and the plan that it is bound to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct EnvironmentBinding {
    pub(super) usage_plan: String,
    pub(super) service: String,
    pub(super) environment: String,
}

/// What can be carried over, one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Service,
    Key,
    UsagePlan,
    KeyBinding,
    EnvironmentBinding,
}

/// What was not carried over as it was.
#[derive(Default)]
pub(super) struct Notes {
    list: Vec<Note>,
    /// The ids of what was left out.
    left_out: HashSet<(Part, String)>,
}

/// Something that was not carried over as it was, and why.
pub(super) struct Note {
    pub(super) object: String,
    pub(super) reason: String,
}

// === impl Part ===

impl Part {
    pub(super) const ALL: [Self; 5] =
        [Self::Service, Self::Key, Self::UsagePlan, Self::KeyBinding, Self::EnvironmentBinding];

    /// The document's list of such objects, for those that have an id.
    pub(super) fn collection(self) -> Option<Collection> {
        match self {
            Self::Service => Some(draft::SERVICES),
            Self::Key => Some(draft::KEYS),
            Self::UsagePlan => Some(draft::USAGE_PLANS),
            Self::KeyBinding | Self::EnvironmentBinding => None,
        }
    }

    /// The name of that list, and of those that bindings are counted in.
    pub(super) fn list(self) -> &'static str {
        match self {
            Self::Service => draft::SERVICES.list,
            Self::Key => draft::KEYS.list,
            Self::UsagePlan => draft::USAGE_PLANS.list,
            Self::KeyBinding => "key_bindings",
            Self::EnvironmentBinding => "environment_bindings",
        }
    }

    /// The member that is its id.
    pub(super) fn id(self) -> &'static str {
        self.collection().map_or("id", |collection| collection.id)
    }

    /// An object of this kind as messages name it: `key acme (AKIDacme0001)`.
    pub(super) fn named(self, object: &Object) -> String {
        let noun = self.collection().map_or("binding", |collection| collection.noun);
        match (text(object, "name"), text(object, self.id())) {
            ("", id) => format!("{noun} {id}"),
            (name, id) => format!("{noun} {name} ({id})"),
        }
    }
}

// === impl Notes ===

impl Notes {
    /// `object` is carried over, but not as it was.
    pub(super) fn add(&mut self, object: impl Into<String>, reason: impl Into<String>) {
        self.list.push(Note { object: object.into(), reason: reason.into() });
    }

    /// An object of the document's is not carried over, and neither is what is bound to it.
    pub(super) fn leave_out(&mut self, part: Part, object: &Object, reason: impl Into<String>) {
        self.left_out.insert((part, text(object, part.id()).to_owned()));
        self.add(part.named(object), reason);
    }

    /// A binding is not carried over. `id` is its own among bindings.
    pub(super) fn leave_binding_out(&mut self, part: Part, id: String) {
        self.left_out.insert((part, id));
    }

    pub(super) fn is_left_out(&self, part: Part, id: &str) -> bool {
        self.left_out.contains(&(part, id.to_owned()))
    }

    /// How many of a kind were left out.
    pub(super) fn count(&self, part: Part) -> usize {
        self.left_out.iter().filter(|(of, _)| *of == part).count()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Note> {
        self.list.iter()
    }
}
