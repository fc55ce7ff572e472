//! `usage-plan check`

use serde_json::json;

use crate::cli::{ACME_SECRET, Cli, EXAMPLE, assert_contains, assert_text, parse_json};

#[test]
fn a_valid_document_is_summed_up_with_the_variables_that_envoy_needs() {
    let cli = Cli::with(EXAMPLE);
    assert_text(
        &cli.done("check"),
        "./usage-plans.json is valid: 1 service, 2 keys, 1 usage plan\n\
         Envoy's environment must have: ACME_SECRET_KEY\n",
    );
    let summary = json!({
        "valid": true, "services": 1, "keys": 2, "usage_plans": 1, "variables": ["ACME_SECRET_KEY"],
        "files": [], "environment_checked": false,
    });
    assert_eq!(cli.json("check"), summary);
    assert_text(
        &Cli::with("{}").done("check"),
        "./usage-plans.json is valid: 0 services, 0 keys, 0 usage plans\n",
    );
}

#[test]
fn counters_that_an_engine_never_forgets_are_warned_of_wherever_the_document_goes_to_envoys() {
    let cli = Cli::empty();
    let fleet = json!({"cluster": "engine", "engine": "envoyproxy", "expected_envoys": 2});
    let plan = json!({"id": "gold", "max_requests_per_second": 5, "counter_per": ["key"]});
    let document = json!({"usage_plans": [plan], "options": {"fleet": fleet}});
    cli.write("usage-plans.json", document.to_string());
    std::fs::create_dir(cli.path("watched")).expect("a directory");
    for line in ["check", "render --to ecds", "publish --to watched"] {
        let ran = cli.exits(0, line);
        assert_contains(
            &ran.stderr,
            "warning: usage_plans[0].counter_per: envoyproxy/ratelimit keeps 2.9 KiB for",
        );
        assert_eq!(ran.stderr.lines().count(), 1, "{line}");
    }
}

#[test]
fn the_document_is_the_file_named_or_standard_input() {
    let cli = Cli::with("not this one");
    cli.write("other.json", EXAMPLE);
    assert!(cli.done("check other.json").starts_with("other.json is valid"));
    let ran = cli.exits_with_input(0, "check -", EXAMPLE);
    assert!(ran.stdout.starts_with("standard input is valid"), "{ran:?}");
}

#[test]
fn every_broken_rule_is_reported_with_its_place_and_the_exit_code_is_1() {
    let cli = Cli::with(EXAMPLE.replace("\"disabled\"", "\"off\"").replace(": 1000,", ": 0,"));
    assert_text(
        &cli.refused("check"),
        "error: ./usage-plans.json breaks 2 rules:\n  \
         ./usage-plans.json:8:100: keys[1].status: must be \"enabled\" or \"disabled\"\n  \
         ./usage-plans.json:11:74: usage_plans[0].max_requests_per_second: \
         must be -1 (no limit) or 1 to 999999999999999\n",
    );
    let error = parse_json(&cli.refused("check --output json"));
    let rule = json!({"path": "keys[1].status", "rule": "must be \"enabled\" or \"disabled\"",
        "file": "./usage-plans.json", "line": 8, "column": 100});
    assert_eq!(error["error"]["rules"][0], rule);
}

#[test]
fn text_that_is_not_the_document_itself_is_reported_as_the_filter_reports_it() {
    for (text, expected) in [
        (
            "\n\u{8}\u{a}\u{4}keys\u{12}",
            "document: must be JSON, and is binary protobuf: \
             give the document as a google.protobuf.StringValue",
        ),
        (
            "configuration:\n  services: []\n",
            "standard input:1:1: document: must be JSON: expected value at line 1 column 1",
        ),
        ("", "document: the configuration is empty"),
    ] {
        assert_contains(&Cli::empty().fails_with_input(1, "check -", text), expected);
    }
}

#[test]
fn a_file_that_cannot_be_read_exits_with_3() {
    assert!(Cli::empty().fails(3, "check").starts_with("error: ./usage-plans.json: "));
    let error = Cli::empty().fails(3, "check nowhere.json");
    assert!(error.starts_with("error: nowhere.json: ") && !error.contains("--file"), "{error}");
}

#[test]
fn the_environment_is_checked_on_request_as_the_filter_checks_it() {
    let stdout = Cli::with(EXAMPLE).env("ACME_SECRET_KEY", ACME_SECRET).done("check --environment");
    assert!(stdout.ends_with("\nthis environment has: ACME_SECRET_KEY\n"), "{stdout}");

    let missing = "the filter's environment has no variable \"ACME_SECRET_KEY\", or an empty one";
    let short = "the value of \"ACME_SECRET_KEY\" must be 10 to 50 of A-Z a-z 0-9 _ -";
    for (cli, rule) in [
        (Cli::with(EXAMPLE), missing),
        (Cli::with(EXAMPLE).env("ACME_SECRET_KEY", ""), missing),
        (Cli::with(EXAMPLE).env("ACME_SECRET_KEY", "short"), short),
    ] {
        assert_contains(&cli.refused("check --environment"), &format!("keys[0].secret_key_env: {rule}"));
    }
}
