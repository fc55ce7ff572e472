//! What is refused, and that nothing brings the command down.

use std::fs;

use serde_json::{Value, json};

use super::{ACME, all, import, refused};
use crate::cli::Cli;
use crate::import::{every_prefix_is_imported_or_refused, object, vector, write};

#[test]
fn the_plan_of_a_list_is_told_by_the_argument_or_the_file_name_or_what_plans_list() {
    let list = r#"{"Result": {"AccessKeyList": [{"AccessKeyId": "gamma_key-1"}], "TotalCount": 1}}"#;
    let (keys, plans) = (vector("tencent/keys.json"), vector("tencent/plans.json"));
    let gold = vector("tencent/plan-gold.json");
    for name in ["usagePlan-free0001=bound.json", "bound-usagePlan-free0001.json"] {
        let cli = Cli::empty();
        write(&cli, name.rsplit('=').next().expect("a name"), list);
        import(&cli, &[&*keys, &*plans, name]);
        assert_eq!(
            object(&cli.document(), "usage_plans", "usagePlan-free0001")["keys"],
            json!(["gamma_key-1"])
        );
    }
    let cli = Cli::empty();
    import(&cli, &[&*keys, &*plans, &*gold, &*vector("tencent/bound-keys.json")]);

    let bound = write(&cli, "bound.json", list);
    let error = refused(&cli, &[&keys, &plans, &gold, bound]);
    assert!(
        error.contains(
            "bound.json: Result: a list of keys (AccessKeyList) does not say which usage plan it belongs to"
        ) && error.contains("give usagePlan-…=bound.json"),
        "{error}"
    );
    let domains = vector("tencent/service-orders01.domains.json");
    fs::copy(domains, cli.path("domains.json")).expect("copied");
    let error = refused(&cli, &["domains.json"]);
    assert!(
        error.contains("which service it belongs to") && error.contains("give service-…=domains.json"),
        "{error}"
    );
    let error = refused(&cli, &["service-other=domains.json"]);
    assert!(
        error.contains("service service-other: its domains are given, and no file describes it"),
        "{error}"
    );
}

#[test]
fn a_key_with_two_plans_in_one_environment_is_reported_with_names() {
    let cli = Cli::empty();
    let files = all();
    let both = r#"{"Result": {"AccessKeyList": [{"AccessKeyId": "gamma_key-1"}]}}"#;
    let both = format!("usagePlan-gold0001={}", write(&cli, "both.json", both));
    let files: Vec<&str> = files.iter().map(String::as_str).chain([&*both]).collect();
    let error = refused(&cli, &files);
    assert!(
        error.contains(
            "key \"gamma\" (gamma_key-1) would have two plans in environment \"release\" of service \
             \"service-orders01\": "
        ),
        "{error}"
    );
}

#[test]
fn two_answers_that_differ_are_an_error() {
    let cli = Cli::empty();
    let key = format!(r#"{{"Result": {{"AccessKeyId": "{ACME}", "SecretName": "acme", "Status": 0}}}}"#);
    let error = refused(&cli, &[&vector("tencent/keys.json"), write(&cli, "key.json", &key)]);
    assert!(error.contains(&format!("key acme ({ACME}): two answers differ in its status")), "{error}");
}

#[test]
fn a_file_that_is_no_answer_is_an_error_that_says_what_it_has() {
    let cli = Cli::empty();
    let file = |name: &'static str, text: &str| write(&cli, name, text);
    for (path, expected) in [
        (
            &*vector("tencent/error.json"),
            "the API answered with an error, AuthFailure.SignatureFailure: The provided",
        ),
        (
            &vector("tencent/apps.json"),
            "is not an answer that is read here: it has TotalCount, ApiAppSet, and none of",
        ),
        (file("text.json", "keys"), "text.json: must be JSON: expected value at line 1 column 1"),
        (file("empty.json", ""), "empty.json: is empty"),
        (file("list.json", "[]"), "list.json: must be an object, not an array"),
        (file("none.json", "{}"), "it has no members"),
        (
            file("number.json", r#"{"Result": {"ApiKeySet": [{"AccessKeyId": 7}]}}"#),
            "number.json: Result.ApiKeySet[0].AccessKeyId: must be a string, not a number",
        ),
        (
            file("status.json", r#"{"Result": {"AccessKeyId": "AKID1", "Status": 2}}"#),
            "status.json: Result.Status: must be 0 or 1",
        ),
        (
            file("id.json", r#"{"Result": {"ServiceSet": [{"ServiceName": "a"}]}}"#),
            "id.json: Result.ServiceSet[0]: has no ServiceId",
        ),
    ] {
        let error = refused(&cli, &[path]);
        assert!(error.contains(expected), "{path}: {error}");
    }
    let error = cli.fails(3, &["import", "tencent", "nowhere.json"]);
    assert!(error.contains("nowhere.json"), "{error}");
    assert!(cli.fails(2, &["import", "tencent"]).contains("FILE"));
}

#[test]
fn no_prefix_of_an_answer_brings_the_command_down() {
    let text = fs::read_to_string(vector("tencent/keys.json")).expect("read");
    every_prefix_is_imported_or_refused("tencent", &text, &["0000secret1", "gamma-secret_1"]);
}

#[test]
fn any_value_in_the_place_of_any_member_is_imported_or_refused() {
    let cli = Cli::empty();
    let text = fs::read_to_string(vector("tencent/plan-gold.json")).expect("read");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    let members: Vec<String> = answer["Result"].as_object().expect("an object").keys().cloned().collect();
    for member in &members {
        for value in [json!(null), json!(-7), json!("x"), json!([null]), json!({"a": [{}]}), json!(true)] {
            let mut answer = answer.clone();
            answer["Result"][member] = value.clone();
            let file = write(&cli, "plan.json", &answer.to_string());
            let ran = cli.run(&["import", "tencent", file, "--dry-run"]);
            assert!(matches!(ran.status, 0 | 1), "{member} {value}: {ran:?}");
            assert!(!ran.stderr.contains("panicked"), "{member} {value}: {ran:?}");
        }
    }
}
