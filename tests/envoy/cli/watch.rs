//! An edit that nobody publishes by hand.

use std::fs;
use std::time::{Duration, Instant};

use testbed::console::Running;
use testbed::{Client, Envoy};

use super::{PROMISED, Place, call, document, limit};

fn line(running: &Running) -> String {
    running.line(Duration::from_secs(10)).expect("a line")
}

#[test]
fn an_edit_by_rename_in_place_or_by_command_is_in_force_within_two_seconds() {
    let place = Place::new(&document(1000));
    let envoy = Envoy::start(&place.config().concurrency(2));
    let mut words = place.publish(&[&envoy]);
    words.push("--watch".to_owned());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut watching = place.usage_plan.start(&words).expect("started");
    let first = line(&watching);
    assert!(first.contains(" unchanged ") && first.ends_with(": in force"), "{first}");

    let mut client = Client::new(envoy.ingress());
    let mut slowest = Duration::ZERO;
    let mut saved = |save: &dyn Fn(), expected: u64| {
        let start = Instant::now();
        save();
        while limit(&client.send(&call()).expect("an answer")) != expected {
            assert!(start.elapsed() < PROMISED, "{expected} is not in force");
        }
        slowest = slowest.max(start.elapsed());
        let said = line(&watching);
        assert!(said.contains(" published ") && said.contains(": in force after "), "{said}");
    };
    for edit in (2000..2010).step_by(2) {
        let [next, path] = ["next.json", "usage-plans.json"].map(|name| place.directory.path().join(name));
        let rename = || {
            fs::write(&next, document(edit).to_string()).expect("written");
            fs::rename(&next, &path).expect("renamed");
        };
        saved(&rename, edit);
        saved(&|| place.write(&document(edit + 1)), edit + 1);
    }
    println!("ten edits of a watched document were in force within {slowest:?}");

    // A key that is disabled by command is refused.
    let start = Instant::now();
    assert_eq!(place.usage_plan.run(&["key", "disable", "acme"]).expect("run").status, 0);
    while client.send(&call()).expect("an answer").status != 401 {
        assert!(start.elapsed() < PROMISED, "a disabled key is let in");
    }
    assert!(line(&watching).contains(" published "));
    assert_eq!(watching.stop().expect("ended").code(), Some(0));
}

#[test]
fn what_envoy_refuses_is_told_and_the_watch_goes_on() {
    let place = Place::new(&document(1000));
    let envoy = Envoy::start(&place.config());
    let mut words = place.publish(&[&envoy]);
    words.push("--watch".to_owned());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let watching = place.usage_plan.start(&words).expect("started");
    line(&watching);
    let refused = document(2000).to_string().replace(
        r#""secret_key":"acme-secret-key-0001""#,
        r#""secret_key_env":"USAGE_PLAN_NO_SUCH_VARIABLE""#,
    );
    fs::write(place.directory.path().join("usage-plans.json"), refused).expect("written");
    let said = line(&watching);
    assert!(said.contains(" error: published ") && said.ends_with(": Envoy refuses it"), "{said}");
    let said = line(&watching);
    assert!(said.contains("USAGE_PLAN_NO_SUCH_VARIABLE"), "{said}");
    let mut client = Client::new(envoy.ingress());
    assert_eq!(limit(&client.send(&call()).expect("an answer")), 1000);
    place.write(&document(3000));
    let said = line(&watching);
    assert!(said.contains(": in force after "), "{said}");
    assert_eq!(limit(&client.send(&call()).expect("an answer")), 3000);
}
