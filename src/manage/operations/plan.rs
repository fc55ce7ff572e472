//! Operations on usage plans and their bindings.

mod bindings;
mod conflicts;
mod reset;

use serde_json::{Map, Value};

pub use self::bindings::{
    EnvironmentBindings, KeyBindings, Left, bind_environments, bind_keys, move_keys, move_to_environments,
    unbind_environments, unbind_keys,
};
pub use self::conflicts::{Conflict, conflicts};
pub use self::reset::{QuotaReset, Quotas, reset};
use super::{NewObject, named_key, named_service};
use crate::draft::{Draft, Members, Named, USAGE_PLANS};
use crate::refusal::{Binding, Bound, InUse, Refusal};

/// Creates a usage plan and returns it as it is in the document.
pub fn create(draft: &mut Draft, new: NewObject) -> Result<Map<String, Value>, Refusal> {
    super::create(draft, USAGE_PLANS, new)
}

/// Sets members of a usage plan and returns it as it is then. Resets of quotas that it no longer has go with
/// them.
pub fn edit(draft: &mut Draft, plan: &str, members: Members) -> Result<Map<String, Value>, Refusal> {
    let id = draft.resolve(USAGE_PLANS, plan)?.id;
    let plan = draft.find_mut(USAGE_PLANS, &id)?;
    members.clone().apply(plan);
    reset::drop_stale(plan);
    super::edit(draft, USAGE_PLANS, &id, members)
}

/// Deletes usage plans to which nothing is bound.
pub fn delete(draft: &mut Draft, plans: &[String]) -> Result<Vec<Named>, Refusal> {
    let plans = draft.resolve_all(USAGE_PLANS, plans)?;
    let document = draft.document();
    let in_use = plans.into_iter().map(|named| {
        let plan = document.usage_plan(&named.id);
        let bound = plan.into_iter().flat_map(|plan| {
            let keys = plan.keys.iter().map(|key| Bound::Key(named_key(document, key)));
            let environments = plan.environments.iter().map(|bound| Bound::Environment {
                service: named_service(document, &bound.service),
                environment: bound.environment.clone(),
            });
            keys.chain(environments)
        });
        let bindings = bound.map(|bound| Binding { plan: named.clone(), bound }).collect();
        InUse { object: named, is_enabled: false, bindings }
    });
    let in_use = in_use.collect();
    super::delete(draft, USAGE_PLANS, in_use)
}
