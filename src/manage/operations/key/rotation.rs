//! Replacing a key's secret while callers still use the old one.

use std::time::Duration;

use serde_json::{Map, Value};
use usage_plan_core::document::{Key, SecretSource};
use usage_plan_core::timestamp::Timestamp;

use super::secret::{NewSecret, PRESENT_AND_PREVIOUS};
use crate::draft::{Draft, KEYS, Members, Named};
use crate::refusal::{KeyState, Refusal};

/// The end of the secret before the present one.
const PREVIOUS_NOT_AFTER: &str = "previous_secret_key_not_after";

/// How to give a key a new secret.
#[derive(Debug)]
pub struct Rotation<'a> {
    /// The new secret.
    pub secret: &'a NewSecret,
    /// How long the present secret keeps verifying; with zero it ends at once.
    pub overlap: Duration,
    /// End a still older secret, even if it still verifies.
    pub force: bool,
    /// The time from which `overlap` counts.
    pub now: Timestamp,
}

/// A key that has a new secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The key.
    pub key: Named,
    /// Until when the old secret verifies, inclusive; `None` if it no longer does.
    pub old_secret_until: Option<Timestamp>,
}

/// Gives a key a new secret.
pub fn rotate(draft: &mut Draft, key: &str, rotation: &Rotation<'_>) -> Result<Rotated, Refusal> {
    let key = draft.resolve(KEYS, key)?;
    if let Some(state) = draft.document().key(&key.id).and_then(|key| rotation.obstacle(key)) {
        return Err(Refusal::State { key, state });
    }
    let old_secret_until = end_of(rotation.overlap, rotation.now)?;
    let object = draft.find_mut(KEYS, &key.id)?;
    retire(object, old_secret_until);
    rotation.secret.add_to(Members::new()).apply(object);
    draft.validate().map_err(Refusal::Rule)?;
    Ok(Rotated { key, old_secret_until })
}

/// Ends a rotation: from now on the present secret alone verifies.
pub fn finish_rotation(draft: &mut Draft, key: &str) -> Result<Named, Refusal> {
    let key = find_rotated(draft, key)?;
    retire_previous(draft.find_mut(KEYS, &key.id)?);
    draft.validate().map_err(Refusal::Rule)?;
    Ok(key)
}

/// Takes a rotation back: the previous secret is the present one again, even if it has ended meanwhile. The
/// secret that replaced it verifies for `overlap` after `now`; with zero it ends at once.
pub fn cancel_rotation(
    draft: &mut Draft,
    key: &str,
    overlap: Duration,
    now: Timestamp,
) -> Result<Rotated, Refusal> {
    let key = find_rotated(draft, key)?;
    let old_secret_until = end_of(overlap, now)?;
    let object = draft.find_mut(KEYS, &key.id)?;
    let restored = PRESENT_AND_PREVIOUS.map(|(present, previous)| (present, object.shift_remove(previous)));
    retire(object, old_secret_until);
    for (present, secret) in restored {
        if let Some(secret) = secret {
            object.insert(present.to_owned(), secret);
        }
    }
    draft.validate().map_err(Refusal::Rule)?;
    Ok(Rotated { key, old_secret_until })
}

/// The key, which must have a previous secret.
fn find_rotated(draft: &Draft, key: &str) -> Result<Named, Refusal> {
    let key = draft.resolve(KEYS, key)?;
    match draft.document().key(&key.id).and_then(|key| key.previous.as_ref()) {
        Some(_) => Ok(key),
        None => Err(Refusal::State { key, state: KeyState::NotRotated }),
    }
}

/// Until when a secret verifies that is replaced `now`; `None` if it ends at once.
fn end_of(overlap: Duration, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    match now.saturating_add(overlap) {
        Timestamp::NEVER => Err(Refusal::OverlapTooLong),
        _ if overlap.is_zero() => Ok(None),
        until => Ok(Some(until)),
    }
}

// === impl Rotation ===

impl Rotation<'_> {
    /// What does not allow `key` the new secret.
    fn obstacle(&self, key: &Key) -> Option<KeyState> {
        if let Some(previous) = &key.previous
            && previous.verifies_at(self.now)
            && !self.force
        {
            return Some(KeyState::PreviousSecretVerifies { until: previous.not_after });
        }
        match (key.secret.as_ref()?, self.secret) {
            (SecretSource::Environment(_) | SecretSource::File(_), NewSecret::Random(_)) => {
                Some(KeyState::SecretElsewhere)
            }
            (SecretSource::Document(old), NewSecret::Given(SecretSource::Document(new))) if old == new => {
                Some(KeyState::SameSecret)
            }
            (SecretSource::Environment(old), NewSecret::Given(SecretSource::Environment(new)))
                if old == new =>
            {
                Some(KeyState::SameVariable)
            }
            (SecretSource::File(old), NewSecret::Given(SecretSource::File(new))) if old == new => {
                Some(KeyState::SameFile)
            }
            _ => None,
        }
    }
}

/// Makes the present secret the previous one, which verifies until then; without an end it is removed.
fn retire(key: &mut Map<String, Value>, until: Option<Timestamp>) {
    retire_previous(key);
    for (present, previous) in PRESENT_AND_PREVIOUS {
        if let Some(secret) = key.shift_remove(present)
            && until.is_some()
        {
            key.insert(previous.to_owned(), secret);
        }
    }
    Members::new().with(PREVIOUS_NOT_AFTER, until.map(Timestamp::to_rfc3339)).apply(key);
}

/// Removes the previous secret.
fn retire_previous(key: &mut Map<String, Value>) {
    for (_, previous) in PRESENT_AND_PREVIOUS {
        key.shift_remove(previous);
    }
    key.shift_remove(PREVIOUS_NOT_AFTER);
}
