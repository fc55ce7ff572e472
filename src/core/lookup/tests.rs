//! Reads documents, and checks their errors against `docs/rules.md#document` and `docs/rules.md#conflict`.

mod resets;
mod rules;

use serde_json::{Value, json};

use super::*;
use crate::document::{Algorithm, AuthStatus, DateHeader, Errors};

const VALID: &str = r#"{
  "services": [
    { "id": "service-orders", "name": "orders", "domains": ["orders.example.com"],
      "environments": ["release", "prepub", "test"], "default_environment": "release" }
  ],
  "keys": [
    { "name": "acme", "secret_id": "AKIDacme0001", "secret_key_env": "ACME_SECRET_KEY" },
    { "name": "beta", "secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-0001", "status": "disabled" }
  ],
  "usage_plans": [
    { "id": "usagePlan-gold", "name": "gold", "max_requests_per_second": 1000, "remark": "paying callers",
      "keys": ["AKIDacme0001", "AKIDbeta0001"],
      "environments": [ { "service": "service-orders", "environment": "release" } ] }
  ]
}"#;

fn parse(text: &str) -> Result<Config, Errors> {
    Config::parse(text.as_bytes(), &|name| match name {
        "ACME_SECRET_KEY" => Some("acme-secret-key-0001".to_owned()),
        "EMPTY" => Some(String::new()),
        "SHORT" => Some("s3cret!".to_owned()),
        _ => None,
    })
}

/// The environment that a request to `path` calls.
fn environment<'c>(config: &'c Config, path: &str) -> &'c Environment {
    config.environment(config.route(b"orders.example.com", path.as_bytes()).expect("a route").environment)
}

fn key<'c>(config: &'c Config, secret_id: &str) -> &'c Key {
    config.key(config.find_key(secret_id.as_bytes()).expect("known"))
}

/// The maximum rate of the only plan.
fn rate(config: &Config) -> Option<u64> {
    config.usage_plans().iter().next().expect("a plan").max_requests_per_second()
}

fn errors(text: &str) -> Vec<String> {
    parse(text).expect_err("refused").iter().map(ToString::to_string).collect()
}

/// The valid document with empty options, and with `value` at a JSON pointer (RFC 6901); `None` removes the
/// value there.
fn valid_with(pointer: &str, value: Option<Value>) -> String {
    let mut document: Value = serde_json::from_str(VALID).expect("JSON");
    document["options"] = json!({});
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("no parent of {pointer}"));
    match (parent, value) {
        (Value::Array(items), Some(value)) => {
            let index = name.parse::<usize>().expect("an index");
            items.splice(index..items.len().min(index + 1), [value]);
        }
        (parent, Some(value)) => parent[name] = value,
        (parent, None) => {
            let members = parent.as_object_mut().expect("an object");
            members.remove(name).unwrap_or_else(|| panic!("nothing at {pointer}"));
        }
    }
    document.to_string()
}

#[test]
fn the_example_of_the_readme_is_valid_and_its_objects_are_found() {
    assert!(include_str!("../../../README.md").contains(VALID));
    let config = parse(VALID).expect("valid");
    let route = config.route(b"orders.example.com", b"/release/x").expect("a route");
    let release = config.environment(route.environment);
    assert_eq!((config.service(route.service).id(), release.name()), ("service-orders", "release"));
    let acme = key(&config, "AKIDacme0001");
    assert_eq!(acme.secret().expose(), "acme-secret-key-0001");
    let plan = config.find_usage_plan(acme, release).expect("bound");
    assert_eq!(config.usage_plan(plan).id(), "usagePlan-gold");
    assert_eq!(config.usage_plan(plan).max_requests_per_second(), Some(1000));
    assert!(!key(&config, "AKIDbeta0001").is_enabled());

    let test = environment(&config, "/test/x");
    assert!(!test.has_usage_plans());
    assert_eq!(config.find_usage_plan(acme, test), None);
    assert_eq!(config.route(b"other", b"/").err(), Some(NoRoute::Service));
}

#[test]
fn an_empty_object_is_a_valid_document() {
    assert_eq!(parse("{}").expect("valid").route(b"a", b"/").err(), Some(NoRoute::Service));
}

#[test]
fn environments_default_to_release_prepub_test() {
    let config = parse(r#"{"services":[{"id":"s","domains":["*"]}]}"#).expect("valid");
    for name in ["release", "prepub", "test"] {
        let path = format!("/{name}");
        assert_eq!(environment(&config, &path).name(), name);
    }
    assert_eq!(config.route(b"a", b"/x/y").err(), Some(NoRoute::Environment(b"x")));
}

#[test]
fn options_have_their_documented_defaults_and_are_read() {
    let options = parse("{}").expect("valid").options().clone();
    assert_eq!(options.clock_skew.as_secs(), 900);
    assert_eq!(options.date_header, DateHeader::Checked);
    assert_eq!(options.allowed_algorithms.len(), 4);
    assert_eq!(options.auth_status, AuthStatus::Unauthorized);
    assert!(options.rate_limit_headers.tencent && options.rate_limit_headers.ietf);
    assert!(!options.forward_authorization && !options.forward_environment_prefix);
    assert!(!options.metrics_per_key);

    let text = r#"{"options": {"clock_skew_seconds": 0, "date_header": "unchecked",
        "allowed_algorithms": ["hmac-sha256"], "legacy_auth_status": 403, "rate_limit_headers": [],
        "forward_authorization": true, "forward_environment_prefix": true, "metrics_per_key": true}}"#;
    let options = parse(text).expect("valid").options().clone();
    assert_eq!(options.clock_skew.as_secs(), 0);
    assert_eq!(options.date_header, DateHeader::Unchecked);
    assert_eq!(options.allowed_algorithms, [Algorithm::HmacSha256]);
    assert_eq!(options.auth_status, AuthStatus::LegacyForbidden);
    assert!(!options.rate_limit_headers.tencent && !options.rate_limit_headers.ietf);
    assert!(options.forward_authorization && options.forward_environment_prefix && options.metrics_per_key);
}

#[test]
fn a_limit_of_minus_one_or_none_is_no_limit() {
    for limit in [Some(json!(-1)), None] {
        let text = valid_with("/usage_plans/0/max_requests_per_second", limit);
        assert_eq!(rate(&parse(&text).expect("valid")), None);
    }
}

#[test]
fn the_filter_reads_no_file_and_says_what_has_to_be_done_with_a_secret_in_one() {
    let text = r#"{"keys": [
        {"secret_id": "AKIDa", "secret_key_file": "a", "previous_secret_key_file": "b",
         "previous_secret_key_not_after": "2026-01-01T00:00:00Z"},
        {"secret_id": "AKIDb", "secret_key": "0123456789", "secret_key_env": "A", "secret_key_file": "a"}]}"#;
    let reason = "the filter reads no file: the document has to be published with --resolve";
    assert_eq!(
        errors(text),
        [
            "keys[1]: has secret_key, secret_key_env, secret_key_file: keep one".to_owned(),
            format!("keys[0].secret_key_file: {reason}"),
            format!("keys[0].previous_secret_key_file: {reason}"),
        ]
    );
}

#[test]
fn all_errors_are_reported_at_once() {
    let text = r#"{"keys": [{"name": "!", "secret_id": "AKIDa"}, 7, {"secret_id": "AKIDa", "secret_key": "0123456789", "x": 1}],
        "usage_plans": [{"keys": ["AKIDa", "AKIDb"], "environments": [{"service": "s"}]}], "surplus": {}}"#;
    assert_eq!(
        errors(text),
        [
            "keys[0].name: must be up to 50 of A-Z a-z 0-9 _ -",
            "keys[0]: needs secret_key, secret_key_env or secret_key_file",
            "keys[1]: must be an object, not a number",
            "keys[2].x: unknown field; known are name, secret_id, secret_key, secret_key_env, secret_key_file, previous_secret_key, previous_secret_key_env, previous_secret_key_file, previous_secret_key_not_after, not_before, not_after, status, remark, created_at",
            "usage_plans[0].id: is missing",
            "usage_plans[0].environments[0].environment: is missing",
            "surplus: unknown field; known are $schema, services, keys, usage_plans, options",
            "keys[2].secret_id: is the secret_id of keys[0] too",
            "usage_plans[0].keys[1]: no key has secret_id \"AKIDb\"",
            "usage_plans[0].environments[0].service: no service has id \"s\"",
        ]
    );
}

/// An empty reference is reported, and not mistaken for one that could not be read.
#[test]
fn an_empty_reference_is_reported() {
    let text = r#"{"services": [{"id": "a", "domains": ["a"], "default_environment": "",
        "path_mappings": [{"path": "/x", "environment": ""}]}],
        "usage_plans": [{"id": "p", "keys": [""], "environments": [{"service": "", "environment": ""}]}]}"#;
    let paths = [
        "services[0].default_environment",
        "services[0].path_mappings[0].environment",
        "usage_plans[0].keys[0]",
        "usage_plans[0].environments[0].service",
        "usage_plans[0].environments[0].environment",
    ];
    assert_eq!(errors(text), paths.map(|path| format!("{path}: must not be empty")));
}

#[test]
fn a_document_that_is_not_json_is_reported() {
    assert_eq!(errors(""), ["document: the configuration is empty: it must be a JSON document"]);
    assert_eq!(errors("{} x"), ["document: must be JSON: trailing characters at line 1 column 4"]);
    assert_eq!(errors("\n{"), ["document: must be JSON: EOF while parsing an object at line 2 column 1"]);
    assert_eq!(errors("[]"), ["document: must be an object, not an array"]);
    let protobuf = errors("\u{a}\u{10}\u{a}\u{8}services\u{12}\u{4}2\u{2}");
    assert_eq!(protobuf.len(), 1);
    assert!(protobuf[0].contains("google.protobuf.StringValue"), "{}", protobuf[0]);
}

/// A document with two plans that share a key; the arguments are their environments.
fn two_plans(first: &str, second: &str) -> String {
    format!(
        r#"{{"services": [{{"id": "a", "domains": ["a"]}}, {{"id": "b", "domains": ["b"]}}],
            "keys": [{{"name": "acme", "secret_id": "AKID1", "secret_key": "0123456789"}}],
            "usage_plans": [
              {{"id": "gold", "keys": ["AKID1"], "environments": [{first}]}},
              {{"id": "free", "keys": ["AKID1"], "environments": [{second}]}}]}}"#
    )
}

#[test]
fn a_key_with_two_plans_in_one_environment_is_a_conflict() {
    let release = r#"{"service": "a", "environment": "release"}"#;
    let expected = "usage_plans[1]: key \"acme\" (AKID1) would have two plans in environment \"release\" \
                    of service \"a\": \"gold\" and \"free\"";
    assert_eq!(errors(&two_plans(release, release)), [expected]);
}

#[test]
fn the_same_name_in_a_different_service_or_a_different_name_is_no_conflict() {
    let release = r#"{"service": "a", "environment": "release"}"#;
    for other in
        [r#"{"service": "b", "environment": "release"}"#, r#"{"service": "a", "environment": "test"}"#]
    {
        let config = parse(&two_plans(release, other)).expect("valid");
        let route = config.route(b"a", b"/release").expect("a route");
        let plan = config.find_usage_plan(key(&config, "AKID1"), config.environment(route.environment));
        assert_eq!(config.usage_plan(plan.expect("bound")).id(), "gold");
    }
}

#[test]
fn neither_errors_nor_debug_output_contain_a_secret() {
    for secret in [json!("too-short"), json!(["s3cret-in-a-list"])] {
        for error in errors(&valid_with("/keys/1/secret_key", Some(secret))) {
            assert!(!error.contains("short") && !error.contains("s3cret"), "{error}");
        }
    }
    let config = format!("{:?}", parse(VALID).expect("valid"));
    assert!(config.contains("[redacted]") && !config.contains("secret-key-0001"), "{config}");
}

#[test]
fn ten_thousand_keys_and_plans_are_read_and_found() {
    let keys = (0..10_000).map(|i| format!(r#"{{"secret_id": "AKID{i}", "secret_key": "secret-key-{i}"}}"#));
    let plans = (0..10_000).map(|i| {
        format!(r#"{{"id": "p{i}", "keys": ["AKID{i}"], "environments": [{{"service": "s", "environment": "test"}}]}}"#)
    });
    let text = format!(
        r#"{{"services": [{{"id": "s", "domains": ["*"]}}], "keys": [{}], "usage_plans": [{}]}}"#,
        keys.collect::<Vec<_>>().join(","),
        plans.collect::<Vec<_>>().join(",")
    );
    let config = parse(&text).expect("valid");
    let plan = config.find_usage_plan(key(&config, "AKID9999"), environment(&config, "/test"));
    assert_eq!(config.usage_plan(plan.expect("bound")).id(), "p9999");
}

#[test]
fn a_service_that_is_published_nowhere_has_no_environment_on_any_path() {
    let text = r#"{"services": [{"id": "a", "domains": ["orders.example.com"], "environments": []}]}"#;
    let config = parse(text).expect("valid");
    for path in ["/", "/release", "/release/x", "/test"] {
        assert!(config.route(b"orders.example.com", path.as_bytes()).is_err(), "{path}");
    }
    let with_default = text.replace("[]", "[], \"default_environment\": \"release\"");
    assert_eq!(errors(&with_default).len(), 1, "the default is none of its environments");
}
