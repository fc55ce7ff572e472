//! Breaks every rule of `docs/rules.md#resets` once.

use serde_json::{Value, json};

use super::{errors, valid_with};

/// A plan of two quotas that counts its keys apart, with these resets and these other members.
#[allow(clippy::needless_pass_by_value, reason = "a call reads `plan(json!([…]), json!({…}))`")]
fn plan(resets: Value, others: Value) -> Value {
    let mut plan = json!({
        "id": "usagePlan-gold", "keys": ["AKIDacme0001"], "counter_per": ["key"], "resets": resets,
        "quotas": [{"max_requests": 1, "period": "day"}],
        "apis": [{"path": "/a", "quotas": [{"max_requests": 1, "period": "month"}]}],
    });
    let members = plan.as_object_mut().expect("an object");
    members.extend(others.as_object().expect("an object").clone());
    plan
}

#[test]
fn every_rule_of_a_reset_is_reported_with_its_path() {
    let at = "2026-01-01T00:00:00Z";
    for (reset, others, rule) in [
        (json!({"limit": "day"}), json!({}), ".at: is missing"),
        (json!({"at": "now"}), json!({}), ".at: must be a time as RFC 3339 writes it"),
        (json!({"at": at, "key": ""}), json!({}), ".key: must not be empty"),
        (
            json!({"at": at, "key": "AKIDbeta0001"}),
            json!({}),
            ".key: key \"AKIDbeta0001\" is not bound to the",
        ),
        (json!({"at": at, "key": "AKIDx"}), json!({}), ".key: key \"AKIDx\" is not bound to the plan"),
        (
            json!({"at": at, "key": "AKIDacme0001"}),
            json!({"counter_per": ["environment"]}),
            ".key: needs \"key\" in counter_per: the keys of the plan are counted together",
        ),
        (json!({"at": at, "limit": "second"}), json!({}), ".limit: must be \"minute\" or \"hour\" or"),
        (json!({"at": at, "limit": "hour"}), json!({}), ".limit: the plan has no quota of period \"hour\""),
        (json!({"at": at, "day": 1}), json!({}), ".day: unknown field; known are at, key, limit"),
    ] {
        let errors = errors(&valid_with("/usage_plans/0", Some(plan(json!([reset]), others))));
        let [error] = errors.as_slice() else { panic!("{errors:?}") };
        assert!(error.starts_with(&format!("usage_plans[0].resets[0]{rule}")), "{error}");
    }
}

#[test]
fn a_reset_may_name_a_quota_of_an_api() {
    let reset = json!([{"at": "2026-01-01T00:00:00Z", "key": "AKIDacme0001", "limit": "month"}]);
    let text = valid_with("/usage_plans/0", Some(plan(reset, json!({}))));
    assert!(super::parse(&text).is_ok());
}
