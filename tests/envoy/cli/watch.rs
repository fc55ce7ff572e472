//! `publish --watch`: an edit that nobody publishes by hand.

use std::fs;
use std::time::Instant;

use testbed::console::Running;
use testbed::{Client, Envoy};

use super::with_variable;
use super::{Cli, assert_in_force, assert_promised, assert_still_in_force, call, document, limit, publish};
use crate::PATIENCE;

/// The next line with `what` in it. Other lines may come before: the watch reports a file that it read while
/// it was being written.
fn line(running: &Running, what: &str) -> String {
    loop {
        let line = running.line(PATIENCE).expect("a line");
        if line.contains(what) {
            return line;
        }
    }
}

#[test]
fn an_edit_by_rename_in_place_or_by_command_is_in_force_within_two_seconds() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config().concurrency(2));
    let mut watching = cli.start(&format!("{} --watch", publish(&[&envoy])));
    let first = line(&watching, " unchanged ");
    assert!(first.ends_with(": in force"), "{first}");

    let mut client = Client::new(envoy.ingress());
    let mut times = Vec::new();
    let mut saved = |save: &dyn Fn(), expected: u64| {
        let start = Instant::now();
        save();
        while limit(&client.send(&call()).expect("an answer")) != expected {
            assert!(start.elapsed() < PATIENCE, "{expected} is not in force");
        }
        times.push(start.elapsed());
        let published = line(&watching, " published ");
        assert!(published.contains(": in force after "), "{published}");
    };
    for edit in (2000..2010).step_by(2) {
        let rename = || {
            fs::write(cli.path("next.json"), document(edit).to_string()).expect("written");
            fs::rename(cli.path("next.json"), cli.path("usage-plans.json")).expect("renamed");
        };
        saved(&rename, edit);
        saved(&|| cli.write(&document(edit + 1)), edit + 1);
    }
    assert_promised(&cli, &times);

    // A key that is disabled by command is refused.
    let start = Instant::now();
    cli.done("key disable acme");
    while client.send(&call()).expect("an answer").status != 401 {
        assert!(start.elapsed() < PATIENCE, "a disabled key passes");
    }
    line(&watching, " published ");
    assert_eq!(watching.stop().expect("ended").code(), Some(0));
}

#[test]
fn what_envoy_refuses_is_reported_and_the_watch_goes_on() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    let watching = cli.start(&format!("{} --watch", publish(&[&envoy])));
    line(&watching, " unchanged ");
    cli.write(&with_variable(2000, "USAGE_PLAN_NO_SUCH_VARIABLE"));
    let refused = line(&watching, " error: published ");
    assert!(refused.ends_with(": Envoy refuses it"), "{refused}");
    line(&watching, "USAGE_PLAN_NO_SUCH_VARIABLE");
    assert_still_in_force(&envoy, 1000);
    cli.write(&document(3000));
    line(&watching, ": in force after ");
    assert_in_force(&envoy, 3000);
}
