//! The document that Envoy is started with, or that `--mode validate` checks.

use serde_json::{Value, json};
use testbed::{Config, Envoy, Request, Signer};

use super::{HOST, document, send_to};

/// A document that breaks four rules, one of them with a secret's value.
fn broken() -> Value {
    let mut document = document(HOST, 0);
    document["keys"] = json!([
        {"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "secret!"},
        {"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "another-secret-key"},
    ]);
    document["usage_plans"][0]["keys"] = json!(["AKIDnobody"]);
    document
}

const COMPLAINTS: [&str; 4] = [
    "keys[0].secret_key: must be 10 to 50 of A-Z a-z 0-9 _ -",
    "keys[1].secret_id: ",
    "usage_plans[0].max_requests_per_second: ",
    "usage_plans[0].keys[0]: no key has secret_id \"AKIDnobody\"",
];

fn assert_complete_and_without_secrets(text: &str) {
    for complaint in COMPLAINTS {
        assert!(text.contains(complaint), "{complaint:?} is not in:\n{text}");
    }
    for secret in ["secret!", "another-secret-key"] {
        assert!(!text.contains(secret), "a secret is in:\n{text}");
    }
}

/// Why Envoy refuses to start.
fn refusal(config: &Config) -> String {
    Envoy::try_start(config).expect_err("a document that is refused").to_string()
}

#[test]
fn a_refused_document_ends_the_start_and_the_validation_and_every_broken_rule_is_reported() {
    let broken = Config::plain().document(broken());
    let refused = refusal(&broken);
    assert!(refused.contains("Envoy did not start (exit status: 1)"), "{refused}");
    assert_complete_and_without_secrets(&refused);
    let validated = Envoy::validate(&broken).expect("Envoy runs");
    assert!(!validated.accepted, "{}", validated.output);
    // The whole log, not only the filter's part of it.
    assert_complete_and_without_secrets(&validated.output);
    let validated = Envoy::validate(&Config::plain().document(document(HOST, 1))).expect("Envoy runs");
    assert!(validated.accepted, "{}", validated.output);
}

/// What is said of a variable that the filter does not find.
fn unset(name: &str) -> String {
    format!("keys[0].secret_key_env: the filter's environment has no variable {name:?}, or an empty one")
}

#[test]
fn a_variable_must_be_set_and_its_secret_is_not_shown() {
    const KEY: &str = "acme-secret-key-of-the-environment";
    let empty = refusal(&Config::plain().env("ACME_SECRET_KEY", ""));
    assert!(empty.contains(&unset("ACME_SECRET_KEY")), "{empty}");

    let envoy = Envoy::start(&Config::plain().env("ACME_SECRET_KEY", KEY));
    let request = Signer::new("AKIDacme0001", KEY).sign(Request::get(HOST, "/release/x"));
    assert_eq!(send_to(&envoy, 0, &request).status, 200);
    let dump = envoy.config_dump().expect("a configuration dump").to_string();
    assert!(dump.contains(r#"\"secret_key_env\": \"ACME_SECRET_KEY\""#), "{dump}");
    assert!(!dump.contains(KEY), "the secret is shown");
    assert!(!envoy.log().contains(KEY), "the secret is logged");
}

/// What the wasm module alone has: it gets binary protobuf, and its VM gets an environment of its own.
mod vm {
    use super::*;

    #[test]
    fn a_document_as_a_struct_is_refused_with_advice() {
        let refused = refusal(&Config::plain().edit_plugin(|plugin| {
            let document =
                json!({"keys": [{"secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"}]});
            plugin["configuration"] =
                json!({"@type": "type.googleapis.com/google.protobuf.Struct", "value": document});
        }));
        let advice = "is binary protobuf: give the document as a google.protobuf.StringValue, \
            not as a google.protobuf.Struct";
        assert!(refused.contains(advice), "{refused}");
        assert!(!refused.contains("acme-secret-key-0001"), "{refused}");
    }

    #[test]
    fn a_variable_must_be_named_in_the_configuration_and_be_envoys_own() {
        const OTHER: &str = "USAGE_PLAN_OTHER_KEY";
        let mut other = document(HOST, 1);
        other["keys"][0] = json!({"secret_id": "AKIDacme0001", "secret_key_env": OTHER});
        let not_named =
            refusal(&Config::plain().document(&other).env(OTHER, "acme-secret-key-of-the-environment"));
        assert!(not_named.contains(&unset(OTHER)), "{not_named}");
        // The configuration names the variable, but Envoy has none.
        let absent = refusal(&Config::plain().document(&other).edit_plugin(|plugin| {
            plugin["vm_config"]["environment_variables"]["host_env_keys"] = json!([OTHER]);
        }));
        assert!(absent.contains(&unset(OTHER)), "{absent}");
    }
}
