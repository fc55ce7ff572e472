//! `usage-plan diff`: what differs, and what is equal.

use std::fs;

use super::{DOCUMENT, healthy, published};
use crate::admin::FakeEnvoy;
use crate::cli::{Cli, assert_contains, assert_text};

#[test]
fn an_equal_document_is_exit_code_0_and_a_difference_is_1_with_secrets_as_numbers() {
    let cli = Cli::with(DOCUMENT);
    let envoy = healthy().start();
    let line = format!("diff --admin {envoy}");
    assert_text(&cli.done(&line), &format!("./usage-plans.json is equal to what is in force in {envoy}\n"));
    cli.write_document(
        DOCUMENT.replace("10,", "20,").replace("acme-secret-key-0001", "acme-secret-key-0002"),
    );
    let difference = cli.exits(1, &line).stdout;
    for expected in [
        format!("--- what is in force in {envoy}\n+++ ./usage-plans.json\n").as_str(),
        "-      \"max_requests_per_second\": 10,\n+      \"max_requests_per_second\": 20,\n",
        "-      \"secret_key\": \"(secret 1)\"\n+      \"secret_key\": \"(secret 2)\"\n",
    ] {
        assert_contains(&difference, expected);
    }
    assert!(!difference.contains("acme-secret"), "a secret is shown: {difference}");
    let json = crate::cli::parse_json(&cli.exits(1, &format!("{line} --output json")).stdout);
    assert_eq!((&json["equal"], &json["compared"][0]["equal"]), (&false.into(), &false.into()));
}

#[test]
fn the_published_file_is_compared_if_no_envoy_is_named() {
    let cli = Cli::with(DOCUMENT);
    fs::create_dir(cli.path("watched")).expect("made");
    assert_contains(&cli.refused("diff --to watched"), "there is no published document in watched");
    assert_contains(&cli.fails(3, "diff --to none"), "--to none: ");
    cli.done("publish --to watched");
    cli.done("diff --to watched");
    cli.write_document(DOCUMENT.replace("gold", "silver"));
    let difference = cli.exits(1, "diff --to watched").stdout;
    assert_contains(&difference, "--- what is published in watched\n");
}

#[test]
fn after_a_refusal_the_document_in_force_is_read_from_the_file_that_was_accepted() {
    let cli = Cli::with(DOCUMENT);
    fs::create_dir(cli.path("watched")).expect("made");
    cli.done("publish --to watched");
    fs::rename(cli.path("watched/usage-plan.yaml"), cli.path("watched/usage-plan.yaml.accepted"))
        .expect("moved");
    let refused = FakeEnvoy::live(&[]).in_force("1", &published()).tried("2", "{\"keys\": 1}").start();
    let error = cli.refused(&format!("diff --admin {refused}"));
    assert_contains(&error, "cannot be read, because Envoy refused a file since");
    cli.done(&format!("diff --admin {refused} --to watched"));
}

#[test]
fn an_envoy_without_a_document_or_that_is_away_cannot_be_compared() {
    let cli = Cli::with(DOCUMENT);
    let mut none = healthy();
    none.statistics.clear();
    let none = none.start();
    assert_contains(&cli.refused(&format!("diff --admin {none}")), "no document is in force");
    let [away] = testbed::ports::free_ports().expect("a free port");
    cli.fails(3, &format!("diff --admin 127.0.0.1:{away}"));
    let both = cli.exits(3, &format!("diff --admin 127.0.0.1:{away} --admin {}", healthy().start()));
    assert_contains(&both.stdout, "is equal to what is in force in ");
}
