//! Binding keys and environments to a usage plan, and unbinding them.

use serde_json::{Value, json};
use usage_plan_core::document::{Document, EnvironmentRef, KeyStatus, UsagePlan};

use super::conflicts::{Conflict, conflicts};
use super::reset::drop_stale;
use crate::draft::{Draft, KEYS, Named, SERVICES, USAGE_PLANS, edit_list};
use crate::refusal::{Binding, BindingKind, Bound, KeyState, Refusal};

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

/// A key that has left a usage plan for another one.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    /// The key.
    pub key: Named,
    /// The usage plan that it left.
    pub plan: Named,
}

/// Environments of a service that are bound to a usage plan, or no longer are.
#[derive(Debug, PartialEq, Eq)]
pub struct EnvironmentBindings {
    /// The usage plan.
    pub plan: Named,
    /// The service.
    pub service: Named,
    /// The environments' names.
    pub environments: Vec<String>,
    /// Those of them that no path of the service reaches (`docs/rules.md#routing`).
    pub unreached: Vec<String>,
}

/// Binds keys to a usage plan. A key that is already bound stays bound.
pub fn bind_keys(draft: &mut Draft, plan: &str, keys: &[String]) -> Result<KeyBindings, Refusal> {
    let bindings = KeyBindings::resolve(draft, plan, keys)?;
    bind(draft, &bindings)?;
    Ok(bindings)
}

/// Binds keys to a usage plan, and unbinds them from every plan that would conflict with it
/// (`docs/rules.md#conflict`). A plan of other environments keeps them.
pub fn move_keys(
    draft: &mut Draft,
    plan: &str,
    keys: &[String],
) -> Result<(KeyBindings, Vec<Left>), Refusal> {
    let bindings = KeyBindings::resolve(draft, plan, keys)?;
    let conflicting = conflicting(draft.document(), &bindings.plan.id);
    let left = bindings.keys.iter().flat_map(|key| {
        let plans = conflicting.iter().filter(|plan| plan.keys.contains(&key.id));
        plans.map(|plan| Left { key: key.clone(), plan: Named::new(&plan.id, &plan.name) })
    });
    let left: Vec<Left> = left.collect();
    leave(draft, &left)?;
    bind(draft, &bindings)?;
    Ok((bindings, left))
}

/// Binds environments to usage plans, each plan by its id, and unbinds keys from every other plan that would
/// conflict with it there. Plans of `new` that conflict with each other are refused.
pub fn move_to_environments(draft: &mut Draft, new: &[(&str, EnvironmentRef)]) -> Result<Vec<Left>, Refusal> {
    let mut left: Vec<Left> = Vec::new();
    for Conflict { key, plans, .. } in conflicts(draft.document(), None, new) {
        let mut others = plans.into_iter().filter(|plan| new.iter().all(|(id, _)| *id != plan.id));
        left.extend(others.next().map(|plan| Left { key, plan }));
    }
    leave(draft, &left)?;
    for (plan, EnvironmentRef { service, environment }) in new {
        bind_environments(draft, plan, service, std::slice::from_ref(environment))?;
    }
    left.dedup();
    Ok(left)
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
    drop_stale(draft.find_mut(USAGE_PLANS, &plan.id)?);
    Ok(bindings)
}

/// Binds environments of a service to a usage plan. An environment that is already bound stays bound.
pub fn bind_environments(
    draft: &mut Draft,
    plan: &str,
    service: &str,
    environments: &[String],
) -> Result<EnvironmentBindings, Refusal> {
    let bindings = EnvironmentBindings::resolve(draft, plan, service, environments)?;
    edit_list(draft.find_mut(USAGE_PLANS, &bindings.plan.id)?, BOUND_ENVIRONMENTS, |bound| {
        for environment in &bindings.environments {
            add_once(bound, bindings.item(environment));
        }
    });
    check_conflict(draft, BindingKind::Environment)?;
    Ok(bindings)
}

/// Unbinds environments of a service from a usage plan.
pub fn unbind_environments(
    draft: &mut Draft,
    plan: &str,
    service: &str,
    environments: &[String],
) -> Result<EnvironmentBindings, Refusal> {
    let bindings = EnvironmentBindings::resolve(draft, plan, service, environments)?;
    let EnvironmentBindings { plan, service, environments, .. } = &bindings;
    edit_list(draft.find_mut(USAGE_PLANS, &plan.id)?, BOUND_ENVIRONMENTS, |bound| {
        environments.iter().try_for_each(|environment| {
            let not_bound = || {
                let environment = environment.clone();
                not_bound(plan.clone(), Bound::Environment { service: service.clone(), environment })
            };
            remove(bound, &bindings.item(environment)).ok_or_else(not_bound)
        })
    })?;
    Ok(bindings)
}

// === impl KeyBindings ===

impl KeyBindings {
    fn resolve(draft: &Draft, plan: &str, keys: &[String]) -> Result<Self, Refusal> {
        let plan = draft.resolve(USAGE_PLANS, plan)?;
        Ok(Self { plan, keys: draft.resolve_all(KEYS, keys)? })
    }
}

// === impl EnvironmentBindings ===

impl EnvironmentBindings {
    /// Refuses an environment that the service does not have.
    fn resolve(draft: &Draft, plan: &str, service: &str, environments: &[String]) -> Result<Self, Refusal> {
        let plan = draft.resolve(USAGE_PLANS, plan)?;
        let service = draft.resolve(SERVICES, service)?;
        let mut bindings = Self { plan, service, environments: Vec::new(), unreached: Vec::new() };
        let Some(published) = draft.document().service(&bindings.service.id) else { return Ok(bindings) };
        for environment in environments {
            if !published.environments.contains(environment) {
                let (service, environment) = (bindings.service, environment.clone());
                let environments = published.environments.clone();
                return Err(Refusal::NoEnvironment { service, environment, environments });
            }
            if bindings.environments.contains(environment) {
                continue;
            }
            if !published.is_reached(environment) {
                bindings.unreached.push(environment.clone());
            }
            bindings.environments.push(environment.clone());
        }
        Ok(bindings)
    }

    /// The item of the plan's list.
    fn item(&self, environment: &str) -> Value {
        json!({"service": self.service.id, "environment": environment})
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

fn bind(draft: &mut Draft, KeyBindings { plan, keys }: &KeyBindings) -> Result<(), Refusal> {
    for key in keys {
        if draft.document().key(&key.id).is_some_and(|key| key.status == KeyStatus::Disabled) {
            return Err(Refusal::State { key: key.clone(), state: KeyState::Disabled });
        }
    }
    edit_list(draft.find_mut(USAGE_PLANS, &plan.id)?, BOUND_KEYS, |bound| {
        for key in keys {
            add_once(bound, key.id.as_str().into());
        }
    });
    check_conflict(draft, BindingKind::Key)
}

/// Takes keys off the plans that they leave.
fn leave(draft: &mut Draft, left: &[Left]) -> Result<(), Refusal> {
    for Left { key, plan } in left {
        let plan = draft.find_mut(USAGE_PLANS, &plan.id)?;
        edit_list(plan, BOUND_KEYS, |bound| bound.retain(|item| *item != key.id.as_str()));
        drop_stale(plan);
    }
    Ok(())
}

/// The other usage plans that are bound to an environment of the plan with this id.
fn conflicting<'d>(document: &'d Document, id: &str) -> Vec<&'d UsagePlan> {
    let environments = document.usage_plan(id).map_or(&[][..], |plan| &plan.environments);
    let shares = |plan: &&UsagePlan| plan.environments.iter().any(|bound| environments.contains(bound));
    document.usage_plans.iter().filter(|plan| plan.id != id).filter(shares).collect()
}

/// Refuses a binding that breaks the conflict rule. It is the only rule that a binding can break, because
/// what it binds is in the document, once.
fn check_conflict(draft: &Draft, kind: BindingKind) -> Result<(), Refusal> {
    draft.validate().map_err(|errors| Refusal::Conflict { kind, errors })
}
