//! `publish --resolve`: the secrets of variables and files in the published document.

use std::fs;

use serde_json::json;

use super::{cli, mode, published, published_document};
use crate::cli::{Cli, Edit, assert_contains, assert_text, example};

const SECRET: &str = "secret-of-acme-in-a-file";

/// The example, with the secret of acme in a file beside it.
fn with_file() -> Cli {
    let cli = cli();
    let document =
        example().without("/keys/0/secret_key_env").with("/keys/0/secret_key_file", "secrets/acme");
    cli.write_document(document);
    fs::create_dir(cli.path("secrets")).expect("made");
    cli.write("secrets/acme", format!("{SECRET}\n"));
    cli
}

#[test]
fn a_secret_of_a_file_is_in_the_published_document_which_its_owner_alone_reads_and_that_is_said() {
    let cli = with_file();
    let answer = cli.done("publish --to watched --resolve");
    assert_contains(&answer, "\nwith the secrets of acme (AKIDacme0001) in it; its mode is 0600\n");
    assert!(!answer.contains(SECRET), "{answer}");
    let document = published_document(&cli);
    assert_eq!(document["keys"][0]["secret_key"], SECRET);
    assert_eq!(document["keys"][0].get("secret_key_file"), None);
    assert_eq!(document["keys"][1], example()["keys"][1]);
    assert_eq!(mode(&cli.path("watched/usage-plan.yaml")), 0o600);
    assert!(!cli.text().contains(SECRET), "the document itself stays as it is");
    let again = cli.json("publish --to watched --resolve");
    assert_eq!((&again["changed"], &again["resolved"]), (&json!(false), &json!(["AKIDacme0001"])));
    cli.write("secrets/acme", SECRET.to_uppercase());
    assert_eq!(cli.json("publish --to watched --resolve")["changed"], true);
}

#[test]
fn a_secret_of_a_variable_is_in_it_too_and_envoy_needs_no_variable_then() {
    let cli = cli().env("ACME_SECRET_KEY", SECRET);
    cli.done("publish --to watched --resolve");
    assert_eq!(published_document(&cli)["keys"][0]["secret_key"], SECRET);
    assert!(!published(&cli).contains("ACME_SECRET_KEY"), "{}", published(&cli));
    // The file of settings says it once and for all, and a flag says that it is not so.
    cli.write("usage-plan.toml", "to = \"watched\"\nresolve = true\n");
    assert_contains(&cli.done("publish"), "unchanged ./watched/usage-plan.yaml");
    assert!(cli.json("publish --resolve=false")["resolved"] == json!([]));
    assert_contains(&published(&cli), "ACME_SECRET_KEY");
}

#[test]
fn a_file_that_is_away_or_not_resolved_is_an_error_with_its_place_and_nothing_is_published() {
    let cli = with_file();
    let error = cli.refused("publish --to watched");
    assert_contains(
        &error,
        "\n  keys[0].secret_key_file: the filter reads no file: the document has to be published with --resolve",
    );
    assert_contains(&cli.refused("render --to ecds"), "keys[0].secret_key_file: the filter reads no file");
    fs::remove_file(cli.path("secrets/acme")).expect("removed");
    let error = cli.refused("publish --to watched --resolve");
    assert_contains(
        &error,
        "\n  keys[0].secret_key_file: the secret is kept in the file secrets/acme: No such file",
    );
    cli.write("secrets/acme", "short");
    let error = cli.refused("publish --to watched --resolve");
    assert_contains(&error, "\n  keys[0].secret_key_file: what the file secrets/acme holds must be 10 to 50");
    assert!(!cli.path("watched/usage-plan.yaml").exists());
}

#[test]
fn check_sign_render_and_key_create_know_files() {
    let cli = with_file();
    assert_contains(&cli.done("check"), "\n`publish --resolve` reads these files: secrets/acme");
    assert_contains(
        &cli.done("check --environment"),
        "\nthese files are there, for `publish --resolve`: secrets/acme",
    );
    assert_contains(&cli.done("render --to ecds --resolve"), SECRET);
    let in_file = cli.run("sign http://orders.example.com/release/x --key acme --date 2026-11-24T19:03:16Z");
    let by_hand = cli.run(&format!(
        "sign http://orders.example.com/release/x --secret-id AKIDacme0001 --secret-key {SECRET} \
         --date 2026-11-24T19:03:16Z"
    ));
    assert_text(&in_file.stdout, &by_hand.stdout);
    let created = cli.done("key create --name gamma --secret-key-file secrets/gamma");
    assert_contains(
        &created,
        "secret_key  in the file secrets/gamma, from which `publish --resolve` takes it",
    );
    assert_eq!(cli.document()["keys"][2]["secret_key_file"], "secrets/gamma");
    assert_contains(&cli.refused("key rotate gamma --now"), "--secret-key-file");
    cli.done("key rotate gamma --secret-key-file secrets/gamma-2 --overlap 1h");
    let gamma = &cli.document()["keys"][2];
    assert_eq!(gamma["previous_secret_key_file"], "secrets/gamma");
    assert_eq!(gamma["secret_key_file"], "secrets/gamma-2");
    fs::remove_file(cli.path("secrets/acme")).expect("removed");
    let error = cli.refused("check --environment");
    assert_contains(
        &error,
        "keys[0].secret_key_file: the secret is kept in the file secrets/acme: No such file",
    );
}
