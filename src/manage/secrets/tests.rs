//! Secrets that are in variables and in files, and documents with the secrets in their place.

use std::fs;

use super::*;
use crate::draft::{self, Named};

const DOCUMENT: &[u8] = br#"{"keys": [
    {"secret_id": "AKIDa", "secret_key_env": "GOOD", "previous_secret_key_env": "SHORT",
     "previous_secret_key_not_after": "2020-01-01T00:00:00Z"},
    {"secret_id": "AKIDb", "secret_key": "secret-key-0001"},
    {"secret_id": "AKIDc", "secret_key_env": "EMPTY"},
    {"secret_id": "AKIDd", "secret_key_env": "UNSET"}]}"#;

#[test]
fn each_secret_is_found_or_reported_missing_with_its_variable() {
    let environment = |name: &str| match name {
        "GOOD" => Some("secret-key-of-the-environment".to_owned()),
        "SHORT" => Some("short".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    };
    let local = LocalDocument::parse(DOCUMENT, &environment).expect("valid");
    let secret = |index: usize| {
        let source = local.document().keys[index].secret.as_ref().expect("a secret");
        local.secret(source).map(|secret| secret.expose().to_owned())
    };
    assert_eq!(secret(0), Ok("secret-key-of-the-environment".to_owned()));
    assert_eq!(secret(1), Ok("secret-key-0001".to_owned()));
    assert_eq!(secret(2), Err(MissingSecret::NoVariable { name: "EMPTY".to_owned() }));
    assert_eq!(secret(3), Err(MissingSecret::NoVariable { name: "UNSET".to_owned() }));
    let previous = &local.document().keys[0].previous.as_ref().expect("a previous secret").secret;
    let missing = local.secret(previous).expect_err("the value is too short");
    assert_eq!(missing, MissingSecret::InvalidVariable { name: "SHORT".to_owned() });
    assert!(!missing.to_string().contains("short"), "the value is shown: {missing}");
}

#[test]
fn variables_are_listed_once_and_sorted_with_those_of_previous_secrets_and_disabled_keys() {
    let text = br#"{"keys": [
        {"secret_id": "AKIDa", "secret_key_env": "B", "previous_secret_key_env": "A",
         "previous_secret_key_not_after": "2020-01-01T00:00:00Z"},
        {"secret_id": "AKIDb", "secret_key": "secret-key-0001"},
        {"secret_id": "AKIDc", "secret_key_env": "B", "status": "disabled"},
        {"secret_id": "AKIDd", "secret_key_env": "C", "status": "disabled"}]}"#;
    assert_eq!(variables(&draft::read(text).expect("valid")), ["A", "B", "C"]);
    assert!(variables(&Document::default()).is_empty());
}

#[test]
fn a_file_is_found_from_the_document_on_and_its_last_line_break_is_no_part_of_the_secret() {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in
        [("acme", "acme-secret-key-0001\r\n"), ("short", "short"), ("beta", "beta-secret-key-0001")]
    {
        fs::write(directory.path().join(name), text).expect("written");
    }
    let secret = |path: &str| {
        let found = here(&Place::File(path.to_owned()), directory.path());
        found.map(|secret| secret.expose().to_owned()).map_err(|missing| missing.to_string())
    };
    assert_eq!(secret("acme").as_deref(), Ok("acme-secret-key-0001"));
    let absolute = directory.path().join("beta");
    assert_eq!(secret(absolute.to_str().expect("UTF-8")).as_deref(), Ok("beta-secret-key-0001"));
    let short = secret("short").expect_err("too short");
    assert!(
        short.starts_with("what the file short holds must be") && !short.contains("\"short\""),
        "{short}"
    );
    let missing = secret("gamma").expect_err("no such file");
    assert!(missing.starts_with("the secret is kept in the file gamma: No such file"), "{missing}");
}

#[test]
fn a_resolved_document_has_each_secret_in_its_place_and_nothing_else_is_changed() {
    let directory = tempfile::tempdir().expect("a directory");
    for name in ["new", "old"] {
        fs::write(directory.path().join(name), format!("secret-key-{name}")).expect("written");
    }
    let text = br#"{"keys": [
        {"name": "acme", "secret_id": "AKIDa", "secret_key_file": "new", "previous_secret_key_file": "old",
         "previous_secret_key_not_after": "2020-01-01T00:00:00Z", "remark": "r"},
        {"secret_id": "AKIDb", "secret_key": "secret-key-0001"}], "options": {"clock_skew_seconds": 1}}"#;
    let resolved = resolve(text, directory.path()).expect("resolved");
    let expected = r#"{"keys":[{"name":"acme","secret_id":"AKIDa","secret_key":"secret-key-new",\
        "previous_secret_key":"secret-key-old","previous_secret_key_not_after":"2020-01-01T00:00:00Z","remark":"r"},\
        {"secret_id":"AKIDb","secret_key":"secret-key-0001"}],"options":{"clock_skew_seconds":1}}"#
        .replace("\\\n        ", "");
    let read: serde_json::Value = serde_json::from_str(&resolved.text).expect("JSON");
    assert_eq!(read.to_string(), expected);
    assert_eq!(resolved.keys, [Named::new("AKIDa", "acme")]);
    let paths = files(text, directory.path());
    assert_eq!(paths, [directory.path().join("new"), directory.path().join("old")]);
}

#[test]
fn a_secret_that_is_not_there_is_an_error_with_its_place_in_the_document() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = br#"{"keys": [{"secret_id": "AKIDa", "secret_key_file": "missing"},
        {"secret_id": "AKIDb", "secret_key_env": "USAGE_PLAN_NO_SUCH_VARIABLE"}]}"#;
    let errors = resolve(text, directory.path()).err().expect("two are missing").to_string();
    for expected in [
        "keys[0].secret_key_file: the secret is kept in the file missing: ",
        "keys[1].secret_key_env: the secret",
    ] {
        assert!(errors.contains(expected), "{errors}");
    }
}
