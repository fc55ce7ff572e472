//! `usage-plan publish`, as far as it needs no Envoy; `--watch` is in `publish/watch.rs`.

mod resolve;
mod watch;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use usage_plan_core::document::Digest;

use crate::cli::{BETA_SECRET, Cli, EXAMPLE, Edit, assert_contains, assert_text, example, parse_json};

/// The example, beside a directory that an Envoy could watch.
fn cli() -> Cli {
    let cli = Cli::with(EXAMPLE);
    fs::create_dir(cli.path("watched")).expect("made");
    cli
}

/// The text of the published file.
fn published(cli: &Cli) -> String {
    fs::read_to_string(cli.path("watched/usage-plan.yaml")).expect("published")
}

fn parse_yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("YAML")
}

/// The document in the published file.
fn published_document(cli: &Cli) -> Value {
    let file = parse_yaml(&published(cli));
    let document = file.pointer("/resources/0/typed_config/config/configuration/value");
    parse_json(document.and_then(Value::as_str).expect("a document"))
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("there").permissions().mode() & 0o777
}

#[test]
fn the_file_holds_the_document_its_variables_the_module_and_a_version_for_its_owner_alone() {
    let cli = cli();
    let answer = cli.json("publish --to watched --module /lib/filter.wasm");
    let file = parse_yaml(&published(&cli));
    assert_eq!(published_document(&cli), example());
    let vm = &file["resources"][0]["typed_config"]["config"]["vm_config"];
    assert_eq!(vm["environment_variables"]["host_env_keys"], json!(["ACME_SECRET_KEY"]));
    assert_eq!(vm["code"]["local"]["filename"], "/lib/filter.wasm");
    assert_eq!((&answer["changed"], &answer["version"]), (&json!(true), &file["version_info"]));
    let given = file.pointer("/resources/0/typed_config/config/configuration/value").and_then(Value::as_str);
    let (digest, rest) =
        answer["version"].as_str().and_then(|version| version.split_once('-')).expect("parts");
    assert_eq!(digest, Digest::of(given.expect("a document").as_bytes()).to_string());
    assert_eq!(rest.len(), 8, "{answer}");
    assert_eq!(mode(&cli.path("watched/usage-plan.yaml")), 0o600);
    assert_eq!(fs::read_dir(cli.path("watched")).expect("listed").count(), 1);
}

#[test]
fn publishing_the_same_again_changes_nothing_and_another_mode_does() {
    let cli = cli();
    let path = cli.path("watched/usage-plan.yaml");
    let first = cli.json("publish --to watched");
    let version = first["version"].as_str().expect("a version");
    let modified = || path.metadata().and_then(|metadata| metadata.modified()).expect("there");
    let before = modified();
    assert_text(
        &cli.done("publish --to watched"),
        &format!("unchanged watched/usage-plan.yaml, version {version}\n"),
    );
    assert_eq!(modified(), before);
    assert_text(
        &cli.done("publish --to watched --mode 0640"),
        &format!("published watched/usage-plan.yaml, version {version}\n"),
    );
    assert_eq!(mode(&path), 0o640);
}

#[test]
fn an_invalid_document_is_not_published_and_every_broken_rule_is_reported() {
    let cli = cli();
    cli.done("publish --to watched");
    let before = published(&cli);
    let secret = BETA_SECRET.replace("beta-secret", "!");
    cli.write_document(
        example().with("/keys/1/secret_key", secret).with("/usage_plans/0/max_requests_per_second", 0),
    );
    let error = cli.refused("publish --to watched");
    for expected in [
        "is not published, because it breaks these rules:",
        "keys[1].secret_key: ",
        ".max_requests_per_second: ",
    ] {
        assert_contains(&error, expected);
    }
    assert!(!error.contains("-key-0001"), "a secret is shown: {error}");
    assert_text(&published(&cli), &before);
}

#[test]
fn what_cannot_be_reached_is_exit_code_3_and_a_wrong_command_line_2() {
    let cli = cli();
    for (status, line, expected) in [
        (3, "publish --to elsewhere", "error: --to elsewhere: No such file or directory"),
        (3, "publish --to watched --file elsewhere.json", "error: elsewhere.json: No such file or directory"),
        (2, "publish --to watched --mode 0999", "--mode"),
        (2, "publish --to watched --admin 9901", "--admin"),
        (2, "publish --to watched --timeout soon", "--timeout"),
    ] {
        assert_contains(&cli.fails(status, line), expected);
    }
}

#[test]
fn an_envoy_that_is_away_is_exit_code_3_and_the_file_is_there_for_when_it_comes() {
    let cli = cli();
    let [port] = testbed::ports::free_ports().expect("a free port");
    let admin = format!("127.0.0.1:{port}");
    for done in ["published", "unchanged"] {
        let error = cli.fails(3, &format!("publish --to watched --admin {admin}"));
        let expected = format!("error: {done} watched/usage-plan.yaml, version ");
        assert!(error.starts_with(&expected) && error.contains(&admin), "{error}");
        assert_eq!(published_document(&cli), example());
    }
}

/// A server that gives every request this answer, or no answer if it is empty.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound").to_string();
    std::thread::spawn(move || {
        let mut unanswered = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.expect("a caller");
            let _ = stream.read(&mut [0; 4096]);
            match answer {
                "" => unanswered.push(stream),
                answer => drop(stream.write_all(answer.as_bytes())),
            }
        }
    });
    address
}

#[test]
fn a_server_that_is_not_such_an_envoy_is_reported_at_once_or_after_the_timeout() {
    let cli = cli();
    for (answer, expected) in [
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "http status: 404"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "reads no filter of the name usage_plan from a directory",
        ),
        ("", "timeout"),
    ] {
        let line = format!("publish --to watched --admin {} --timeout 200ms", server(answer));
        assert_contains(&cli.fails(3, &line), expected);
    }
}
