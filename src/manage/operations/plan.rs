//! Operations on usage plans and their bindings.

use serde_json::{Map, Value, json};
use usage_plan_core::document::KeyStatus;

use super::{NewObject, named_key, named_service};
use crate::draft::{Draft, KEYS, Members, Named, SERVICES, USAGE_PLANS, edit_list};
use crate::refusal::{Binding, Bound, KeyState, Refusal};

/// The member of a plan that lists its keys, by their ids.
const BOUND_KEYS: &str = "keys";

/// The member of a plan that lists its environments.
const BOUND_ENVIRONMENTS: &str = "environments";

/// Keys that are bound to a usage plan, or no longer are.
#[derive(Debug, PartialEq, Eq)]
pub struct KeyBindings {
    /// The usage plan.
    pub plan: Named,
    /// The keys.
    pub keys: Vec<Named>,
}

/// An environment of a service that is bound to a usage plan, or no longer is.
#[derive(Debug, PartialEq, Eq)]
pub struct EnvironmentBinding {
    /// The usage plan.
    pub plan: Named,
    /// The service.
    pub service: Named,
    /// The environment's name.
    pub environment: String,
}

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

/// Binds keys to a usage plan. A key that is already bound stays bound.
pub fn bind_keys(draft: &mut Draft, plan: &str, keys: &[String]) -> Result<KeyBindings, Refusal> {
    let bindings = KeyBindings::resolve(draft, plan, keys)?;
    for key in &bindings.keys {
        if draft.document().key(&key.id).is_some_and(|key| key.status == KeyStatus::Disabled) {
            return Err(Refusal::State { key: key.clone(), state: KeyState::Disabled });
        }
    }
    edit_list(draft.find_mut(USAGE_PLANS, &bindings.plan.id)?, BOUND_KEYS, |bound| {
        for key in &bindings.keys {
            add_once(bound, key.id.as_str().into());
        }
    });
    check_conflict(draft)?;
    Ok(bindings)
}

/// Unbinds keys from a usage plan.
pub fn unbind_keys(draft: &mut Draft, plan: &str, keys: &[String]) -> Result<KeyBindings, Refusal> {
    let bindings = KeyBindings::resolve(draft, plan, keys)?;
    let KeyBindings { plan, keys } = &bindings;
    edit_list(draft.find_mut(USAGE_PLANS, &plan.id)?, BOUND_KEYS, |bound| {
        keys.iter().try_for_each(|key| {
            let not_bound = || not_bound(plan.clone(), Bound::Key(key.clone()));
            remove(bound, &key.id.as_str().into()).ok_or_else(not_bound)
        })
    })?;
    Ok(bindings)
}

/// Binds an environment of a service to a usage plan. An environment that is already bound stays bound.
pub fn bind_environment(
    draft: &mut Draft,
    plan: &str,
    service: &str,
    environment: &str,
) -> Result<EnvironmentBinding, Refusal> {
    let binding = EnvironmentBinding::resolve(draft, plan, service, environment)?;
    edit_list(draft.find_mut(USAGE_PLANS, &binding.plan.id)?, BOUND_ENVIRONMENTS, |bound| {
        add_once(bound, binding.item());
    });
    check_conflict(draft)?;
    Ok(binding)
}

/// Unbinds an environment of a service from a usage plan.
pub fn unbind_environment(
    draft: &mut Draft,
    plan: &str,
    service: &str,
    environment: &str,
) -> Result<EnvironmentBinding, Refusal> {
    let binding = EnvironmentBinding::resolve(draft, plan, service, environment)?;
    let plan = draft.find_mut(USAGE_PLANS, &binding.plan.id)?;
    match edit_list(plan, BOUND_ENVIRONMENTS, |bound| remove(bound, &binding.item())) {
        Some(()) => Ok(binding),
        None => {
            let EnvironmentBinding { plan, service, environment } = binding;
            Err(not_bound(plan, Bound::Environment { service, environment }))
        }
    }
}

// === impl KeyBindings ===

impl KeyBindings {
    fn resolve(draft: &Draft, plan: &str, keys: &[String]) -> Result<Self, Refusal> {
        let plan = draft.resolve(USAGE_PLANS, plan)?;
        let keys = keys.iter().map(|key| draft.resolve(KEYS, key)).collect::<Result<_, _>>()?;
        Ok(Self { plan, keys })
    }
}

// === impl EnvironmentBinding ===

impl EnvironmentBinding {
    /// Refuses an environment that the service does not have.
    fn resolve(draft: &Draft, plan: &str, service: &str, environment: &str) -> Result<Self, Refusal> {
        let plan = draft.resolve(USAGE_PLANS, plan)?;
        let service = draft.resolve(SERVICES, service)?;
        let environment = environment.to_owned();
        let environments =
            draft.document().service(&service.id).map_or(&[][..], |service| &service.environments);
        if !environments.contains(&environment) {
            let environments = environments.to_vec();
            return Err(Refusal::NoEnvironment { service, environment, environments });
        }
        Ok(Self { plan, service, environment })
    }

    /// The item of the plan's list.
    fn item(&self) -> Value {
        json!({"service": self.service.id, "environment": self.environment})
    }
}

fn not_bound(plan: Named, bound: Bound) -> Refusal {
    Refusal::NotBound(Box::new(Binding { plan, bound }))
}

fn add_once(list: &mut Vec<Value>, item: Value) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// Removes `item` from the list; `None` when it is not there.
fn remove(list: &mut Vec<Value>, item: &Value) -> Option<()> {
    let index = list.iter().position(|other| other == item)?;
    list.remove(index);
    Some(())
}

/// Refuses a binding that breaks the conflict rule. It is the only rule that a binding can break, because
/// what it binds is in the document, once.
fn check_conflict(draft: &Draft) -> Result<(), Refusal> {
    draft.validate().map_err(Refusal::Conflict)
}
