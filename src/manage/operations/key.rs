//! Operations on key pairs.

mod rotation;
mod secret;

use std::collections::HashMap;

use serde_json::{Map, Value};
use usage_plan_core::document::{Document, KEY_STATUS, KeyStatus, UsagePlan, word};

pub use self::rotation::{Rotated, Rotation, cancel_rotation, finish_rotation, rotate};
pub use self::secret::NewSecret;
use super::NewObject;
use super::plan::bind_keys;
use crate::draft::{Draft, KEYS, Members, Named, USAGE_PLANS, text};
use crate::refusal::{Binding, Bound, InUse, Refusal};

const STATUS: &str = "status";

/// Creates a key pair, binds it to usage plans, and returns its object, secret included, and the plans.
pub fn create(
    draft: &mut Draft,
    new: NewObject,
    secret: &NewSecret,
    plans: &[String],
) -> Result<(Map<String, Value>, Vec<Named>), Refusal> {
    let members = secret.add_to(Members::new()).and(new.members);
    let object = super::create(draft, KEYS, NewObject { members, ..new })?;
    let id = [text(&object, KEYS.id).to_owned()];
    let plans = draft.resolve_all(USAGE_PLANS, plans)?;
    for plan in &plans {
        // The key is on no plan that it could be moved from.
        bind_keys(draft, &plan.id, &id).map_err(|refusal| match refusal {
            Refusal::Conflict { errors, .. } => Refusal::Rule(errors),
            refusal => refusal,
        })?;
    }
    Ok((object, plans))
}

/// Sets members of a key and returns its object, secrets included.
pub fn edit(draft: &mut Draft, key: &str, members: Members) -> Result<Map<String, Value>, Refusal> {
    super::edit(draft, KEYS, key, members)
}

/// Enables or disables keys.
pub fn set_status(draft: &mut Draft, keys: &[String], status: KeyStatus) -> Result<Vec<Named>, Refusal> {
    let keys = draft.resolve_all(KEYS, keys)?;
    for key in &keys {
        let current = draft.document().key(&key.id).map(|key| key.status);
        if current != Some(status) {
            draft.find_mut(KEYS, &key.id)?.insert(STATUS.to_owned(), word(&KEY_STATUS, status).into());
        }
    }
    draft.validate().map_err(Refusal::Rule)?;
    Ok(keys)
}

/// Deletes keys that are disabled and bound to nothing.
pub fn delete(draft: &mut Draft, keys: &[String]) -> Result<Vec<Named>, Refusal> {
    let keys = draft.resolve_all(KEYS, keys)?;
    let document = draft.document();
    let plans = plans(document);
    let in_use = keys.into_iter().map(|key| {
        let plans = plans.get(key.id.as_str()).into_iter().flatten();
        let bindings = plans
            .map(|plan| Binding { plan: Named::new(&plan.id, &plan.name), bound: Bound::Key(key.clone()) })
            .collect();
        let is_enabled = document.key(&key.id).is_some_and(|key| key.status == KeyStatus::Enabled);
        InUse { object: key, is_enabled, bindings }
    });
    let in_use = in_use.collect();
    super::delete(draft, KEYS, in_use)
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
