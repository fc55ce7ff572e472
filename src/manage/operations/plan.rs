//! Operations on usage plans and their bindings.

mod bindings;

use serde_json::{Map, Value};

pub use self::bindings::{
    EnvironmentBinding, KeyBindings, Left, bind_environment, bind_keys, move_keys, unbind_environment,
    unbind_keys,
};
use super::{NewObject, named_key, named_service};
use crate::draft::{Draft, Members, Named, USAGE_PLANS};
use crate::refusal::{Binding, Bound, Refusal};

/// Creates a usage plan and returns it as it is in the document.
pub fn create(draft: &mut Draft, new: NewObject) -> Result<Map<String, Value>, Refusal> {
    super::create(draft, USAGE_PLANS, new)
}

/// Sets members of a usage plan and returns it as it is then.
pub fn edit(draft: &mut Draft, plan: &str, members: Members) -> Result<Map<String, Value>, Refusal> {
    super::edit(draft, USAGE_PLANS, plan, members)
}

/// Deletes a usage plan to which nothing is bound.
pub fn delete(draft: &mut Draft, plan: &str) -> Result<Named, Refusal> {
    let plan = draft.resolve(USAGE_PLANS, plan)?;
    let document = draft.document();
    let bound = document.usage_plan(&plan.id).into_iter().flat_map(|plan| {
        let keys = plan.keys.iter().map(|key| Bound::Key(named_key(document, key)));
        let environments = plan.environments.iter().map(|bound| Bound::Environment {
            service: named_service(document, &bound.service),
            environment: bound.environment.clone(),
        });
        keys.chain(environments)
    });
    let bindings = bound.map(|bound| Binding { plan: plan.clone(), bound }).collect();
    super::delete(draft, USAGE_PLANS, plan, bindings)
}
