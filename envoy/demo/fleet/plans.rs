//! The plans of the story.

use serde_json::{Value, json};
use testbed::Signer;

use crate::calls::HOST;

/// The rate of the plans gold and silver.
pub(super) const LIMIT: usize = 400;

/// The quota of the plan bronze.
pub(super) const QUOTA: usize = 4000;

/// A percent of the quota of the plan copper.
pub(super) const GRACE: usize = 10;

/// The services and the plans, each with the caller's key.
pub(super) fn document(caller: &Signer) -> Value {
    let service =
        |(name, ..): &(&str, Value, Value)| json!({"id": name, "domains": [format!("{name}.{HOST}")]});
    let services: Vec<Value> = plans().iter().map(service).collect();
    let plans: Vec<Value> = plans().into_iter().map(|plan| described(plan, caller)).collect();
    json!({"services": services, "usage_plans": plans})
}

/// The plans: their limits, and what they say for an engine that cannot be asked.
fn plans() -> [(&'static str, Value, Value); 4] {
    let rate = || json!({"max_requests_per_second": LIMIT});
    let quota = |number: usize| json!({"quotas": [{"max_requests": number, "period": "total"}]});
    [
        ("gold", rate(), json!({"rate": "local_share"})),
        ("silver", rate(), json!({"rate": "deny"})),
        ("bronze", quota(QUOTA), json!({"quota": "deny"})),
        ("copper", quota(100 * GRACE), json!({"quota": "grace"})),
    ]
}

/// A plan of the document, with the caller's key.
fn described((name, limits, down): (&str, Value, Value), caller: &Signer) -> Value {
    let mut plan = json!({
        "id": format!("usagePlan-{name}"), "name": name, "on_engine_down": down, "keys": [caller.secret_id],
        "environments": [{"service": name, "environment": "release"}],
    });
    if let (Some(plan), Some(limits)) = (plan.as_object_mut(), limits.as_object()) {
        plan.extend(limits.clone());
    }
    plan
}
