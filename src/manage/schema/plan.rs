//! Usage plans.

use serde_json::{Value, json};

use super::kinds::{
    array, choice, described, limit, moment, name, object, one_of, reference, text, with, with_default,
};
use super::patterns;
use usage_plan_core::document::decode::plan::{COUNTER_PER, ENFORCEMENT, MAX_APIS, MAX_LIMIT};
use usage_plan_core::document::names;
use usage_plan_core::document::{Period, UtcOffset};

pub(super) fn usage_plan() -> Value {
    let environment = object(
        &["service", "environment"],
        [
            ("service", described(reference(), "The service's id")),
            ("environment", described(reference(), "The environment's name")),
        ],
    );
    let burst = json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT});
    let plan = object(
        &["id"],
        [
            ("id", described(name(&names::ID), "Unique among usage plans")),
            ("name", described(name(&names::PLAN_NAME), "For people")),
            ("max_requests_per_second", rate()),
            (
                "burst",
                described(
                    burst,
                    "Makes the plan a token bucket of this many requests, refilled at max_requests_per_second",
                ),
            ),
            ("quotas", quotas()),
            (
                "counter_per",
                described(
                    with_default(array(one_of(&COUNTER_PER)), Value::Array(Vec::new())),
                    "What has a counter of its own, instead of one for the plan",
                ),
            ),
            (
                "apis",
                described(
                    with(array(api()), json!({"maxItems": MAX_APIS})),
                    "Tighter limits on some of the requests; the first that matches holds",
                ),
            ),
            (
                "enforcement",
                described(
                    choice(&ENFORCEMENT),
                    "observe: what exceeds the plan passes and is counted as that",
                ),
            ),
            ("region", described(text(), "A label for people")),
            ("remark", described(text(), "A note for people")),
            ("keys", described(array(reference()), "The secret_id of each key bound to the plan")),
            ("environments", described(array(environment), "The environments bound to the plan")),
            ("created_at", described(moment(), "When it was made, for people")),
        ],
    );
    // A bucket needs a rate to be refilled at.
    let has_rate = json!({
        "required": ["max_requests_per_second"],
        "properties": {"max_requests_per_second": {"minimum": 1}},
    });
    let unique = json!({"uniqueItems": true});
    let mut plan = with(plan, json!({"dependentSchemas": {"burst": has_rate}}));
    for list in ["keys", "environments"] {
        if let Some(list) = plan.pointer_mut(&format!("/properties/{list}")) {
            *list = with(list.take(), unique.clone());
        }
    }
    plan
}

fn rate() -> Value {
    described(limit(MAX_LIMIT), "Requests admitted in any second; -1 or absent: no limit")
}

fn quotas() -> Value {
    let period = Period::ALL.map(|period| (period.name(), ()));
    let offset = json!({"type": "string", "pattern": patterns::UTC_OFFSET});
    let quota = object(
        &["max_requests", "period"],
        [
            ("max_requests", described(limit(MAX_LIMIT), "Requests admitted in a period; -1: no limit")),
            (
                "period",
                described(
                    one_of(&period),
                    "A period of the calendar; a week begins on Monday, total never renews",
                ),
            ),
            (
                "utc_offset",
                described(
                    with_default(offset, UtcOffset::default().to_string()),
                    "Where on Earth the period begins: hours and minutes ahead of UTC",
                ),
            ),
        ],
    );
    described(array(quota), "Requests admitted in periods of the calendar")
}

fn api() -> Value {
    let path = json!({"type": "string", "pattern": patterns::api_path()});
    object(
        &["path"],
        [
            ("methods", described(array(name(&names::METHOD)), "Upper case; none: any")),
            ("path", described(path, "The path that goes upstream, exact, or /orders/*: all below it")),
            ("max_requests_per_second", rate()),
            ("quotas", quotas()),
        ],
    )
}
