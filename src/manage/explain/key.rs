//! Whose key the credential names, and on which plan it is here.

use usage_plan_core::auth::credential::Credential;
use usage_plan_core::auth::{Claimed, Failure, find_caller};
use usage_plan_core::document::{self, EnvironmentRef};
use usage_plan_core::lookup::{Key, Route};

use super::inquiry::Inquiry;
use super::step::{Step, quote_bytes};
use crate::draft::Named;

/// The steps, and the key that the credential names as the document has it.
pub(super) fn steps<'a>(
    inquiry: Inquiry<'a>,
    route: Route,
    credential: &Credential<'_>,
) -> (Vec<Step>, Option<&'a document::Key>) {
    let config = inquiry.config();
    let index = config.find_key(credential.id);
    let written = index.and_then(|index| inquiry.document().key(config.key(index).secret_id()));
    let Some((index, written)) = index.zip(written) else {
        return (vec![unknown(inquiry, credential.id)], None);
    };
    let environment = config.environment(route.environment);
    let failure = find_caller(config, environment, Claimed::Key(index), inquiry.now).err();
    (vec![validity(failure.as_ref(), written), plan(inquiry, config.key(index), route)], Some(written))
}

fn unknown(inquiry: Inquiry<'_>, id: &[u8]) -> Step {
    let step = Step::refused("key", format!("no key has the secret_id {}", quote_bytes(id)));
    let is_similar = |key: &&document::Key| {
        key.name.as_bytes() == id
            || key.secret_id.as_bytes().eq_ignore_ascii_case(id)
            || key.secret_id.as_bytes() == id.trim_ascii()
    };
    match inquiry.document().keys.iter().find(is_similar) {
        Some(key) => step.with("", format!("did the caller mean \"{}\"?", key.secret_id)),
        None => step,
    }
}

/// Whether the key is enabled and valid at the time; `failure` is why it is not a caller's key here.
fn validity(failure: Option<&Failure>, written: &document::Key) -> Step {
    let name = Named::new(&written.secret_id, &written.name);
    let mut valid = String::new();
    if written.not_before.is_some() || written.not_after.is_some() {
        valid.push_str(", valid");
    }
    if let Some(from) = written.not_before {
        valid.push_str(&format!(" from {}", from.to_rfc3339()));
    }
    if let Some(until) = written.not_after {
        valid.push_str(&format!(" until {}", until.to_rfc3339()));
    }
    match failure {
        Some(Failure::KeyDisabled) => Step::refused("key", format!("{name} is disabled")),
        Some(Failure::KeyExpired) => {
            Step::refused("key", format!("{name}{valid}: not at the time of the clock"))
        }
        _ => Step::passed("key", format!("{name}, enabled{valid}")),
    }
}

/// The plan that the key has in the environment, or where else it has plans.
fn plan(inquiry: Inquiry<'_>, key: &Key, route: Route) -> Step {
    let config = inquiry.config();
    let environment = config.environment(route.environment);
    let (service, name) = (config.service(route.service).id(), environment.name());
    if let Some(plan) = config.find_usage_plan(key, environment) {
        let id = config.usage_plan(plan).id();
        return Step::passed("plan", format!("{id} is bound to the key and to {name} of {service}"));
    }
    let plans = inquiry.document().usage_plans.iter();
    let plans: Vec<_> = plans.filter(|plan| plan.keys.iter().any(|id| id == key.secret_id())).collect();
    let is_here = |bound: &&EnvironmentRef| bound.service == service;
    let bound = plans.iter().flat_map(|plan| {
        let here = plan.environments.iter().filter(is_here);
        here.map(|bound| format!("{} ({})", bound.environment, plan.id))
    });
    let bound: Vec<String> = bound.collect();
    let elsewhere = if plans.is_empty() {
        "the key is bound to no plan".to_owned()
    } else if bound.is_empty() {
        let ids: Vec<&str> = plans.iter().map(|plan| plan.id.as_str()).collect();
        format!("the key's plans ({}) are bound to no environment of {service}", ids.join(", "))
    } else {
        format!("in {service} the key has plans in {}", bound.join(", "))
    };
    let detail = format!("the key has no plan in {name} of {service}");
    Step::refused("plan", detail).with("", elsewhere)
}
