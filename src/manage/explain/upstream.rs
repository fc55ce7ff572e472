//! What the call is counted on, and what goes upstream.

use usage_plan_core::auth::Caller;
use usage_plan_core::document::{Api, CounterPer};
use usage_plan_core::gate::decision::{Decision, upstream_path};
use usage_plan_core::lookup::{Key, Target, UsagePlan};
use usage_plan_core::reply::Identity;

use super::conclusion::Conclusion;
use super::inquiry::Inquiry;
use super::step::{Step, escape_bytes};
use crate::limits::format_limits;

/// The steps of a request that is forwarded; none for one that is refused.
pub(super) fn steps(inquiry: Inquiry<'_>, decision: &Decision<'_, '_>, conclusion: &Conclusion) -> Vec<Step> {
    if !conclusion.is_forwarded() {
        return Vec::new();
    }
    match decision {
        Decision::Known(target, caller) => {
            let Some((plan, key)) = plan_and_key(inquiry, *caller) else { return Vec::new() };
            let identity = Identity { plan, key, target: *target };
            vec![counted(inquiry, identity), upstream(inquiry, *target, Some(identity))]
        }
        Decision::Anonymous(target) | Decision::Refused(Some(target), _) => {
            vec![upstream(inquiry, *target, None)]
        }
        Decision::Refused(None, _) => Vec::new(),
    }
}

fn plan_and_key<'a>(inquiry: Inquiry<'a>, caller: Caller) -> Option<(&'a UsagePlan, &'a Key)> {
    let config = inquiry.config();
    config.usage_plans().get(caller.usage_plan).zip(config.keys().get(caller.key))
}

/// The request as it is forwarded.
fn upstream(inquiry: Inquiry<'_>, target: Target<'_>, identity: Option<Identity<'_>>) -> Step {
    let changed = upstream_path(inquiry.config(), target, inquiry.headers);
    let detail = match &changed {
        Some(path) => format!("{}, without the environment's prefix", escape_bytes(path)),
        None => escape_bytes(inquiry.headers.first(":path")),
    };
    let mut step = Step::info("upstream", detail);
    for (name, value) in identity.map(Identity::fields).into_iter().flatten() {
        step = step.with("adds", format!("{name}: {value}"));
    }
    let removes_credential = identity.is_some() && !inquiry.options().forward_authorization;
    let mut removed: Vec<String> = Vec::new();
    for sent in &inquiry.captured.headers {
        let name = sent.name.to_ascii_lowercase();
        let is_removed =
            Identity::has_field(name.as_bytes()) || (removes_credential && name == "authorization");
        if is_removed && !removed.contains(&name) {
            removed.push(name);
        }
    }
    removed.into_iter().fold(step, |step, name| step.with("removes", name))
}

/// The plan that the call is counted on, and the limits that apply to it.
fn counted(inquiry: Inquiry<'_>, Identity { plan, key, target }: Identity<'_>) -> Step {
    let config = inquiry.config();
    let limits = format_limits(plan.max_requests_per_second(), plan.burst(), plan.quotas());
    let detail = if limits.is_empty() {
        format!("{} has no limit on all requests", plan.id())
    } else {
        format!("{} admits {limits}", plan.id())
    };
    let mut step = Step::info("counted on", detail);
    let path = upstream_path(config, target, inquiry.headers);
    let path = path.as_deref().unwrap_or_else(|| inquiry.headers.first(":path"));
    let api = plan.find_api(inquiry.headers.first(":method"), path);
    if let Some(api) = api.and_then(|index| plan.apis().get(index)) {
        step = step.with("API", show_api(api));
    }
    let environment = format!("{} of {}", target.environment.name(), target.service.id());
    let counter = match plan.counter_per() {
        CounterPer { key: false, environment: false } => "one for the whole plan".to_owned(),
        CounterPer { key: true, environment: false } => format!("one for key {}", key.secret_id()),
        CounterPer { key: false, environment: true } => format!("one for {environment}"),
        CounterPer { key: true, environment: true } => {
            format!("one for key {} in {environment}", key.secret_id())
        }
    };
    step = step.with("counter", counter);
    if config.observes(plan) {
        step = step.with("", "a request over a limit is let through, and counted as would_...");
    }
    step
}

/// `GET,POST /orders/*: 5/s`
fn show_api(api: &Api) -> String {
    let Api { methods, path, max_requests_per_second, quotas } = api;
    let name = format!("{} {path}", methods.join(","));
    let limits = format_limits(*max_requests_per_second, None, quotas);
    let limits = if limits.is_empty() { "no limit besides the plan's" } else { &limits };
    format!("{}: {limits}", name.trim_start())
}
