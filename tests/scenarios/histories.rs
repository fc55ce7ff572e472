//! Random histories of requests to several workers, against a plain log of every admission.

use emulator::{START, Shared, Worker, on_all};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::UsagePlan;
use crate::caller::{acme, get_at};
use crate::document::{Document, document_with_gold};

on_all! {
    UsagePlan =>
    any_history_is_decided_as_the_log_of_all_admissions_says,
}

const SECOND: u64 = 1_000_000_000;
const HOUR: u64 = 3600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// A request: how long after the previous one, how far the clock is set back for it, which of three workers
/// serves it, whether it is a `POST` to the API, whether another worker writes just before this one does.
type Step = (u64, u64, usize, bool, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let gap = prop_oneof![
        6 => Just(0u64),
        6 => 0..SECOND,
        2 => Just(SECOND),
        1 => 0..2 * HOUR,
        1 => 0..40 * HOUR,
    ];
    let back = prop_oneof![9 => Just(0u64), 1 => 0..SECOND];
    prop::collection::vec((gap, back, 0usize..3, any::<bool>(), prop::bool::weighted(0.2)), 1..50)
}

/// The plan: a number of requests per second, of which one may be `POST /orders/…`; six per hour; ten per
/// day, which begins at midnight eight hours ahead of UTC.
fn document(per_second: usize) -> Document {
    document_with_gold(json!({
        "max_requests_per_second": per_second,
        "quotas": [
            {"max_requests": 6, "period": "hour"},
            {"max_requests": 10, "period": "day", "utc_offset": "+08:00"},
        ],
        "apis": [{"methods": ["POST"], "path": "/orders/*", "max_requests_per_second": 1}],
    }))
}

/// Whether the log admits a request. An admission is the time that the clock showed, and whether the request
/// was to the API.
fn admits(log: &[(u64, bool)], per_second: usize, of_api: bool, now: u64) -> bool {
    // A small step back of the clock is ignored: what was admitted later than the clock shows counts as
    // admitted now.
    let settled = |log: Vec<u64>| {
        let mut newest = 0;
        let settle = |read: u64| {
            newest = read.max(newest);
            newest
        };
        let log: Vec<u64> = log.into_iter().map(settle).collect();
        let now = log.last().map_or(now, |last| now.max(*last));
        (log, now)
    };
    let in_second = |log: Vec<u64>| {
        let (log, now) = settled(log);
        log.into_iter().filter(|at| now - at < SECOND).count()
    };
    let (all, by_now) = settled(log.iter().map(|(at, _)| *at).collect());
    let in_period = |length: u64, ahead: u64| {
        let period = |at: u64| (at + ahead) / length;
        all.iter().filter(|at| period(**at) == period(by_now)).count()
    };
    let api = log.iter().filter(|(_, of_api)| *of_api).map(|(at, _)| *at).collect();
    in_second(all.clone()) < per_second
        && in_period(HOUR, 0) < 6
        && in_period(DAY, 8 * HOUR) < 10
        && !(of_api && in_second(api) >= 1)
}

/// Halfway the document's rate is raised, and the workers apply it at once.
fn any_history_is_decided_as_the_log_of_all_admissions_says<W: Worker>() {
    let history = |steps: Vec<Step>| {
        let shared = Shared::new();
        let mut workers: Vec<W> = (0..3).map(|_| W::start(&shared, document(2))).collect();
        let (mut log, mut clock) = (Vec::new(), START);
        let half = steps.len() / 2;
        for (i, (gap, back, worker, of_api, loses)) in steps.into_iter().enumerate() {
            if i == half {
                prop_assert!(workers.iter_mut().all(|worker| worker.configure(document(3))));
            }
            clock += gap;
            let now = clock - back;
            shared.clock().set(now);
            if loses {
                // The same bytes again, but with a new version.
                shared.before_next_sets(1, |shared, key| {
                    if let Some((cell, _)) = shared.data(key) {
                        shared.set_data(key, cell);
                    }
                });
            }
            let method = if of_api { "POST" } else { "GET" };
            let request = acme().sign(get_at(now, "/release/orders/1").method(method));
            let status = workers[worker].request(&request).status();
            let expected = admits(&log, if i < half { 2 } else { 3 }, of_api, now);
            // A worker that saw fewer requests than the others may not know that the clock went back, and
            // uses the time that it reads. It may refuse what the log would admit, but never the other way
            // round.
            let is_right = if back == 0 { (status == 200) == expected } else { status == 429 || expected };
            prop_assert!(is_right, "request {} at {}: {}, log {:?}", i, now, status, log);
            if status == 200 {
                log.push((now, of_api));
            }
        }
        Ok(())
    };
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    runner.run(&steps(), history).expect("every history is decided so");
}
