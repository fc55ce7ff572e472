//! `publish --watch`: an edit that nobody publishes by hand.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};
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

/// Two plans of the same environment, with these limits; the key is on the first one.
fn two_plans(limits: [u64; 2]) -> Value {
    let mut document = document(limits[0]);
    let mut silver = document["usage_plans"][0].clone();
    for (member, value) in [("id", "usagePlan-silver"), ("name", "silver")] {
        silver[member] = value.into();
    }
    silver["max_requests_per_second"] = limits[1].into();
    silver["keys"] = json!([]);
    document["usage_plans"].as_array_mut().expect("plans").push(silver);
    document
}

#[test]
fn a_key_that_moves_from_plan_to_plan_loses_no_call() {
    const LIMITS: [u64; 2] = [1_000_000, 2_000_000];
    let cli = Cli::with(&two_plans(LIMITS));
    let envoy = Envoy::start(&cli.config().concurrency(2));
    let watching = cli.start(&format!("{} --watch", publish(&[&envoy])));
    line(&watching, " unchanged ");
    let over = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let caller = scope.spawn(|| {
            let mut client = Client::new(envoy.ingress());
            let mut seen = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let response = client.send(&call()).expect("an answer");
                seen.push((response.status, response.header("x-usageplan-ratelimit")));
            }
            seen
        });
        for plan in ["silver", "gold"].iter().cycle().take(10) {
            cli.done(&format!("plan bind-key {plan} acme --move"));
            line(&watching, ": in force after ");
        }
        over.store(true, Ordering::Relaxed);
        caller.join().expect("no panic")
    });
    let refused = seen.iter().filter(|(status, _)| *status != 200).count();
    println!("{} calls while the key moved 10 times, {refused} refused", seen.len());
    assert_eq!(refused, 0);
    for limit in LIMITS {
        let shown = |limited: &Option<String>| {
            limited.as_ref().is_some_and(|shown| shown.ends_with(&format!("/{limit}")))
        };
        assert!(seen.iter().any(|(_, limited)| shown(limited)), "no call was counted on the plan of {limit}");
    }
}
