//! What is left of a caller's limits, as the filter shows it to the caller (`docs/rules.md#usage`).

use serde::Serialize;

use super::refusal::Reply;
use crate::auth::Caller;
use crate::document::Api;
use crate::limit::Balance;
use crate::lookup::{Config, Route};
use crate::timestamp::Timestamp;

/// The body, whose members are written in this order.
#[derive(Serialize)]
struct Usage<'u> {
    usage_plan: Plan<'u>,
    service: &'u str,
    environment: &'u str,
    key: &'u str,
    limits: Vec<Limit<'u>>,
}

#[derive(Serialize)]
struct Plan<'u> {
    id: &'u str,
    name: &'u str,
}

#[derive(Serialize)]
struct Limit<'u> {
    name: &'u str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<String>,
    limit: u64,
    used: u64,
    remaining: u64,
    renews_at: Option<String>,
}

/// The reply that shows `balances`, each with the index of its API if it is an API's.
pub fn usage_reply(
    config: &Config,
    caller: Caller,
    route: Route,
    balances: &[(Option<usize>, Balance<'_>)],
) -> Reply {
    let plan = config.usage_plan(caller.usage_plan);
    let usage = Usage {
        usage_plan: Plan { id: plan.id(), name: plan.name() },
        service: config.service(route.service).id(),
        environment: config.environment(route.environment).name(),
        key: config.key(caller.key).secret_id(),
        limits: balances.iter().map(|(api, balance)| limit(plan.apis(), *api, balance)).collect(),
    };
    // It always has a JSON form, so this does not fail.
    let body = serde_json::to_string(&usage).unwrap_or_default() + "\n";
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        // What is left changes with every call.
        ("cache-control", "no-store".to_owned()),
    ];
    Reply { status: 200, headers, body }
}

/// The limit whose balance is `balance`, and which is that of the API with this index, if it is one's.
fn limit<'b>(apis: &[Api], api: Option<usize>, balance: &Balance<'b>) -> Limit<'b> {
    let api = api.and_then(|index| apis.get(index)).map(Api::label);
    let suffix = api.as_ref().map(|label| format!(" {label}")).unwrap_or_default();
    Limit {
        name: balance.name_without(&suffix),
        api,
        limit: balance.limit,
        used: balance.limit.saturating_sub(balance.remaining),
        remaining: balance.remaining,
        renews_at: balance.renewed_at.map(Timestamp::to_rfc3339),
    }
}
