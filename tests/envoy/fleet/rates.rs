//! A rate over two Envoys with two workers each.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use testbed::busiest::SECOND;
use testbed::{Entry, Envoy, Flood, Sample, flood};

use super::engines::FakeEngine;
use super::{Place, document, fleet, member, target};

const LIMIT: usize = 400;

/// How long callers call.
const LOAD: Duration = Duration::from_secs(3);

fn plan() -> [(&'static str, Value); 1] {
    [("gold", json!({"max_requests_per_second": LIMIT}))]
}

/// Two Envoys with two workers each.
fn pair(document: &Value, engine: std::net::SocketAddr) -> [Envoy; 2] {
    [(); 2].map(|()| Envoy::start(&member(document, engine).concurrency(2).access_log()))
}

/// Calls both, so many times a second each.
fn load(envoys: &[Envoy; 2], rates: [f64; 2]) -> [Vec<Sample>; 2] {
    std::thread::scope(|scope| {
        let [one, two] = [0, 1].map(|number| {
            let target = target(&envoys[number], "gold");
            scope.spawn(move || flood(&[target], &Flood::of(LOAD).rate(rates[number])).expect("answers"))
        });
        [one, two].map(|calls| calls.join().expect("no panic"))
    })
}

/// The logs of both, with all that was answered.
fn log(envoys: &[Envoy; 2], samples: &[Vec<Sample>; 2]) -> Vec<Entry> {
    let logs = [0, 1].map(|number| envoys[number].access_log(samples[number].len()).expect("a log"));
    logs.concat()
}

/// How many of these were certainly decided within each second of the clock.
fn by_second<'e>(entries: impl Iterator<Item = &'e Entry>) -> BTreeMap<u64, usize> {
    let mut seconds = BTreeMap::new();
    for entry in entries {
        let [first, last] = [entry.decided.earliest, entry.decided.latest].map(|time| time / SECOND);
        if first == last {
            *seconds.entry(first).or_default() += 1;
        }
    }
    seconds
}

/// How many of a log are admitted in the second in which most certainly are.
fn busiest(log: &[Entry]) -> usize {
    by_second(log.iter().filter(|entry| entry.admitted())).into_values().max().unwrap_or_default()
}

/// What a limit owes for the calls that certainly came within the same second as it.
fn owed(log: &[Entry]) -> usize {
    by_second(log.iter()).into_values().map(|calls| calls.min(LIMIT)).sum()
}

/// Half of it all at least: tokens can be stranded, and answers can be late on a machine that is.
fn assert_keeps(log: &[Entry], offered: [f64; 2]) {
    let (busiest, owed) = (busiest(log), owed(log));
    let admitted = log.iter().filter(|entry| entry.admitted()).count();
    println!("{offered:?} offered: {admitted} admitted of {owed}, at most {busiest} in a second");
    assert!(busiest <= LIMIT, "{offered:?} offered: {busiest} were admitted in a second of the clock");
    assert!(admitted >= owed / 2, "{offered:?} offered: {admitted} of {owed}");
    assert!(log.iter().all(|entry| matches!(entry.status, 200 | 429)), "{log:?}");
}

#[test]
fn two_envoys_share_a_rate_exactly_however_the_load_is_split() {
    let place = Place::new();
    let engine = place.start();
    let envoys = pair(&document(&fleet("usage-plan", json!({})), &plan()), engine.listen);
    let mut logged = 0;
    let mut sent = [Vec::new(), Vec::new()];
    for offered in [[200.0, 200.0], [360.0, 40.0], [600.0, 600.0]] {
        let samples = load(&envoys, offered);
        for (sent, samples) in sent.iter_mut().zip(samples) {
            sent.extend(samples);
        }
        let log = log(&envoys, &sent);
        let mut new = log.clone();
        // The log of the first Envoy comes first: what is new is at the end of each.
        new.sort_by_key(|entry| entry.decided.earliest);
        assert_keeps(&new.split_off(logged), offered);
        logged = log.len();
    }
}

#[test]
fn an_engine_that_counts_what_it_refuses_grants_never_more_either() {
    let engine = FakeEngine::start();
    let envoys = pair(&document(&fleet("envoyproxy", json!({})), &plan()), engine.address);
    let offered = [900.0, 300.0];
    let samples = load(&envoys, offered);
    assert_keeps(&log(&envoys, &samples), offered);
    let seconds = engine.granted_by_second();
    assert!(seconds.values().all(|&granted| granted <= LIMIT as u64), "{seconds:?}");
    for call in engine.calls() {
        assert_eq!((call.limit, call.unit), (LIMIT as u32, 1));
        let entries = call.entries.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        assert_eq!(entries.collect::<Vec<_>>(), [("plan", "gold"), ("w", "second")]);
        assert!(call.hits > 0);
    }
}

/// What the tests above find of two Envoys that share nothing, so that they can fail.
#[test]
fn two_envoys_that_count_for_themselves_admit_twice_the_rate() {
    let engine = FakeEngine::start();
    let counted = fleet("envoyproxy", json!({"rates": "local"}));
    let envoys = pair(&document(&counted, &plan()), engine.address);
    let samples = load(&envoys, [1600.0, 1600.0]);
    let log = log(&envoys, &samples);
    let admitted = log.iter().filter(|entry| entry.admitted()).count();
    // Each admits its whole limit at once, if it is called that often within a second.
    let owed: usize = [0, 1].map(|number| samples[number].len().min(LIMIT)).iter().sum();
    assert!(admitted >= owed, "{admitted} of {owed}");
    assert!(owed > LIMIT, "this machine sends {owed} calls in {LOAD:?}");
    assert!(engine.calls().is_empty());
}
