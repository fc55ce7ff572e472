//! What an import adds to the document, and what of its source the document cannot have.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::draft::{self, Collection, text};

/// An object of the document.
pub(super) type Object = Map<String, Value>;

/// What an import adds to the document. Has no `Debug`: it holds secrets.
#[derive(Default)]
pub struct Proposal {
    pub(super) services: Vec<Object>,
    pub(super) keys: Vec<Object>,
    /// Without their bindings.
    pub(super) usage_plans: Vec<Object>,
    pub(super) key_bindings: Vec<KeyBinding>,
    pub(super) environment_bindings: Vec<EnvironmentBinding>,
    pub(super) notes: Notes,
}

/// A key that is bound to a plan.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct KeyBinding {
    pub(super) usage_plan: String,
    pub(super) secret_id: String,
}

/// An environment that is bound to a plan.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct EnvironmentBinding {
    pub(super) usage_plan: String,
    pub(super) service: String,
    pub(super) environment: String,
}

/// The kinds of entries that can be carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// A service.
    Service,
    /// A key.
    Key,
    /// A usage plan.
    UsagePlan,
    /// A key's binding to a plan.
    KeyBinding,
    /// An environment's binding to a plan.
    EnvironmentBinding,
}

/// What was not carried over as it was.
#[derive(Default)]
pub(super) struct Notes {
    list: Vec<Note>,
    /// The ids of the entries that were left out.
    left_out: HashSet<(Entry, String)>,
}

/// Something that was not carried over as it was, and why.
#[derive(Debug)]
pub struct Note {
    /// The object or the subject, such as `key acme (AKIDacme0001)` or `signatures`.
    pub object: String,
    /// What was not carried over and why, as the rest of a sentence about the object.
    pub reason: String,
    /// What the operator can do about it.
    pub advice: Option<Advice>,
}

/// What the operator can do about something that was not carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Bind environments of a service to the imported plans.
    BindEnvironments,
    /// Bind the whole environment to the plan, which lets its keys call every API there.
    BindWholeEnvironment,
    /// Write the secret into the source, or create the key with its secret in a variable.
    CreateKey,
}

// === impl Entry ===

impl Entry {
    /// All kinds, in the order in which they are counted.
    pub const ALL: [Self; 5] =
        [Self::Service, Self::Key, Self::UsagePlan, Self::KeyBinding, Self::EnvironmentBinding];

    /// The document's list of such objects; `None` for bindings, which are members of plans.
    pub(super) fn collection(self) -> Option<Collection> {
        match self {
            Self::Service => Some(draft::SERVICES),
            Self::Key => Some(draft::KEYS),
            Self::UsagePlan => Some(draft::USAGE_PLANS),
            Self::KeyBinding | Self::EnvironmentBinding => None,
        }
    }

    /// The name of the document's list, or the word for this kind of bindings.
    pub fn list(self) -> &'static str {
        match self {
            Self::Service => draft::SERVICES.list,
            Self::Key => draft::KEYS.list,
            Self::UsagePlan => draft::USAGE_PLANS.list,
            Self::KeyBinding => "key_bindings",
            Self::EnvironmentBinding => "environment_bindings",
        }
    }

    /// The name of the member that holds the id.
    pub(super) fn id(self) -> &'static str {
        self.collection().map_or("id", |collection| collection.id)
    }

    /// How messages name an object of this kind: `key acme (AKIDacme0001)`.
    pub(super) fn label(self, object: &Object) -> String {
        let noun = self.collection().map_or("binding", |collection| collection.noun);
        match (text(object, "name"), text(object, self.id())) {
            ("", id) => format!("{noun} {id}"),
            (name, id) => format!("{noun} {name} ({id})"),
        }
    }
}

// === impl Notes ===

impl Notes {
    /// Notes that `object` is carried over, but not as it was.
    pub(super) fn add(&mut self, object: impl Into<String>, reason: impl Into<String>) {
        self.add_with(object, reason, None);
    }

    /// Like [`add`](Self::add), with advice on what to do about it.
    pub(super) fn add_with(
        &mut self,
        object: impl Into<String>,
        reason: impl Into<String>,
        advice: impl Into<Option<Advice>>,
    ) {
        self.list.push(Note { object: object.into(), reason: reason.into(), advice: advice.into() });
    }

    /// Notes that an object is not carried over, and neither are its bindings.
    pub(super) fn leave_out(&mut self, entry: Entry, object: &Object, reason: impl Into<String>) {
        self.mark_left_out(entry, text(object, entry.id()));
        self.add(entry.label(object), reason);
    }

    /// Counts an entry as left out. `id` identifies it among the entries of its kind.
    pub(super) fn mark_left_out(&mut self, entry: Entry, id: impl Into<String>) {
        self.left_out.insert((entry, id.into()));
    }

    pub(super) fn is_left_out(&self, entry: Entry, id: &str) -> bool {
        self.left_out.contains(&(entry, id.to_owned()))
    }

    /// How many entries of a kind were left out.
    pub(super) fn count(&self, entry: Entry) -> usize {
        self.left_out.iter().filter(|(kind, _)| *kind == entry).count()
    }

    pub(super) fn into_list(self) -> Vec<Note> {
        self.list
    }
}
