//! The keys of a configuration, by which callers are found and verified.

use super::table::Index;
use super::usage_plan::PlanIndex;
use crate::document::{KeyStatus, Secret, Validity};
use crate::timestamp::Timestamp;

/// Finds a [`Key`] of a configuration.
pub type KeyIndex = Index<Key>;

/// A caller's key pair.
#[derive(Clone, Debug)]
pub struct Key {
    pub(super) name: String,
    pub(super) secret_id: String,
    pub(super) secret: Secret,
    /// The secret that the current one replaced, and the last time at which it verifies.
    pub(super) previous: Option<(Secret, Timestamp)>,
    pub(super) not_before: Option<Timestamp>,
    pub(super) not_after: Option<Timestamp>,
    pub(super) status: KeyStatus,
    /// The plans that the key is bound to, in ascending order.
    pub(super) usage_plans: Vec<PlanIndex>,
}

// === impl Key ===

impl Key {
    /// The id that callers send. It is unique among keys.
    pub fn secret_id(&self) -> &str {
        &self.secret_id
    }

    /// The secret that callers sign with.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether the key has a previous secret, even if it no longer verifies.
    pub fn has_previous_secret(&self) -> bool {
        self.previous.is_some()
    }

    /// The previous secret, if it still verifies at `now`.
    pub fn previous_secret_at(&self, now: Timestamp) -> Option<&Secret> {
        let (secret, not_after) = self.previous.as_ref()?;
        (Validity::at(now, None, Some(*not_after)) == Validity::Valid).then_some(secret)
    }

    /// Whether `now` is within `not_before` and `not_after`.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        Validity::at(now, self.not_before, self.not_after) == Validity::Valid
    }

    /// Whether the key is enabled.
    pub fn is_enabled(&self) -> bool {
        self.status == KeyStatus::Enabled
    }
}
