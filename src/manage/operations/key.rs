//! Operations on key pairs.

mod rotation;
mod secret;

use std::collections::HashMap;

use serde_json::{Map, Value};
use usage_plan_core::document::{Document, KEY_STATUS, KeyStatus, UsagePlan, word};

pub use self::rotation::{Rotated, Rotation, cancel_rotation, finish_rotation, rotate};
pub use self::secret::NewSecret;
use super::NewObject;
use crate::draft::{Draft, KEYS, Members, Named};
use crate::refusal::{Binding, Bound, KeyState, Refusal};

const STATUS: &str = "status";

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
