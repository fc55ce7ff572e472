//! `usage-plan check`

use serde_json::{Value, json};

use crate::cli::{Cli, EXAMPLE, run};

#[test]
fn a_valid_document_is_summed_up_with_the_variables_that_envoy_needs() {
    let cli = Cli::with(EXAMPLE);
    let text = "./usage-plans.json is valid: 1 service, 2 keys, 1 usage plan\nEnvoy's environment must have: ACME_SECRET_KEY\n";
    assert_eq!(cli.done(&["check"]), text);
    let json = json!({
        "valid": true, "services": 1, "keys": 2, "usage_plans": 1, "variables": ["ACME_SECRET_KEY"],
        "environment_checked": false,
    });
    assert_eq!(cli.json(&["check"]), json);
    assert_eq!(
        Cli::with("{}").done(&["check"]),
        "./usage-plans.json is valid: 0 services, 0 keys, 0 usage plans\n"
    );
}

#[test]
fn the_document_is_the_file_named_or_standard_input() {
    let cli = Cli::with("not this one");
    std::fs::write(cli.path("other.json"), EXAMPLE).expect("written");
    assert!(cli.done(&["check", "other.json"]).starts_with("other.json is valid"));
    let ran = cli.run_with_input(&["check", "-"], EXAMPLE);
    assert_eq!(ran.status, 0);
    assert!(ran.stdout.starts_with("standard input is valid"), "{ran:?}");
}

#[test]
fn every_broken_rule_is_told_with_its_place_and_the_exit_code_is_1() {
    let broken = EXAMPLE.replace("\"status\": \"disabled\"", "\"status\": \"off\"").replace("1000", "0");
    let cli = Cli::with(&broken);
    let expected = "error: ./usage-plans.json breaks 2 rules:\n  \
                    keys[1].status: must be \"enabled\" or \"disabled\"\n  \
                    usage_plans[0].max_requests_per_second: must be -1 (no limit) or 1 to 999999999999999\n";
    assert_eq!(cli.refused(&["check"]), expected);
    let error: Value = serde_json::from_str(&cli.refused(&["check", "--output", "json"])).expect("JSON");
    assert_eq!(error["error"]["rules"][0]["path"], "keys[1].status");
}

#[test]
fn what_is_not_the_document_itself_is_told_as_the_filter_tells_it() {
    let cli = Cli::empty();
    let wrapped = "\n\u{8}\u{a}\u{4}keys\u{12}";
    for (text, words) in [
        (
            wrapped,
            "document: must be JSON, and is binary protobuf: give the document as a google.protobuf.StringValue",
        ),
        ("configuration:\n  services: []\n", "document: must be JSON: expected value at line 1 column 1"),
        ("", "document: the configuration is empty"),
    ] {
        let ran = cli.run_with_input(&["check", "-"], text);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stderr.contains(words), "{ran:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_exits_with_3() {
    assert!(Cli::empty().fails(3, &["check"]).starts_with("error: ./usage-plans.json: "));
    let error = Cli::empty().fails(3, &["check", "nowhere.json"]);
    assert!(error.starts_with("error: nowhere.json: ") && !error.contains("--file"), "{error}");
}

#[test]
fn the_environment_is_checked_when_asked_as_the_filter_does() {
    let cli = Cli::with(EXAMPLE);
    let with = |value: Option<&str>| {
        let mut command = cli.command(&["check", "--environment"]);
        match value {
            Some(value) => command.env("ACME_SECRET_KEY", value),
            None => command.env_remove("ACME_SECRET_KEY"),
        };
        run(command, "")
    };
    let ran = with(Some("acme-secret-key-0001"));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.ends_with("\nthis environment has: ACME_SECRET_KEY\n"), "{ran:?}");
    let place = "keys[0].secret_key_env: ";
    for (value, rule) in [
        (None, "the VM's environment has no variable \"ACME_SECRET_KEY\", or an empty one"),
        (Some(""), "the VM's environment has no variable \"ACME_SECRET_KEY\", or an empty one"),
        (Some("short"), "the value of \"ACME_SECRET_KEY\" must be 10 to 50 of A-Z a-z 0-9 _ -"),
    ] {
        let ran = with(value);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stderr.contains(&format!("{place}{rule}")), "{ran:?}");
    }
}
