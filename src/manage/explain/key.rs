//! Whose key the credential names, and on which plan it is here.

use usage_plan_core::auth::credential::Credential;
use usage_plan_core::auth::{Claimed, Failure, find_caller};
use usage_plan_core::document::{self, EnvironmentRef};
use usage_plan_core::lookup::{Key, Route};
use usage_plan_core::sentence::Value;
use usage_plan_core::timestamp::Timestamp;

use super::inquiry::Inquiry;
use super::phrases;
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
    let step = Step::refused("key", phrases::NO_KEY.put(quote_bytes(id)));
    let is_similar = |key: &&document::Key| {
        key.name.as_bytes() == id
            || key.secret_id.as_bytes().eq_ignore_ascii_case(id)
            || key.secret_id.as_bytes() == id.trim_ascii()
    };
    match inquiry.document().keys.iter().find(is_similar) {
        Some(key) => step.with("", phrases::DID_YOU_MEAN.put(key.secret_id.as_str())),
        None => step,
    }
}

/// Whether the key is enabled and valid at the time; `failure` is why it is not a caller's key here.
fn validity(failure: Option<&Failure>, written: &document::Key) -> Step {
    let name = Named::new(&written.secret_id, &written.name).to_string();
    let time = |time: Timestamp| time.to_rfc3339();
    let valid: Value = match (written.not_before, written.not_after) {
        (None, None) => "".into(),
        (Some(from), None) => phrases::VALID_FROM.put(time(from)).into(),
        (None, Some(until)) => phrases::VALID_UNTIL.put(time(until)).into(),
        (Some(from), Some(until)) => phrases::VALID_BETWEEN.put(time(from)).put(time(until)).into(),
    };
    match failure {
        Some(Failure::KeyDisabled) => Step::refused("key", phrases::KEY_DISABLED.put(name)),
        Some(Failure::KeyExpired) => Step::refused("key", phrases::NOT_NOW.put(name).put(valid)),
        _ => Step::passed("key", phrases::KEY_ENABLED.put(name).put(valid)),
    }
}

/// The plan that the key has in the environment, or where else it has plans.
fn plan(inquiry: Inquiry<'_>, key: &Key, route: Route) -> Step {
    let config = inquiry.config();
    let environment = config.environment(route.environment);
    let (service, name) = (config.service(route.service).id(), environment.name());
    if let Some(plan) = config.find_usage_plan(key, environment) {
        let id = config.usage_plan(plan).id();
        return Step::passed("plan", phrases::ON_PLAN.put(id).put(name).put(service));
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
        phrases::UNBOUND.into()
    } else if bound.is_empty() {
        let ids: Vec<&str> = plans.iter().map(|plan| plan.id.as_str()).collect();
        phrases::PLANS_ELSEWHERE.put(ids.join(", ")).put(service)
    } else {
        phrases::PLANS_IN.put(service).put(bound.join(", "))
    };
    let detail = phrases::NO_PLAN.put(name).put(service);
    Step::refused("plan", detail).with("", elsewhere)
}
