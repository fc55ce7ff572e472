//! `usage-plan apply`

use serde_json::json;

use crate::cli::{Cli, EXAMPLE, Edit, assert_contains, assert_hides, assert_text, example};

const PART: &str = r#"{
  "keys": [{"name": "acme", "remark": "contract 4711"}, {"name": "gamma", "secret_key": "gamma-secret-key-1"}],
  "usage_plans": [{"id": "usagePlan-gold", "max_requests_per_second": 1000}]
}"#;

#[test]
fn a_part_of_a_document_is_merged_and_counted() {
    let cli = Cli::with(EXAMPLE);
    cli.write("part.json", PART);
    assert_text(
        &cli.done("apply -f part.json"),
        "keys: 1 created, 1 changed, 0 unchanged\nusage plans: 0 created, 0 changed, 1 unchanged\n",
    );
    let document = cli.document();
    assert_eq!(document["keys"][0], example()["keys"][0].clone().with("/remark", "contract 4711"));
    assert_eq!(document["keys"][2]["name"], "gamma");
    let text = cli.text();
    let again = cli.json("apply -f part.json");
    assert_eq!(again["keys"], json!({"created": 0, "changed": 0, "unchanged": 2}));
    assert_eq!(again["changed"], false);
    assert_text(&cli.text(), &text);
}

#[test]
fn a_part_comes_from_standard_input_as_yaml_and_begins_a_document() {
    let cli = Cli::empty();
    let part = "usage_plans:\n  - name: gold\n    max_requests_per_second: 10\n";
    let ran = cli.exits_with_input(0, "apply -f -", part);
    assert_text(&ran.stdout, "usage plans: 1 created, 0 changed, 0 unchanged\n");
    assert_eq!(cli.document()["usage_plans"][0]["max_requests_per_second"], 10);
}

#[test]
fn a_dry_run_of_a_part_shows_the_difference_and_no_secret() {
    let cli = Cli::with(EXAMPLE);
    cli.write("part.json", PART);
    let ran = cli.exits(0, "apply -f part.json --dry-run");
    assert_contains(&ran.stdout, "+      \"remark\": \"contract 4711\"");
    assert_hides(&ran, "gamma-secret-key-1");
    assert_text(&cli.text(), EXAMPLE);
}

#[test]
fn a_part_that_would_break_a_rule_or_cannot_be_read_changes_nothing() {
    let cli = Cli::with(EXAMPLE);
    for (part, expected) in [
        (r#"{"keys": [{"name": "acme", "status": "asleep"}]}"#, "keys[0].status: must be"),
        (r#"{"keys": [{"name": "acme", "colour": "red"}]}"#, "keys[0]"),
        (r#"{"plans": []}"#, "error: part.json: a document has no member \"plans\""),
        ("{", "error: part.json: must be JSON or YAML, and cannot be read"),
    ] {
        cli.write("part.json", part);
        assert_contains(&cli.refused("apply -f part.json"), expected);
    }
    assert_contains(&cli.fails(3, "apply -f nothing.json"), "nothing.json: No such file");
    cli.fails(2, "apply");
}
