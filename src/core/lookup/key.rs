//! A key of a configuration, with which a caller is verified.

use std::slice;

use super::table::Index;
use super::usage_plan::PlanIndex;
use crate::document::{KeyStatus, Secret, Validity};
use crate::timestamp::Timestamp;

/// Finds a [`Key`] of a configuration.
pub type KeyIndex = Index<Key>;

/// A caller's key pair. A document can have a hundred thousand of them, so what few keys have is elsewhere.
#[derive(Clone, Debug)]
pub struct Key {
    pub(super) secret_id: Box<str>,
    pub(super) secret: Secret,
    pub(super) status: KeyStatus,
    pub(super) usage_plans: Plans,
    /// What limits the time of the key and of its secrets, if anything does.
    pub(super) times: Option<Box<Times>>,
}

/// The times of a key that has any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// The secret that the current one replaced, and the last time at which it verifies.
    pub(super) previous: Option<(Secret, Timestamp)>,
    pub(super) not_before: Option<Timestamp>,
    pub(super) not_after: Option<Timestamp>,
}

/// The plans that a key is bound to, in ascending order. Most keys have one.
#[derive(Clone, Debug)]
pub(super) enum Plans {
    /// The key is bound to no plan.
    Nothing,
    /// The key is bound to this plan.
    One(PlanIndex),
    /// The key is bound to these plans.
    Several(Vec<PlanIndex>),
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
        self.times.as_ref().is_some_and(|times| times.previous.is_some())
    }

    /// The previous secret, if it still verifies at `now`.
    pub fn previous_secret_at(&self, now: Timestamp) -> Option<&Secret> {
        let (secret, not_after) = self.times.as_ref()?.previous.as_ref()?;
        (Validity::at(now, None, Some(*not_after)) == Validity::Valid).then_some(secret)
    }

    /// Whether `now` is within `not_before` and `not_after`.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        let valid = |times: &Times| Validity::at(now, times.not_before, times.not_after) == Validity::Valid;
        self.times.as_deref().is_none_or(valid)
    }

    /// Whether the key is enabled.
    pub fn is_enabled(&self) -> bool {
        self.status == KeyStatus::Enabled
    }
}

// === impl Times ===

impl Times {
    /// Whether the key has any of them.
    pub(super) fn is_any(&self) -> bool {
        self.previous.is_some() || self.not_before.is_some() || self.not_after.is_some()
    }
}

// === impl Plans ===

impl Plans {
    pub(super) fn as_slice(&self) -> &[PlanIndex] {
        match self {
            Self::Nothing => &[],
            Self::One(plan) => slice::from_ref(plan),
            Self::Several(plans) => plans,
        }
    }

    /// Adds a plan that comes after all others. One that was added last is not added again.
    pub(super) fn add(&mut self, plan: PlanIndex) {
        match self {
            Self::Nothing => *self = Self::One(plan),
            Self::One(first) if *first != plan => *self = Self::Several(vec![*first, plan]),
            Self::Several(plans) if plans.last() != Some(&plan) => plans.push(plan),
            Self::One(_) | Self::Several(_) => {}
        }
    }
}
