//! Breaks every rule of `docs/rules.md#document` once.

mod options;

use serde_json::{Value, json};

use super::{VALID, errors, valid_with};

const DOMAIN: &str =
    "must be a host name, an address, \"*.suffix\" or \"*\", without a port and of at most 253 characters";
const ENVIRONMENT: &str = "must be a lower-case letter and up to 49 of a-z 0-9 _ -";
const LIMIT: &str = "must be -1 (no limit) or 1 to 999999999999999";
const REMARK: &str = "must be at most 200 characters";
const OFFSET: &str = "must be an offset such as \"+08:00\", from -12:00 to +14:00";
const SECRET: &str = "must be 10 to 50 of A-Z a-z 0-9 _ -";
const TIME: &str = "must be a time as RFC 3339 writes it, such as \"2026-12-31T23:59:59Z\"";
const WHOLE: &str = "must be a whole number of at most 63 bits";

/// A JSON pointer into the valid document, a value to put there, and the error that it causes: its path below
/// the pointer and its rule.
type Row<'r> = (&'r str, Value, &'r str, &'r str);

/// Asserts that each row alone makes the document invalid, with exactly the row's error.
fn assert_refused<const N: usize>(rows: [Row<'_>; N]) {
    for (pointer, value, below, rule) in rows {
        let changed = format!("{pointer} is {value}");
        let expected = format!("{}{below}: {rule}", path(pointer));
        assert_eq!(errors(&valid_with(pointer, Some(value))), [expected], "{changed}");
    }
}

/// The path that an error has for the value at a JSON pointer, such as `keys[0].name`.
fn path(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1).map(|step| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{step}"),
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}

/// The rule about a variable that is absent from the filter's environment, or empty.
fn no_variable(name: &str) -> String {
    format!("the filter's environment has no variable \"{name}\", or an empty one")
}

const NO_SECRET: &str = "needs secret_key, secret_key_env or secret_key_file";

#[test]
fn every_rule_of_a_service_is_reported_with_its_path() {
    let no_live = "service \"service-orders\" has no environment \"live\"";
    let mapping = |path: &str, environment: &str| json!([{"path": path, "environment": environment}]);
    assert_refused([
        ("/services/1", json!({"id": "a.b", "domains": ["b"]}), ".id", "must be 1 to 64 of A-Z a-z 0-9 _ -"),
        ("/services/0/domains/0", json!("orders.example.com:80"), "", DOMAIN),
        ("/services/0/domains/0", json!("10.1"), "", DOMAIN),
        (
            "/services/0/domains",
            json!(["[::a]", "[::1]", "[0::A]"]),
            "[2]",
            "\"[::a]\" is a domain of services[0] already",
        ),
        ("/services/0/domains", json!([]), "", "must not be empty"),
        ("/services/0/domains", json!(["*", "*"]), "[1]", "\"*\" is a domain of services[0] already"),
        ("/services/0/environments/1", json!("Prepub"), "", ENVIRONMENT),
        ("/services/0/environments/1", json!("1a"), "", ENVIRONMENT),
        ("/services/0/environments", json!(["release", "test", "test"]), "[2]", "is environments[1] too"),
        ("/services/0/default_environment", json!("live"), "", no_live),
        (
            "/services/0/required_signed_headers",
            json!(["Host"]),
            "[0]",
            "must be the name of a header in lower case, of at most 64 characters",
        ),
        (
            "/services/0/required_signed_headers",
            json!(["host", "host"]),
            "[1]",
            "is required_signed_headers[0] too",
        ),
        ("/services/0/authentication", json!("basic"), "", "must be \"key_pair\" or \"none\""),
        (
            "/services/0/path_mappings",
            mapping("/v1/", "release"),
            "[0].path",
            "must be \"/\" or \"/segment/...\" in normal form: \
             no \"/\" at the end, no empty or dot segment, no \"?\" or \"#\"",
        ),
        (
            "/services/0/path_mappings",
            json!([
                {"path": "/v1:beta", "environment": "release"},
                {"path": "/v1%3Abeta", "environment": "test"},
            ]),
            "[1].path",
            "is mapped by path_mappings[0] too",
        ),
        ("/services/0/path_mappings", mapping("/v1", "live"), "[0].environment", no_live),
    ]);
}

#[test]
fn every_rule_of_a_key_is_reported_with_its_path() {
    assert_refused([
        ("/keys/1/remark", json!("é".repeat(201)), "", REMARK),
        ("/keys/0/name", json!("a c"), "", "must be up to 50 of A-Z a-z 0-9 _ -"),
        ("/keys/1/secret_key", json!("too-short"), "", SECRET),
        ("/keys/1/secret_key", json!(1_234_567_890), "", "must be a string, not a number"),
        ("/keys/0/secret_key_env", json!("UNSET"), "", &no_variable("UNSET")),
        ("/keys/0/secret_key_env", json!("EMPTY"), "", &no_variable("EMPTY")),
        ("/keys/0/secret_key_env", json!("SHORT"), "", &format!("the value of \"SHORT\" {SECRET}")),
        ("/keys/0", json!({"secret_id": "AKIDacme0001"}), "", NO_SECRET),
        ("/keys/1/not_after", json!("tomorrow"), "", TIME),
        ("/keys/1/not_before", json!("1969-12-31T23:59:59Z"), "", TIME),
        ("/keys/1/created_at", json!(2026), "", "must be a string, not a number"),
        ("/keys/1/status", json!("off"), "", "must be \"enabled\" or \"disabled\""),
        ("/keys/1/status", json!(null), "", "must be a string, not null"),
    ]);
}

#[test]
fn every_rule_between_the_members_of_a_key_is_reported_with_its_path() {
    let with = |more: Value| {
        let mut key = json!({"secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-0001"});
        let members = key.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        key
    };
    let end = "2026-01-01T00:00:00Z";
    assert_refused([
        (
            "/keys/1",
            with(json!({"secret_key_env": "ACME_SECRET_KEY"})),
            "",
            "has both secret_key and secret_key_env: keep one",
        ),
        (
            "/keys/1",
            with(json!({"not_before": "2026-01-02T00:00:00Z", "not_after": end})),
            "",
            "not_after is before not_before",
        ),
        (
            "/keys/1",
            with(json!({"previous_secret_key": "0123456789"})),
            "",
            "needs previous_secret_key_not_after: the last time at which the previous secret key verifies",
        ),
        (
            "/keys/1",
            with(json!({"previous_secret_key_not_after": end})),
            "",
            "has previous_secret_key_not_after and no previous secret key",
        ),
        (
            "/keys/1",
            with(json!({"previous_secret_key": "short", "previous_secret_key_not_after": end})),
            ".previous_secret_key",
            SECRET,
        ),
        (
            "/keys/1",
            with(json!({"previous_secret_key_env": "UNSET", "previous_secret_key_not_after": end})),
            ".previous_secret_key_env",
            &no_variable("UNSET"),
        ),
    ]);
}

#[test]
fn every_rule_of_a_usage_plan_is_reported_with_its_path() {
    assert_refused([
        ("/usage_plans/0/name", json!("go-ld"), "", "must be up to 50 of A-Z a-z 0-9 _"),
        ("/usage_plans/0/max_requests_per_second", json!(0), "", LIMIT),
        ("/usage_plans/0/max_requests_per_second", json!(-2), "", LIMIT),
        ("/usage_plans/0/max_requests_per_second", json!(1.5), "", WHOLE),
        ("/usage_plans/0/max_requests_per_second", json!(1e30), "", WHOLE),
        ("/usage_plans/0/max_requests_per_second", json!("1000"), "", "must be a whole number, not a string"),
        (
            "/usage_plans/0/remarks",
            json!("paying callers"),
            "",
            "unknown field; known are id, name, max_requests_per_second, burst, quotas, warn_at, counter_per, \
             apis, resets, enforcement, on_engine_down, region, remark, keys, environments, created_at",
        ),
        (
            "/usage_plans/0",
            json!({"id": "usagePlan-gold", "burst": 5}),
            ".burst",
            "needs max_requests_per_second: the rate at which the bucket is refilled",
        ),
        ("/usage_plans/0/burst", json!(0), "", "must be 1 to 999999999999999"),
        ("/usage_plans/0/warn_at", json!([0]), "[0]", "must be 1 to 100"),
        ("/usage_plans/0/warn_at", json!([80, 80]), "[1]", "is there already"),
        ("/usage_plans/0/counter_per", json!(["caller"]), "[0]", "must be \"key\" or \"environment\""),
        ("/usage_plans/0/enforcement", json!("off"), "", "must be \"enforce\" or \"observe\""),
    ]);
    // A pointer cannot name a member twice.
    let twice = VALID.replace("\"remark\": \"paying callers\"", "\"id\": \"x\"");
    assert_eq!(errors(&twice), ["usage_plans[0].id: is there more than once"]);
}

#[test]
fn every_rule_of_a_quota_is_reported_with_its_path() {
    let with_offset = |offset: &str| json!([{"max_requests": 1, "period": "day", "utc_offset": offset}]);
    let quotas = "/usage_plans/0/quotas";
    assert_refused([
        (quotas, json!([{"max_requests": 1}]), "[0].period", "is missing"),
        (
            quotas,
            json!([{"max_requests": 1, "period": "fortnight"}]),
            "[0].period",
            "must be \"minute\" or \"hour\" or \"day\" or \"week\" or \"month\" or \"year\" or \"total\"",
        ),
        (quotas, json!([{"max_requests": 0, "period": "day"}]), "[0].max_requests", LIMIT),
        (quotas, with_offset("+14:01"), "[0].utc_offset", OFFSET),
        (quotas, with_offset("8"), "[0].utc_offset", OFFSET),
        (
            quotas,
            json!([{"max_requests": 1, "period": "day"}, {"max_requests": 2, "period": "day"}]),
            "[1]",
            "has the period and the offset of a quota before it",
        ),
    ]);
}

#[test]
fn every_rule_of_an_api_is_reported_with_its_path() {
    let seventeen: Value = (0..17).map(|index| json!({"path": format!("/{index}")})).collect();
    assert_refused([
        ("/usage_plans/0/apis", seventeen, "", "must be at most 16"),
        (
            "/usage_plans/0/apis",
            json!([{"path": "/a/*/b"}]),
            "[0].path",
            "must be \"/\", \"/segment/...\" or \"/segment/*\" in normal form: \
             no empty or dot segment, no \"?\" or \"#\"",
        ),
        (
            "/usage_plans/0/apis",
            json!([{"path": "/a", "methods": ["get"]}]),
            "[0].methods[0]",
            "must be the name of a method in upper case",
        ),
        (
            "/usage_plans/0/apis",
            json!([{"path": "/a"}, {"path": "/a"}]),
            "[1]",
            "has the methods and the path of an API before it",
        ),
        (
            "/usage_plans/0/apis",
            json!([{"path": "/caf%C3%A9/*"}, {"path": "/caf%c3%a9/*"}]),
            "[1]",
            "has the methods and the path of an API before it",
        ),
    ]);
}

#[test]
fn every_rule_of_a_binding_is_reported_with_its_path() {
    let bound = json!({"service": "service-orders", "environment": "release"});
    assert_refused([
        ("/usage_plans/0/keys", json!(["AKIDx"]), "[0]", "no key has secret_id \"AKIDx\""),
        ("/usage_plans/0/keys/1", json!("AKIDacme0001"), "", "is keys[0] too"),
        ("/usage_plans/0/environments/0/service", json!("orders"), "", "no service has id \"orders\""),
        (
            "/usage_plans/0/environments/0/environment",
            json!("live"),
            "",
            "service \"service-orders\" has no environment \"live\"",
        ),
        ("/usage_plans/0/environments", json!([bound, bound]), "[1]", "binds the same environment again"),
        ("/usage_plans/0/environments/0", json!("release"), "", "must be an object, not a string"),
    ]);
}
