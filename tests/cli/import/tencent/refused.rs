//! What `usage-plan import tencent` refuses; no input makes it panic.

use std::fs;

use serde_json::{Value, json};

use super::{ACME, IMPORT_ALL, cli};
use crate::cli::{Cli, Edit, assert_contains, parse_json, shown};
use crate::import::{assert_every_prefix_is_imported_or_refused, object};

/// An answer that lists a key without the plan to which it is bound.
const BOUND_KEYS: &str =
    r#"{"Result": {"AccessKeyList": [{"AccessKeyId": "gamma_key-1"}], "TotalCount": 1}}"#;

#[test]
fn the_argument_or_the_file_name_says_of_which_plan_a_list_is() {
    for (file, argument) in [
        ("bound.json", "usagePlan-free0001=bound.json"),
        ("bound-usagePlan-free0001.json", "bound-usagePlan-free0001.json"),
    ] {
        let cli = cli();
        cli.write(file, BOUND_KEYS);
        cli.exits(0, &format!("import tencent keys.json plans.json {argument}"));
        let document = cli.document();
        assert_eq!(object(&document, "usage_plans", "usagePlan-free0001")["keys"], json!(["gamma_key-1"]));
    }
    // The answer that describes the plan can say it, too.
    cli().exits(0, "import tencent keys.json plans.json plan-gold.json bound-keys.json");
}

#[test]
fn a_list_is_refused_when_nothing_says_of_which_plan_or_service_it_is() {
    let cli = cli();
    cli.write("bound.json", BOUND_KEYS);
    fs::copy(cli.path("service-orders01.domains.json"), cli.path("domains.json")).expect("copied");
    for (files, expected) in [
        (
            "keys.json plans.json plan-gold.json bound.json",
            "bound.json: Result: a list of keys (AccessKeyList) does not say which usage plan it belongs to",
        ),
        ("bound.json", "give usagePlan-…=bound.json"),
        ("domains.json", "which service it belongs to"),
        ("domains.json", "give service-…=domains.json"),
        (
            "service-other=domains.json",
            "service service-other: its domains are given, and no file describes it",
        ),
    ] {
        assert_contains(&cli.refused(&format!("import tencent {files}")), expected);
    }
}

#[test]
fn a_key_with_two_plans_in_one_environment_is_reported_with_names() {
    let cli = cli();
    cli.write("both.json", BOUND_KEYS);
    assert_contains(
        &cli.refused(&format!("{IMPORT_ALL} usagePlan-gold0001=both.json")),
        "key \"gamma\" (gamma_key-1) would have two plans in environment \"release\" of service \
         \"service-orders01\": ",
    );
}

#[test]
fn two_answers_that_differ_are_an_error() {
    let cli = cli();
    let key = json!({"Result": {"AccessKeyId": ACME, "SecretName": "acme", "Status": 0}});
    cli.write("key.json", key.to_string());
    assert_contains(
        &cli.refused("import tencent keys.json key.json"),
        &format!("key acme ({ACME}): two answers differ in its status"),
    );
}

#[test]
fn a_file_that_is_not_an_answer_is_an_error_that_says_what_is_in_it() {
    let cli = cli();
    for (file, expected) in [
        ("error.json", "the API answered with an error, AuthFailure.SignatureFailure: The provided"),
        ("apps.json", "is not an answer that is read here: it has TotalCount, ApiAppSet, and none of"),
    ] {
        assert_contains(&cli.refused(&format!("import tencent {file}")), expected);
    }
    for (text, expected) in [
        ("keys", "file.json: must be JSON: expected value at line 1 column 1"),
        ("", "file.json: is empty"),
        ("[]", "file.json: must be an object, not an array"),
        ("{}", "it has no members"),
        (
            r#"{"Result": {"ApiKeySet": [{"AccessKeyId": 7}]}}"#,
            "file.json: Result.ApiKeySet[0].AccessKeyId: must be a string, not a number",
        ),
        (r#"{"Result": {"AccessKeyId": "AKID1", "Status": 2}}"#, "file.json: Result.Status: must be 0 or 1"),
        (
            r#"{"Result": {"ServiceSet": [{"ServiceName": "a"}]}}"#,
            "file.json: Result.ServiceSet[0]: has no ServiceId",
        ),
    ] {
        cli.write("file.json", text);
        assert_contains(&cli.refused("import tencent file.json"), expected);
    }
    assert_contains(&cli.fails(3, "import tencent nowhere.json"), "nowhere.json");
    assert_contains(&cli.fails(2, "import tencent"), "FILE");
}

#[test]
fn no_prefix_of_an_answer_makes_the_command_panic() {
    let secrets = ["0000secret1", "gamma-secret_1"];
    assert_every_prefix_is_imported_or_refused("tencent", "keys.json", &secrets);
}

#[test]
fn any_value_in_the_place_of_any_member_is_imported_or_refused() {
    let answer: Value = parse_json(&fs::read_to_string(cli().path("plan-gold.json")).expect("read"));
    let cli = Cli::empty();
    for member in answer["Result"].as_object().expect("an object").keys() {
        for value in [json!(null), json!(-7), json!("x"), json!([null]), json!({"a": [{}]}), json!(true)] {
            let changed = answer.clone().with(&format!("/Result/{member}"), value.clone());
            cli.write("plan.json", changed.to_string());
            let ran = cli.run("import tencent plan.json --dry-run");
            assert!(matches!(ran.status, 0 | 1), "{member} {value}: {}", shown(&ran));
            assert!(!ran.stderr.contains("panicked"), "{member} {value}: {}", shown(&ran));
        }
    }
}
