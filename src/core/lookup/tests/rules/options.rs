//! The rules of `options`.

use serde_json::{Value, json};

use super::super::{errors, valid_with};
use super::assert_refused;

const USAGE_PATH: &str = "must be \"/segment/...\" in normal form: no \"/\" at the end, no empty or dot segment, \
                          no \"?\" or \"#\"";

#[test]
fn every_rule_of_the_options_is_reported_with_its_path() {
    assert_refused([
        (
            "/options/clock_skew",
            json!(1),
            "",
            "unknown field; known are clock_skew_seconds, date_header, allowed_algorithms, \
             legacy_auth_status, rate_limit_headers, identity_headers, error_format, enforcement, \
             forward_authorization, forward_environment_prefix, metrics_per_key, usage_path, fleet",
        ),
        ("/options/clock_skew_seconds", json!(-1), "", "must be 0 or more"),
        ("/options/date_header", json!("ignored"), "", "must be \"checked\" or \"unchecked\""),
        ("/options/allowed_algorithms", json!([]), "", "must not be empty"),
        (
            "/options/allowed_algorithms",
            json!(["hmac-md5"]),
            "[0]",
            "must be \"hmac-sha1\" or \"hmac-sha256\" or \"hmac-sha384\" or \"hmac-sha512\"",
        ),
        ("/options/legacy_auth_status", json!(400), "", "must be 401 or 403"),
        ("/options/rate_limit_headers", json!(["x"]), "[0]", "must be \"tencent\" or \"ietf\""),
        (
            "/options/identity_headers",
            json!(["x-usage-plan-id", "x-usage-plan"]),
            "[1]",
            "must be \"x-usage-plan-id\" or \"x-usage-plan-environment\" or \"x-secret-id\" or \"x-service-id\" \
             or \"x-usage-plan-identity\"",
        ),
        ("/options/forward_authorization", json!("yes"), "", "must be true or false, not a string"),
        ("/options/usage_path", json!("/"), "", USAGE_PATH),
        ("/options", json!([]), "", "must be an object, not an array"),
    ]);
}

/// A fleet that counts everything, with a member more.
fn fleet(member: &str, value: Value) -> Value {
    let mut fleet = json!({"cluster": "engine", "expected_envoys": 2});
    fleet[member] = value;
    fleet
}

#[test]
fn every_rule_of_a_fleet_is_reported_with_its_path() {
    let printable = |max| format!("must be 1 to {max} printable characters of ASCII");
    let down = |member: &str, value: Value| fleet("on_engine_down", json!({ member: value }));
    assert_refused([
        ("/options/fleet", json!({"expected_envoys": 2}), ".cluster", "is missing"),
        (
            "/options/fleet",
            json!({"cluster": "engine"}),
            ".expected_envoys",
            "is missing: needed where the fleet counts rates",
        ),
        ("/options/fleet", fleet("cluster", json!("")), ".cluster", &printable(125)),
        ("/options/fleet", fleet("cluster", json!("c".repeat(126))), ".cluster", &printable(125)),
        ("/options/fleet", fleet("domain", json!("a\n")), ".domain", &printable(255)),
        (
            "/options/fleet",
            fleet("engine", json!("redis")),
            ".engine",
            "must be \"usage-plan\" or \"envoyproxy\" or \"limitador\"",
        ),
        ("/options/fleet", fleet("timeout_ms", json!(0)), ".timeout_ms", "must be 1 to 10000"),
        ("/options/fleet", fleet("expected_envoys", json!(0)), ".expected_envoys", "must be 1 to 100000"),
        ("/options/fleet", fleet("rates", json!("global")), ".rates", "must be \"fleet\" or \"local\""),
        (
            "/options/fleet",
            down("rate", json!("grace")),
            ".on_engine_down.rate",
            "must be \"local_share\" or \"deny\" or \"allow\"",
        ),
        (
            "/options/fleet",
            down("quota", json!("local_share")),
            ".on_engine_down.quota",
            "must be \"grace\" or \"deny\" or \"allow\"",
        ),
        (
            "/options/fleet",
            down("grace_percent", json!(101)),
            ".on_engine_down.grace_percent",
            "must be 1 to 100",
        ),
    ]);
}

/// The errors of the first plan with this member, in a document with this fleet.
fn errors_of_plan(fleet: &Value, member: &str, value: &Value) -> Vec<String> {
    let mut document: Value =
        serde_json::from_str(&valid_with("/options/fleet", Some(fleet.clone()))).expect("JSON");
    document["usage_plans"][0][member] = value.clone();
    errors(&document.to_string())
}

#[test]
fn what_an_engine_cannot_count_is_an_error_at_its_place_only_where_it_counts() {
    const TOO_MUCH: u64 = 4_294_967_296;
    let all = fleet("engine", json!("envoyproxy"));
    let none = json!({"cluster": "engine", "engine": "envoyproxy", "rates": "local", "quotas": "local"});
    let quota = |max: u64, period: &str| json!([{"max_requests": max, "period": period}]);
    let no_window = |period: &str| {
        format!(
            "is \"{period}\", which options.fleet.engine \"envoyproxy\" cannot count: none of its windows is so long"
        )
    };
    for (member, value, path, rule) in [
        (
            "burst",
            json!(5),
            "burst",
            "needs options.fleet.rates \"local\": an engine counts in seconds of the clock, and in no bucket"
                .to_owned(),
        ),
        (
            "max_requests_per_second",
            json!(TOO_MUCH),
            "max_requests_per_second",
            "must be at most 4294967295, or options.fleet.rates \"local\": an engine counts no more"
                .to_owned(),
        ),
        (
            "quotas",
            quota(TOO_MUCH, "day"),
            "quotas[0].max_requests",
            "must be at most 4294967295, or options.fleet.quotas \"local\": an engine counts no more"
                .to_owned(),
        ),
        ("quotas", quota(5, "total"), "quotas[0].period", no_window("total")),
        ("quotas", quota(5, "year"), "quotas[0].period", no_window("year")),
        (
            "apis",
            json!([{"path": "/a", "quotas": quota(5, "total")}]),
            "apis[0].quotas[0].period",
            no_window("total"),
        ),
    ] {
        let expected = vec![format!("usage_plans[0].{path}: {rule}")];
        assert_eq!(errors_of_plan(&all, member, &value), expected, "{member}");
        let document = valid_with("/options/fleet", Some(none.clone()));
        let mut document: Value = serde_json::from_str(&document).expect("JSON");
        document["usage_plans"][0][member] = value;
        super::super::parse(&document.to_string()).unwrap_or_else(|errors| panic!("{member}: {errors}"));
    }
    let ours = fleet("engine", json!("usage-plan"));
    for period in ["minute", "hour", "day", "week", "month"] {
        for fleet in [&all, &ours] {
            let mut document: Value =
                serde_json::from_str(&valid_with("/options/fleet", Some(fleet.clone()))).expect("JSON");
            document["usage_plans"][0]["quotas"] = quota(4_294_967_295, period);
            super::super::parse(&document.to_string()).unwrap_or_else(|errors| panic!("{period}: {errors}"));
        }
    }
}
