//! Operations on services.

use serde_json::{Map, Value};
use usage_plan_core::document::{Document, UsagePlan};

use super::NewObject;
use crate::draft::{Draft, Members, Named, SERVICES};
use crate::refusal::{Binding, Bound, InUse, Refusal};

/// Creates a service and returns it as it is in the document.
pub fn create(draft: &mut Draft, new: NewObject) -> Result<Map<String, Value>, Refusal> {
    super::create(draft, SERVICES, new)
}

/// Sets members of a service and returns it as it is then.
pub fn edit(draft: &mut Draft, service: &str, members: Members) -> Result<Map<String, Value>, Refusal> {
    super::edit(draft, SERVICES, service, members)
}

/// Deletes services to which no usage plan is bound.
pub fn delete(draft: &mut Draft, services: &[String]) -> Result<Vec<Named>, Refusal> {
    let services = draft.resolve_all(SERVICES, services)?;
    let document = draft.document();
    let in_use = services.into_iter().map(|service| {
        let bindings = plans(document, &service.id).map(|(plan, environment)| Binding {
            plan: Named::new(&plan.id, &plan.name),
            bound: Bound::Environment { service: service.clone(), environment: environment.to_owned() },
        });
        let bindings = bindings.collect();
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
