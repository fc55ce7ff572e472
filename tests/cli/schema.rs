//! `usage-plan schema`: the schema accepts and refuses what the filter accepts and refuses.

mod mutations;

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Value, json};
use usage_plan_core::document::{Error, Errors, SecretSource};
use usage_plan_core::lookup::{self, Config};

use self::mutations::mutations;
use crate::cli::{Cli, EXAMPLE, parse_json, repository};

/// A document with every member, and with every way to give a secret.
const FULL: &str = r#"{
  "$schema": "./usage-plans.schema.json",
  "services": [{
    "id": "service-orders", "name": "orders", "domains": ["orders.example.com", "*.orders.example.com"],
    "environments": ["release", "prepub"], "default_environment": "release",
    "path_mappings": [{ "path": "/v1", "environment": "release" }], "authentication": "none",
    "required_signed_headers": ["host"], "show_usage": false, "created_at": "2026-01-01T00:00:00Z"
  }],
  "keys": [
    { "name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001",
      "previous_secret_key": "acme-secret-key-0000", "previous_secret_key_not_after": "2026-01-01T00:00:00Z",
      "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z", "status": "enabled",
      "remark": "contract 4711",
      "created_at": "2026-01-01T00:00:00Z" },
    { "secret_id": "AKIDbeta0001", "secret_key_env": "BETA", "previous_secret_key_env": "OLD_BETA",
      "previous_secret_key_not_after": "2026-01-01T00:00:00Z", "status": "disabled" },
    { "secret_id": "AKIDgamma001", "secret_key_file": "gamma", "previous_secret_key_file": "/run/gamma",
      "previous_secret_key_not_after": "2026-01-01T00:00:00Z" }
  ],
  "usage_plans": [{
    "id": "gold", "name": "gold", "max_requests_per_second": 10, "burst": 20,
    "quotas": [{ "max_requests": 100, "period": "day", "utc_offset": "+08:00" }],
    "warn_at": [80, 95], "counter_per": ["key", "environment"],
    "apis": [{ "methods": ["GET"], "path": "/orders/*", "max_requests_per_second": 5,
      "quotas": [{ "max_requests": -1, "period": "total" }] }],
    "resets": [{ "at": "2026-01-01T00:00:00Z", "key": "AKIDacme0001", "limit": "day" }],
    "enforcement": "observe", "on_engine_down": { "rate": "deny", "quota": "deny", "grace_percent": 2 }, "region": "eu", "remark": "paying", "keys": ["AKIDacme0001"],
    "environments": [{ "service": "service-orders", "environment": "release" }],
    "created_at": "2026-01-01T00:00:00Z"
  }],
  "options": {
    "clock_skew_seconds": 60, "date_header": "checked", "allowed_algorithms": ["hmac-sha1"],
    "legacy_auth_status": 403, "rate_limit_headers": ["ietf"], "identity_headers": ["x-usage-plan-identity", "x-secret-id"],
    "error_format": "problem",
    "enforcement": "enforce", "forward_authorization": true, "forward_environment_prefix": true,
    "metrics_per_key": true, "usage_path": "/.usage-plan/usage",
    "fleet": {
      "cluster": "engine", "domain": "plans", "engine": "limitador", "timeout_ms": 50, "expected_envoys": 4,
      "rates": "local", "quotas": "fleet",
      "on_engine_down": { "rate": "allow", "quota": "allow", "grace_percent": 100 }
    }
  }
}"#;

/// Rules of the filter that a schema cannot express, each by a part of its error.
const BEYOND_A_SCHEMA: [&str; 19] = [
    // References.
    "no key has secret_id",
    "no service has id",
    "has no environment",
    "needs \"key\" in counter_per",
    "is not bound to the plan",
    "the plan has no quota of period",
    // The conflict rule.
    "would have two plans in environment",
    // What must be unique in part.
    "is the id of",
    "is the secret_id of",
    "is a domain of",
    "is mapped by",
    "has the period and the offset of a quota before it",
    "has the methods and the path of an API before it",
    // Dates, and their order.
    "must be a time as RFC 3339 writes it",
    "not_after is before not_before",
    // What an engine can count.
    "an engine counts no more",
    "cannot count: none of its windows is so long",
    "an engine counts in seconds of the clock, and in no bucket",
    // To a schema, 1.0 is a whole number.
    "must be a whole number of at most 63 bits",
];

fn schema() -> Value {
    Cli::empty().json("schema")
}

fn validator() -> Validator {
    jsonschema::draft202012::options().build(&schema()).expect("a schema")
}

/// Reads the document with all its secrets, which are here.
fn read(document: &Value) -> Result<Config, Errors> {
    let secret = |_: &SecretSource| Ok("secret-in-the-environment".to_owned());
    lookup::read_with(document.to_string().as_bytes(), &secret).map(|(_, config)| config)
}

#[test]
fn the_schema_in_the_repository_is_the_one_printed() {
    let kept = std::fs::read_to_string(repository("envoy/usage-plans.schema.json")).expect("read");
    let printed = Cli::empty().done("schema");
    assert!(
        kept == printed,
        "out of date: cargo run --package usage-plan -- schema > envoy/usage-plans.schema.json"
    );
}

#[test]
fn the_schema_is_a_schema_and_describes_every_member() {
    assert!(jsonschema::draft202012::meta::is_valid(&schema()));
    for_each_object(&schema(), &mut |_, object| {
        for (name, member) in object["properties"].as_object().expect("members") {
            assert!(member["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        }
    });
}

/// Makes a document that has a value at a given place.
type Wrap<'w> = &'w dyn Fn(Value) -> Value;

/// Calls `visit` with each object schema and a function that makes a document with a value in its place.
fn for_each_object(schema: &Value, visit: &mut dyn FnMut(Wrap<'_>, &Value)) {
    fn walk(schema: &Value, wrap: Wrap<'_>, visit: &mut dyn FnMut(Wrap<'_>, &Value)) {
        if let Some(members) = schema["properties"].as_object() {
            visit(wrap, schema);
            for (name, member) in members {
                walk(member, &|value| wrap(json!({ name: value })), visit);
            }
        }
        if schema["items"].is_object() {
            walk(&schema["items"], &|value| wrap(json!([value])), visit);
        }
    }
    walk(schema, &|value| value, visit);
}

#[test]
fn the_members_of_each_object_are_those_that_the_decoder_knows() {
    let mut objects = 0;
    for_each_object(&schema(), &mut |wrap, object| {
        objects += 1;
        let members: BTreeSet<&str> =
            object["properties"].as_object().expect("members").keys().map(String::as_str).collect();
        let errors = read(&wrap(json!({"surplus": 0}))).expect_err("an unknown member");
        let known = errors.iter().find(|error| error.path().ends_with("surplus")).map(Error::rule);
        let known = known.expect("the rule");
        let known = known.strip_prefix("unknown field; known are ").expect("the known");
        assert_eq!(members, known.split(", ").collect());
        assert_eq!(object["additionalProperties"], false);
    });
    assert_eq!(objects, 14);
}

#[test]
fn a_document_that_the_filter_reads_is_valid() {
    let validator = validator();
    let shipped = [testbed::Config::plain(), testbed::Config::hot_reload()];
    let shipped = shipped.map(|config| config.shipped_document().expect("a document"));
    let documents = [FULL, EXAMPLE, "{}"].map(str::to_owned).into_iter().chain(shipped);
    for document in documents {
        let document = parse_json(&document);
        read(&document).expect("the filter reads it");
        let refusals: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(refusals, [""; 0]);
    }
}

#[test]
fn a_document_can_name_its_schema_and_an_edit_keeps_the_name() {
    let named = json!({"$schema": "./usage-plans.schema.json"});
    assert!(validator().is_valid(&named) && read(&named).is_ok());
    let number = json!({"$schema": 7});
    assert!(!validator().is_valid(&number) && read(&number).is_err());
    let cli = Cli::with(&named);
    cli.done("plan create --name gold");
    assert!(cli.text().starts_with("{\n  \"$schema\": \"./usage-plans.schema.json\",\n"), "{}", cli.text());
    assert!(cli.done("render --to ecds").contains("usage-plans.schema.json"));
}

/// A document with the defaults of the schema is read as one without them.
#[test]
fn the_defaults_are_what_the_filter_takes() {
    let options = &schema()["properties"]["options"]["properties"];
    let members = options.as_object().expect("members").iter();
    let defaults: Value = members
        .filter_map(|(name, member)| Some((name.clone(), member.get("default")?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let explicit = read(&json!({ "options": defaults })).expect("valid");
    let absent = read(&json!({})).expect("valid");
    assert_eq!(format!("{:?}", explicit.options()), format!("{:?}", absent.options()));
    let schema = schema();
    let service = &schema["properties"]["services"]["items"]["properties"];
    let with = |more: Value| {
        let mut service = json!({"id": "a", "domains": ["a"]});
        service.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        format!("{:?}", read(&json!({"services": [service]})).expect("valid"))
    };
    for member in ["environments", "authentication", "show_usage"] {
        assert_eq!(with(json!({ member: service[member]["default"] })), with(json!({})), "{member}");
    }
}

#[test]
fn schema_and_filter_refuse_the_same_but_for_what_a_schema_cannot_express() {
    let validator = validator();
    let mut beyond = BTreeSet::new();
    let (mut refused, mut accepted) = (0, 0);
    // The windows of this engine are of the calendar, and none of them is a total.
    let engine =
        FULL.replace("limitador", "envoyproxy").replace("\"max_requests\": -1", "\"max_requests\": 9");
    for document in mutations(&parse_json(FULL)).into_iter().chain([parse_json(&engine)]) {
        let (filter, schema) = (read(&document), validator.validate(&document));
        match (filter, schema) {
            (Ok(_), Ok(())) => accepted += 1,
            (Err(_), Err(_)) => refused += 1,
            (Ok(_), Err(error)) => {
                panic!("the schema alone refuses {document:#}\n{} {error}", error.instance_path())
            }
            (Err(errors), Ok(())) => {
                // A burst without a rate that can be read is reported as one without a rate.
                let consequence = |error: &&Error| error.path().ends_with("burst") && errors.count() > 1;
                for error in errors.iter().filter(|error| !consequence(error)) {
                    let rule = BEYOND_A_SCHEMA.iter().find(|rule| error.rule().contains(**rule));
                    beyond.insert(
                        *rule.unwrap_or_else(|| panic!("the filter alone says {error} of {document:#}")),
                    );
                }
            }
        }
    }
    assert!(refused > 500 && accepted > 20, "{refused} {accepted}");
    assert_eq!(beyond, BTreeSet::from(BEYOND_A_SCHEMA), "a rule that is not met, or can be expressed");
}
