//! What the call is counted on, and what goes upstream.

use usage_plan_core::auth::Caller;
use usage_plan_core::document::{Api, CounterPer};
use usage_plan_core::gate::{Action, Forward};
use usage_plan_core::lookup::Route;
use usage_plan_core::reply::JoinedHeaders;
use usage_plan_core::sentence::Value;

use super::inquiry::Inquiry;
use super::phrases;
use super::step::{Step, escape_bytes};
use crate::limits::format_limits;

/// The steps of a request that is forwarded; none for one that is refused.
pub(super) fn steps(inquiry: Inquiry<'_>) -> Vec<Step> {
    let verdict = inquiry.verdict;
    let Action::Forward(forward) = &verdict.action else { return Vec::new() };
    let mut steps = Vec::new();
    if let (Some(caller), Some(route)) = (verdict.caller, verdict.route) {
        steps.push(counted(inquiry, caller, route, verdict.api));
    }
    steps.push(upstream(inquiry, forward));
    steps
}

/// The request as it is forwarded.
fn upstream(inquiry: Inquiry<'_>, forward: &Forward) -> Step {
    let detail = match &forward.path {
        Some(path) => phrases::UPSTREAM_CUT.put(escape_bytes(path)).into(),
        None => Value::from(escape_bytes(inquiry.request.path)),
    };
    let mut added = Vec::new();
    forward.show_identity(inquiry.config(), &JoinedHeaders::default(), |name, value| {
        added.push(format!("{name}: {value}"));
    });
    let step = Step::info("upstream", detail);
    let step = added.into_iter().fold(step, |step, field| step.with("adds", field));
    let mut removed: Vec<&str> = Vec::new();
    for name in forward.removed(inquiry.request.headers) {
        if !removed.contains(&name) {
            removed.push(name);
        }
    }
    removed.into_iter().fold(step, |step, name| step.with("removes", name))
}

/// The plan that the call is counted on, and the limits that apply to it.
fn counted(inquiry: Inquiry<'_>, caller: Caller, route: Route, api: Option<usize>) -> Step {
    let config = inquiry.config();
    let plan = config.usage_plan(caller.usage_plan);
    let limits = format_limits(plan.max_requests_per_second(), plan.burst(), plan.quotas());
    let detail = if limits.is_empty() {
        phrases::NO_LIMIT.put(plan.id())
    } else {
        phrases::ADMITS.put(plan.id()).put(limits)
    };
    let mut step = Step::info("counted on", detail);
    if let Some(api) = api.and_then(|index| plan.apis().get(index)) {
        step = step.with("API", show_api(api));
    }
    let key = config.key(caller.key).secret_id();
    let (environment, service) = (config.environment(route.environment), config.service(route.service));
    let environment = phrases::OF.put(environment.name()).put(service.id());
    let counter = match plan.counter_per() {
        CounterPer { key: false, environment: false } => phrases::ONE_COUNTER.into(),
        CounterPer { key: true, environment: false } => phrases::COUNTER_OF_KEY.put(key),
        CounterPer { key: false, environment: true } => phrases::COUNTER_OF.put(environment),
        CounterPer { key: true, environment: true } => phrases::COUNTER_OF_KEY_IN.put(key).put(environment),
    };
    step = step.with("counter", counter);
    if config.observes(plan) {
        step = step.with("", phrases::OBSERVED);
    }
    step
}

/// `GET,POST /orders/*: 5/s`
fn show_api(api: &Api) -> Value {
    let Api { methods, path, max_requests_per_second, quotas } = api;
    let name = format!("{} {path}", methods.join(","));
    let limits = format_limits(*max_requests_per_second, None, quotas);
    let name = name.trim_start();
    if limits.is_empty() {
        phrases::API_NO_LIMIT.put(name).into()
    } else {
        format!("{name}: {limits}").into()
    }
}
