//! `usage-plan publish --watch`

use std::fs;
use std::time::Duration;

use testbed::console::Running;

use super::{cli, published_document};
use crate::cli::{Cli, EXAMPLE, Edit, assert_contains, example, parse_json};

/// How long a line may take that is due at the next look.
const SOON: Duration = Duration::from_secs(60);

/// How long to wait for a line that must not come.
const SILENCE: Duration = Duration::from_millis(700);

/// Publishes whenever the document changes, and has published it once.
fn watch(cli: &Cli) -> Running {
    let running = cli.start("publish --to watched --watch");
    line(&running, "published watched/usage-plan.yaml, version ");
    running
}

/// Takes the next line, which must contain `expected` after the time.
#[track_caller]
fn line(running: &Running, expected: &str) {
    let line = running.line(SOON).expect("a line");
    let (time, rest) = line.split_once(' ').expect("a time");
    assert!(time.ends_with('Z') && time.len() == 20, "{line}");
    assert_contains(rest, expected);
}

#[track_caller]
fn silence(running: &Running) {
    let line = running.line(SILENCE);
    assert!(line.is_err(), "reported again: {line:?}");
}

#[test]
fn a_watched_document_is_published_when_it_is_renamed_into_place_or_written_in_place() {
    let cli = cli();
    let mut running = watch(&cli);
    for limit in [2000, 3000, 4000] {
        let renamed = example().with("/usage_plans/0/max_requests_per_second", limit);
        fs::rename(cli.path(cli.write("next.json", renamed.to_string())), cli.document_path())
            .expect("renamed");
        line(&running, "published");
        assert_eq!(published_document(&cli), renamed);
        let in_place = renamed.with("/usage_plans/0/remark", "in place");
        cli.write_document(&in_place);
        line(&running, "published");
        assert_eq!(published_document(&cli), in_place);
    }
    cli.done("key enable beta");
    line(&running, "published");
    assert_eq!(published_document(&cli), cli.document());
    let status = running.stop().expect("ended");
    assert_eq!(status.code(), Some(0));
    line(&running, "stopped");
}

#[test]
fn a_watched_document_that_is_missing_or_broken_is_reported_once_and_what_is_published_stays() {
    let cli = cli();
    let running = watch(&cli);
    cli.write_document("{");
    line(&running, "error: ./usage-plans.json is not published, because it breaks these rules:");
    assert!(running.line(SOON).expect("the rule").starts_with("  document: "));
    fs::rename(cli.document_path(), cli.path("away.json")).expect("renamed");
    line(&running, "error: ./usage-plans.json: No such file or directory");
    silence(&running);
    assert_eq!(published_document(&cli), example());
    cli.write_document(EXAMPLE);
    line(&running, "unchanged");
}

#[test]
fn a_directory_that_goes_away_is_reported_once_and_published_to_when_it_is_back() {
    let cli = cli();
    let running = watch(&cli);
    fs::remove_dir_all(cli.path("watched")).expect("removed");
    let changed = example().with("/usage_plans/0/max_requests_per_second", 2000);
    cli.write_document(&changed);
    line(&running, "error: --to watched: No such file or directory");
    let hint = running.line(SOON).expect("what to do about it");
    assert!(hint.starts_with("it has to be the directory that path_config_source"), "{hint}");
    silence(&running);
    fs::create_dir(cli.path("watched")).expect("made");
    line(&running, "published");
    assert_eq!(published_document(&cli), changed);
}

#[test]
fn events_are_a_line_of_json_each_when_asked_for() {
    let cli = cli();
    let mut running = cli.start("publish --to watched --watch --output json");
    let event = |running: &Running| parse_json(&running.line(SOON).expect("a line"));
    let published = event(&running);
    assert_eq!(published["published"]["changed"], true, "{published}");
    assert!(published["time"].is_string(), "{published}");
    cli.write_document("{}}");
    let error = event(&running);
    assert_eq!(error["error"]["exit_code"], 1, "{error}");
    assert_eq!(running.stop().expect("ended").code(), Some(0));
    assert_eq!(event(&running)["event"], "stopped");
}
