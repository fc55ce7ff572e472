//! Operations on key pairs.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value};
use usage_plan_core::document::{
    Document, KEY_STATUS, Key, KeyStatus, Secret, SecretSource, UsagePlan, word,
};
use usage_plan_core::timestamp::Timestamp;

use super::NewObject;
use crate::draft::{Draft, KEYS, Members, Named};
use crate::refusal::{Binding, Bound, KeyState, Refusal};

/// The members that hold the present secret, and those that hold the one before it.
const PRESENT_AND_PREVIOUS: [(&str, &str); 2] =
    [("secret_key", "previous_secret_key"), ("secret_key_env", "previous_secret_key_env")];

/// The end of the secret before the present one.
const PREVIOUS_NOT_AFTER: &str = "previous_secret_key_not_after";

const STATUS: &str = "status";

/// A secret for a key.
#[derive(Debug)]
pub enum NewSecret {
    /// A random secret, which its owner still has to learn.
    Random(Secret),
    /// A secret that its owner already has.
    Given(SecretSource),
}

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

/// Creates a key pair and returns its object, secret included.
pub fn create(draft: &mut Draft, new: NewObject, secret: &NewSecret) -> Result<Map<String, Value>, Refusal> {
    let members = secret.add_to(Members::new()).and(new.members);
    super::create(draft, KEYS, NewObject { members, ..new })
}

/// Sets members of a key and returns its object, secrets included.
pub fn edit(draft: &mut Draft, key: &str, members: Members) -> Result<Map<String, Value>, Refusal> {
    super::edit(draft, KEYS, key, members)
}

/// Enables or disables a key.
pub fn set_status(draft: &mut Draft, key: &str, status: KeyStatus) -> Result<Named, Refusal> {
    let key = draft.resolve(KEYS, key)?;
    let current = draft.document().key(&key.id).map(|key| key.status);
    if current != Some(status) {
        draft.find_mut(KEYS, &key.id)?.insert(STATUS.to_owned(), word(&KEY_STATUS, status).into());
    }
    draft.validate().map_err(Refusal::Rule)?;
    Ok(key)
}

/// Gives a key a new secret.
pub fn rotate(draft: &mut Draft, key: &str, rotation: &Rotation<'_>) -> Result<Rotated, Refusal> {
    let key = draft.resolve(KEYS, key)?;
    if let Some(state) = draft.document().key(&key.id).and_then(|key| rotation.obstacle(key)) {
        return Err(Refusal::State { key, state });
    }
    let until = rotation.now.saturating_add(rotation.overlap);
    if until == Timestamp::NEVER {
        return Err(Refusal::OverlapTooLong);
    }
    let old_secret_until = if rotation.overlap.is_zero() { None } else { Some(until) };
    let object = draft.find_mut(KEYS, &key.id)?;
    retire(object, old_secret_until);
    rotation.secret.add_to(Members::new()).apply(object);
    Members::new().with(PREVIOUS_NOT_AFTER, old_secret_until.map(Timestamp::to_rfc3339)).apply(object);
    draft.validate().map_err(Refusal::Rule)?;
    Ok(Rotated { key, old_secret_until })
}

/// Deletes a key that is disabled and bound to nothing.
pub fn delete(draft: &mut Draft, key: &str) -> Result<Named, Refusal> {
    let key = draft.resolve(KEYS, key)?;
    let document = draft.document();
    let plans = plans(document).remove(key.id.as_str()).unwrap_or_default();
    if plans.is_empty() && document.key(&key.id).is_some_and(|key| key.status == KeyStatus::Enabled) {
        return Err(Refusal::State { key, state: KeyState::Enabled });
    }
    let binding =
        |plan: &UsagePlan| Binding { plan: Named::new(&plan.id, &plan.name), bound: Bound::Key(key.clone()) };
    let bindings = plans.into_iter().map(binding).collect();
    super::delete(draft, KEYS, key, bindings)
}

/// The usage plans that each key is bound to, by the key's id.
pub fn plans(document: &Document) -> HashMap<&str, Vec<&UsagePlan>> {
    let mut plans: HashMap<&str, Vec<&UsagePlan>> = HashMap::new();
    for plan in &document.usage_plans {
        for key in &plan.keys {
            plans.entry(key).or_default().push(plan);
        }
    }
    plans
}

// === impl NewSecret ===

impl NewSecret {
    fn add_to(&self, members: Members) -> Members {
        let [(in_document, _), (in_environment, _)] = PRESENT_AND_PREVIOUS;
        match self {
            Self::Random(secret) | Self::Given(SecretSource::Document(secret)) => {
                members.with(in_document, Some(secret.expose()))
            }
            Self::Given(SecretSource::Environment(name)) => members.with(in_environment, Some(name.as_str())),
        }
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
            (SecretSource::Environment(_), NewSecret::Random(_)) => Some(KeyState::SecretInEnvironment),
            (SecretSource::Document(old), NewSecret::Given(SecretSource::Document(new))) if old == new => {
                Some(KeyState::SameSecret)
            }
            (SecretSource::Environment(old), NewSecret::Given(SecretSource::Environment(new)))
                if old == new =>
            {
                Some(KeyState::SameVariable)
            }
            _ => None,
        }
    }
}

/// Makes the present secret the previous one, which verifies until then; without an end it is removed.
fn retire(key: &mut Map<String, Value>, until: Option<Timestamp>) {
    for (current, previous) in PRESENT_AND_PREVIOUS {
        key.shift_remove(previous);
        if let Some(secret) = key.shift_remove(current)
            && until.is_some()
        {
            key.insert(previous.to_owned(), secret);
        }
    }
    key.shift_remove(PREVIOUS_NOT_AFTER);
}
