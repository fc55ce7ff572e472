//! The document as an operator writes it: plain values, each within its own rules, references not yet followed.
//!
//! Units, defaults and rules of every field: SPEC section 3 and `docs/document.md`.

pub mod decode;
mod errors;
mod json;
pub mod names;
mod options;
mod reader;
mod secret;
mod usage_plan;

pub use self::errors::{Error, Errors};
pub(crate) use self::errors::{Path, Report};
pub(crate) use self::json::Json;
pub use self::options::*;
pub(crate) use self::reader::Value;
pub use self::secret::Secret;
pub use self::usage_plan::*;
use crate::timestamp::Timestamp;

/// The whole state: services, keys, usage plans and options.
#[derive(Debug, Default)]
pub struct Document {
    /// The published APIs.
    pub services: Vec<Service>,
    /// The callers' key pairs.
    pub keys: Vec<Key>,
    /// What the keys may call, and how much of it.
    pub usage_plans: Vec<UsagePlan>,
    /// What holds everywhere.
    pub options: Options,
}

/// A published API.
#[derive(Debug, Default)]
pub struct Service {
    /// Unique among services.
    pub id: String,
    /// For people.
    pub name: String,
    /// Exact hosts, `*.suffix` or `*`, lower case.
    pub domains: Vec<String>,
    /// Where the service is published.
    pub environments: Vec<String>,
    /// The environment of a path that names none.
    pub default_environment: Option<String>,
    /// When there are any, they replace the `/<environment>` prefix.
    pub path_mappings: Vec<PathMapping>,
    /// Whether callers must sign.
    pub authentication: Authentication,
    /// What a credential must sign besides a date, in lower case.
    pub required_signed_headers: Vec<String>,
    /// When it was made, for people.
    pub created_at: Option<Timestamp>,
}

/// A path prefix that stands for an environment.
#[derive(Debug, Default)]
pub struct PathMapping {
    /// `/` or `/segment/…` with no slash at the end.
    pub path: String,
    /// One of the service's environments.
    pub environment: String,
}

/// How the callers of a service are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authentication {
    /// Every call is signed with a key pair.
    #[default]
    KeyPair,
    /// A call without a credential passes; one with a credential is held to it.
    None,
}

/// A caller's key pair.
#[derive(Debug, Default)]
pub struct Key {
    /// For people.
    pub name: String,
    /// Unique among keys; callers send it.
    pub secret_id: String,
    /// What callers sign with.
    pub secret: Option<SecretSource>,
    /// What they signed with before.
    pub previous: Option<PreviousSecret>,
    /// Earlier than this the key is refused as an unknown one is.
    pub not_before: Option<Timestamp>,
    /// Later than this the key is refused as an unknown one is.
    pub not_after: Option<Timestamp>,
    /// A disabled key is refused as an unknown one is.
    pub status: KeyStatus,
    /// When it was made, for people.
    pub created_at: Option<Timestamp>,
}

/// Where a secret key is found.
#[derive(Debug)]
pub enum SecretSource {
    /// In the document.
    Document(Secret),
    /// In the variable of this name, in the VM's environment.
    Environment(String),
}

/// A secret key that was replaced, and verifies for a while yet.
#[derive(Debug)]
pub struct PreviousSecret {
    /// What callers may still sign with.
    pub secret: SecretSource,
    /// Until when, inclusive.
    pub not_after: Timestamp,
}

/// Whether a key may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyStatus {
    /// It may.
    #[default]
    Enabled,
    /// It may not.
    Disabled,
}

/// Where a moment is between the ends of a validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Before both.
    NotYet,
    /// Between them, or at one of them.
    Valid,
    /// After both.
    Expired,
}

// === impl Document ===

impl Document {
    /// The service with that id.
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// The key with that `secret_id`.
    pub fn key(&self, secret_id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.secret_id == secret_id)
    }

    /// The usage plan with that id.
    pub fn usage_plan(&self, id: &str) -> Option<&UsagePlan> {
        self.usage_plans.iter().find(|plan| plan.id == id)
    }
}

// === impl Key ===

impl Key {
    /// Whether the key is valid at `now`, whatever its status.
    pub fn validity_at(&self, now: Timestamp) -> Validity {
        Validity::at(now, self.not_before, self.not_after)
    }
}

// === impl PreviousSecret ===

impl PreviousSecret {
    /// Whether it still verifies at `now`.
    pub fn verifies_at(&self, now: Timestamp) -> bool {
        Validity::at(now, None, Some(self.not_after)) == Validity::Valid
    }
}

// === impl Validity ===

impl Validity {
    /// Where `now` is; without an end it never begins or ends.
    #[inline]
    pub(crate) fn at(now: Timestamp, not_before: Option<Timestamp>, not_after: Option<Timestamp>) -> Self {
        if not_before.is_some_and(|from| now < from) {
            Self::NotYet
        } else if not_after.is_some_and(|until| now > until) {
            Self::Expired
        } else {
            Self::Valid
        }
    }
}
