//! `usage-plan publish` and `usage`, as far as they need no Envoy.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use testbed::console::Running;

use crate::cli::{Cli, EXAMPLE};

/// How long a line may take that is due at the next look.
const SOON: Duration = Duration::from_secs(10);

/// A directory that an Envoy could watch, beside the document.
fn cli(document: &str) -> (Cli, PathBuf) {
    let cli = Cli::with(document);
    fs::create_dir(cli.path("watched")).expect("made");
    let published = cli.path("watched/usage-plan.yaml");
    (cli, published)
}

fn published(path: &PathBuf) -> Value {
    serde_saphyr::from_str(&fs::read_to_string(path).expect("published")).expect("YAML")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The document in a published file.
fn document_in(path: &PathBuf) -> Value {
    let file = published(path);
    let document = file.pointer("/resources/0/typed_config/config/configuration/value");
    json(document.and_then(Value::as_str).expect("a document"))
}

#[test]
fn the_file_holds_the_document_its_variables_the_module_and_a_version_for_its_owner_alone() {
    let (cli, path) = cli(EXAMPLE);
    let answer = cli.json(&["publish", "--to", "watched", "--module", "/lib/filter.wasm"]);
    let file = published(&path);
    assert_eq!(document_in(&path), json(EXAMPLE));
    let vm = &file["resources"][0]["typed_config"]["config"]["vm_config"];
    assert_eq!(vm["environment_variables"]["host_env_keys"], serde_json::json!(["ACME_SECRET_KEY"]));
    assert_eq!(vm["code"]["local"]["filename"], "/lib/filter.wasm");
    assert_eq!((&answer["changed"], &answer["version"]), (&true.into(), &file["version_info"]));
    assert!(file["version_info"].as_str().is_some_and(|version| version.len() == 16), "{answer}");
    assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(cli.path("watched")).expect("listed").count(), 1);
}

#[test]
fn publishing_the_same_again_changes_nothing_and_another_mode_does() {
    let (cli, path) = cli(EXAMPLE);
    let first = cli.json(&["publish", "--to", "watched"]);
    let modified = || path.metadata().and_then(|metadata| metadata.modified()).expect("there");
    let before = modified();
    let second = cli.done(&["publish", "--to", "watched"]);
    let version = first["version"].as_str().expect("a version");
    assert_eq!(second, format!("unchanged watched/usage-plan.yaml, version {version}\n"));
    assert_eq!(modified(), before);
    let third = cli.done(&["publish", "--to", "watched", "--mode", "0640"]);
    assert_eq!(third, format!("published watched/usage-plan.yaml, version {version}\n"));
    assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o640);
}

#[test]
fn an_invalid_document_is_not_published_and_every_broken_rule_is_told() {
    let (cli, path) = cli(EXAMPLE);
    cli.done(&["publish", "--to", "watched"]);
    let before = fs::read(&path).expect("published");
    fs::write(cli.path("usage-plans.json"), EXAMPLE.replace("1000", "0").replace("beta-secret", "!"))
        .expect("written");
    let error = cli.refused(&["publish", "--to", "watched"]);
    for rule in
        ["is not published, for it breaks these rules:", "keys[1].secret_key: ", ".max_requests_per_second: "]
    {
        assert!(error.contains(rule), "{rule:?} is not in {error}");
    }
    assert!(!error.contains("-key-0001"), "a secret is told: {error}");
    assert_eq!(fs::read(&path).expect("published"), before);
}

#[test]
fn what_cannot_be_reached_is_exit_code_3_and_a_wrong_command_line_2() {
    let (cli, _) = cli(EXAMPLE);
    let error = cli.fails(3, &["publish", "--to", "elsewhere"]);
    assert!(error.starts_with("error: --to elsewhere: No such file or directory"), "{error}");
    let error = cli.fails(3, &["publish", "--to", "watched", "--file", "elsewhere.json"]);
    assert!(error.starts_with("error: elsewhere.json: No such file or directory"), "{error}");
    for wrong in [["--mode", "0999"], ["--admin", "9901"], ["--timeout", "soon"]] {
        cli.fails(2, &[["publish", "--to", "watched"].as_slice(), &wrong].concat());
    }
    cli.fails(2, &["usage", "--admin", "9901"]);
}

#[test]
fn an_envoy_that_is_away_is_exit_code_3_and_the_file_is_there_for_when_it_comes() {
    let (cli, path) = cli(EXAMPLE);
    let [port] = testbed::ports::free_ports().expect("a free port");
    let admin = format!("127.0.0.1:{port}");
    for done in ["published", "unchanged"] {
        let error = cli.fails(3, &["publish", "--to", "watched", "--admin", &admin]);
        let expected = format!("error: {done} watched/usage-plan.yaml, version ");
        assert!(error.starts_with(&expected) && error.contains(&admin), "{error}");
        assert_eq!(document_in(&path), json(EXAMPLE));
    }
    let error = cli.fails(3, &["usage", "--admin", &admin]);
    assert!(error.starts_with(&format!("error: Envoy's admin interface at {admin}: ")), "{error}");
}

/// A server that gives every request this answer; no answer if it is empty.
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
fn what_is_no_envoy_that_reads_the_filter_from_a_directory_is_told_at_once_or_after_the_timeout() {
    let (cli, _) = cli(EXAMPLE);
    for (answer, expected) in [
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "http status: 404"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "reads no filter of the name usage_plan from a directory",
        ),
        ("", "timeout"),
    ] {
        let admin = server(answer);
        let error = cli.fails(3, &["publish", "--to", "watched", "--admin", &admin, "--timeout", "200ms"]);
        assert!(error.contains(expected), "{error}");
    }
}

/// Publishes whenever the document changes, and has done so once.
fn watch(cli: &Cli) -> Running {
    let running = cli.usage_plan().start(&["publish", "--to", "watched", "--watch"]).expect("started");
    line(&running, "published watched/usage-plan.yaml, version ");
    running
}

/// The next line, which contains `expected` after the time.
fn line(running: &Running, expected: &str) -> String {
    let line = running.line(SOON).expect("a line");
    let (time, rest) = line.split_once(' ').expect("a time");
    assert!(time.ends_with('Z') && time.len() == 20, "{line}");
    assert!(rest.contains(expected), "{line:?} instead of {expected:?}");
    line
}

#[test]
fn a_watched_document_is_published_when_it_is_renamed_into_place_or_written_in_place() {
    let (cli, path) = cli(EXAMPLE);
    let mut running = watch(&cli);
    for limit in ["2000", "3000", "4000"] {
        let text = EXAMPLE.replace("1000", limit);
        fs::write(cli.path("next.json"), &text).expect("written");
        fs::rename(cli.path("next.json"), cli.path("usage-plans.json")).expect("renamed");
        line(&running, "published");
        assert_eq!(document_in(&path), json(&text));
        let text = text.replace("paying callers", "in place");
        fs::write(cli.path("usage-plans.json"), &text).expect("written");
        line(&running, "published");
        assert_eq!(document_in(&path), json(&text));
    }
    cli.done(&["key", "enable", "beta"]);
    line(&running, "published");
    assert_eq!(document_in(&path), cli.document());
    let status = running.stop().expect("ended");
    assert_eq!(status.code(), Some(0));
    line(&running, "stopped");
}

#[test]
fn a_watched_document_that_is_missing_or_broken_is_told_once_and_what_is_published_stays() {
    let (cli, path) = cli(EXAMPLE);
    let running = watch(&cli);
    fs::write(cli.path("usage-plans.json"), "{").expect("written");
    line(&running, "error: ./usage-plans.json is not published, for it breaks these rules:");
    assert!(running.line(SOON).expect("the rule").starts_with("  document: "));
    fs::rename(cli.path("usage-plans.json"), cli.path("away.json")).expect("renamed");
    line(&running, "error: ./usage-plans.json: No such file or directory");
    let again = running.line(Duration::from_millis(700));
    assert!(again.is_err(), "told again: {again:?}");
    assert_eq!(document_in(&path), json(EXAMPLE));
    fs::write(cli.path("usage-plans.json"), EXAMPLE).expect("written");
    line(&running, "unchanged");
}

#[test]
fn a_directory_that_goes_away_is_told_once_and_published_to_when_it_is_back() {
    let (cli, path) = cli(EXAMPLE);
    let running = watch(&cli);
    fs::remove_dir_all(cli.path("watched")).expect("removed");
    let text = EXAMPLE.replace("1000", "2000");
    fs::write(cli.path("usage-plans.json"), &text).expect("written");
    line(&running, "error: --to watched: No such file or directory");
    let again = running.line(Duration::from_millis(700));
    assert!(again.is_err(), "told again: {again:?}");
    fs::create_dir(cli.path("watched")).expect("made");
    line(&running, "published");
    assert_eq!(document_in(&path), json(&text));
}

#[test]
fn events_are_a_line_of_json_each_when_asked_for() {
    let (cli, _) = cli(EXAMPLE);
    let running = cli.usage_plan().start(&["publish", "--to", "watched", "--watch", "--output", "json"]);
    let mut running = running.expect("started");
    let event = |running: &Running| json(&running.line(SOON).expect("a line"));
    let published = event(&running);
    assert_eq!(published["published"]["changed"], true, "{published}");
    assert!(published["time"].is_string(), "{published}");
    fs::write(cli.path("usage-plans.json"), "{}}").expect("written");
    let error = event(&running);
    assert_eq!(error["error"]["exit_code"], 1, "{error}");
    assert_eq!(running.stop().expect("ended").code(), Some(0));
    assert_eq!(event(&running)["event"], "stopped");
}
