//! A secret for a key, and the members of the document that hold a key's secrets.

use usage_plan_core::document::{Secret, SecretSource};

use crate::draft::Members;

/// The members that hold the present secret, and those that hold the one before it.
pub(super) const PRESENT_AND_PREVIOUS: [(&str, &str); 3] = [
    ("secret_key", "previous_secret_key"),
    ("secret_key_env", "previous_secret_key_env"),
    ("secret_key_file", "previous_secret_key_file"),
];

/// A secret for a key.
#[derive(Debug)]
pub enum NewSecret {
    /// A random secret, which its owner still has to learn.
    Random(Secret),
    /// A secret that its owner already has.
    Given(SecretSource),
}

// === impl NewSecret ===

impl NewSecret {
    /// `members` and the one that holds this secret.
    pub(super) fn add_to(&self, members: Members) -> Members {
        let [(in_document, _), (in_environment, _), (in_file, _)] = PRESENT_AND_PREVIOUS;
        match self {
            Self::Random(secret) | Self::Given(SecretSource::Document(secret)) => {
                members.with(in_document, Some(secret.expose()))
            }
            Self::Given(SecretSource::Environment(name)) => members.with(in_environment, Some(name.as_str())),
            Self::Given(SecretSource::File(path)) => members.with(in_file, Some(path.as_str())),
        }
    }
}
