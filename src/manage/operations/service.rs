//! Operations on services.

use serde_json::{Map, Value};
use usage_plan_core::document::{Document, Service, UsagePlan};

use super::NewObject;
use crate::draft::{Draft, Members, Named, SERVICES};
use crate::refusal::{Binding, Bound, InUse, Refusal};

/// The member of a service that lists the environments that it is published to.
const ENVIRONMENTS: &str = "environments";

/// Creates a service and returns it as it is in the document.
pub fn create(draft: &mut Draft, new: NewObject) -> Result<Map<String, Value>, Refusal> {
    super::create(draft, SERVICES, new)
}

/// Sets members of a service and returns it as it is then.
pub fn edit(draft: &mut Draft, service: &str, members: Members) -> Result<Map<String, Value>, Refusal> {
    super::edit(draft, SERVICES, service, members)
}

/// Publishes a service to an environment. Where it is published already, it stays so.
pub fn publish(draft: &mut Draft, service: &str, environment: &str) -> Result<Named, Refusal> {
    edit_environments(draft, service, |environments| {
        if !environments.iter().any(|name| name == environment) {
            environments.push(environment.to_owned());
        }
    })
}

/// Takes a service out of environments to which no usage plan is bound. Where it is not published, it stays
/// so. An environment that paths name, or that is the default, is refused as a broken rule.
pub fn unpublish(draft: &mut Draft, service: &str, environments: &[String]) -> Result<Named, Refusal> {
    let named = draft.resolve(SERVICES, service)?;
    let is_left = |name: &str| environments.iter().any(|environment| environment == name);
    let bindings: Vec<Binding> = plans(draft.document(), &named.id)
        .filter(|(_, bound)| is_left(bound))
        .map(|(plan, bound)| binding(&named, plan, bound))
        .collect();
    if !bindings.is_empty() {
        let in_use = InUse { object: named, is_enabled: false, bindings };
        return Err(Refusal::InUse { collection: SERVICES, objects: vec![in_use] });
    }
    edit_environments(draft, &named.id, |published| published.retain(|name| !is_left(name)))
}

/// Sets the environments of a service. An empty list is written: without the member, there were three.
fn edit_environments(
    draft: &mut Draft,
    service: &str,
    edit: impl FnOnce(&mut Vec<String>),
) -> Result<Named, Refusal> {
    let service = draft.resolve(SERVICES, service)?;
    let object = draft.find_mut(SERVICES, &service.id)?;
    let names = object.get(ENVIRONMENTS).and_then(Value::as_array);
    let names = names.map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    let before: Vec<String> = names.unwrap_or_else(|| Service::default().environments);
    let mut environments = before.clone();
    edit(&mut environments);
    if environments != before {
        object.insert(ENVIRONMENTS.to_owned(), environments.into());
        draft.validate().map_err(Refusal::Rule)?;
    }
    Ok(service)
}

fn binding(service: &Named, plan: &UsagePlan, environment: &str) -> Binding {
    Binding {
        plan: Named::new(&plan.id, &plan.name),
        bound: Bound::Environment { service: service.clone(), environment: environment.to_owned() },
    }
}

/// Deletes services to which no usage plan is bound.
pub fn delete(draft: &mut Draft, services: &[String]) -> Result<Vec<Named>, Refusal> {
    let services = draft.resolve_all(SERVICES, services)?;
    let document = draft.document();
    let in_use = services.into_iter().map(|service| {
        let bindings = plans(document, &service.id);
        let bindings = bindings.map(|(plan, environment)| binding(&service, plan, environment)).collect();
        InUse { object: service, is_enabled: false, bindings }
    });
    let in_use = in_use.collect();
    super::delete(draft, SERVICES, in_use)
}

/// The usage plans that are bound to environments of a service, each with the environment's name.
pub fn plans<'d>(document: &'d Document, service_id: &str) -> impl Iterator<Item = (&'d UsagePlan, &'d str)> {
    document.usage_plans.iter().flat_map(move |plan| {
        let bound = plan.environments.iter().filter(move |bound| bound.service == service_id);
        bound.map(move |bound| (plan, bound.environment.as_str()))
    })
}
