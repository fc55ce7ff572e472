//! `usage-plan plan reset`

use serde_json::json;

use crate::cli::{Cli, EXAMPLE, assert_contains};

/// The example, whose plan has two quotas.
fn cli() -> Cli {
    let cli = Cli::with(EXAMPLE);
    cli.done("plan edit gold --quota 100000/day@+08:00 --quota 500/total");
    cli
}

#[test]
fn a_reset_is_written_into_the_document_and_says_what_is_forgotten() {
    let cli = cli();
    let said = cli.done("plan reset gold");
    let reset = cli.document()["usage_plans"][0]["resets"][0].clone();
    let at = reset["at"].as_str().expect("a time");
    assert_eq!(reset, json!({ "at": at }));
    let expected = format!(
        "usage plan gold (usagePlan-gold) forgets what was used before {at} of 100000/day@+08:00, 500/total\n"
    );
    assert_eq!(said, expected);
    // A second one is later, and replaces the first.
    let again = cli.json("plan reset gold --limit total");
    assert_eq!(again["quotas"], json!([{"max_requests": 500, "period": "total"}]));
    cli.json("plan reset gold");
    let resets = cli.document()["usage_plans"][0]["resets"].clone();
    assert_eq!(resets.as_array().map(Vec::len), Some(1));
    assert!(resets[0]["at"].as_str() > Some(at), "{resets} {at}");
}

#[test]
fn a_dry_run_says_what_would_be_forgotten_and_what_would_change() {
    let cli = cli();
    cli.done("plan edit gold --counter-per key");
    let before = cli.document();
    let said = cli.done("plan reset gold --key acme --limit day --dry-run");
    assert_contains(
        &said,
        "gold (usagePlan-gold) would forget what was used by key acme (AKIDacme0001) before",
    );
    assert_contains(&said, "of 100000/day@+08:00\n--- before\n+++ after\n");
    assert_contains(&said, "+          \"key\": \"AKIDacme0001\"");
    assert_contains(&cli.done("plan reset gold --dry-run"), "what was used by every key before");
    let json = cli.json("plan reset gold --dry-run");
    assert_eq!((&json["changed"], &json["reset"]["key"]), (&json!(true), &json!(null)));
    assert_eq!(cli.document(), before);
}

#[test]
fn what_cannot_be_reset_is_refused_with_what_to_do() {
    let cli = cli();
    assert_contains(
        &cli.refused("plan reset gold --key acme"),
        "cannot be reset alone: leave out --key, or `usage-plan plan edit usagePlan-gold --counter-per key` first",
    );
    assert_contains(
        &cli.refused("plan reset gold --limit hour"),
        "has no quota per hour: give --limit day or total, or leave it out",
    );
    assert_contains(
        &cli.fails(2, "plan reset gold --limit fortnight"),
        "must be minute or hour or day or week or month or year or total",
    );
    cli.done("key create --name gamma --secret-id AKIDgamma001");
    assert_contains(&cli.refused("plan reset gold --key gamma"), "is not bound to usage plan gold");
    cli.done("plan edit gold --quota ''");
    assert_contains(&cli.refused("plan reset gold"), "has no quota, and its other limits are unused again");
}
