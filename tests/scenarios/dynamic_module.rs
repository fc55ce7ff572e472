//! What the dynamic module alone must do: a panic must not reach Envoy, whose end it would be.

use emulator::{Exchange, Shared, Worker};
use serde_json::json;

use crate::UsagePlan;
use crate::caller::{acme, get};
use crate::document::{DOCUMENT, RATE, document_with, document_with_options};

type Dynamic = emulator::Dynamic<UsagePlan>;

fn call(worker: &mut Dynamic, shared: &Shared) -> Exchange {
    worker.request(&acme().sign(get(shared, "/release")))
}

/// Lets the module panic in the middle of its next request.
fn panic_once(shared: &Shared) {
    shared.before_next_sets(1, |_, _| panic!("a test asked for it"));
}

#[test]
fn a_panic_is_answered_with_503_and_counted_and_the_next_request_is_served() {
    let shared = Shared::new();
    let mut worker = Dynamic::start(&shared, DOCUMENT);
    for panics in 1..=2 {
        panic_once(&shared);
        let exchange = call(&mut worker, &shared);
        assert_eq!((exchange.status(), exchange.body().as_str()), (503, ""));
        assert_eq!(exchange.upstream, None);
        assert_eq!(exchange.state("wasm.usage_plan_outcome"), None);
        assert_eq!(shared.metric("wasmcustom.usage_plan_panics"), panics);
        assert_eq!(call(&mut worker, &shared).status(), 200);
    }
}

/// What was admitted before stays counted, although the worker forgets what it knew.
#[test]
fn a_panic_admits_nobody_twice() {
    let shared = Shared::new();
    let mut worker = Dynamic::start(&shared, document_with(RATE, 3));
    assert_eq!(call(&mut worker, &shared).status(), 200);
    panic_once(&shared);
    assert_eq!(call(&mut worker, &shared).status(), 503);
    let statuses: Vec<u16> = (0..4).map(|_| call(&mut worker, &shared).status()).collect();
    assert_eq!(statuses, [200, 200, 429, 429]);
}

#[test]
fn observing_lets_no_request_pass_about_which_nothing_was_decided() {
    let shared = Shared::new();
    let mut worker = Dynamic::start(&shared, document_with_options(json!({"enforcement": "observe"})));
    panic_once(&shared);
    assert_eq!(call(&mut worker, &shared).status(), 503);
}

/// It would count for this Envoy alone what the document wants counted for all of them.
#[test]
fn a_document_that_names_an_engine_is_refused_and_the_log_says_why() {
    let shared = Shared::new();
    let mut worker = Dynamic::start(&shared, DOCUMENT);
    let fleet = json!({"fleet": {"cluster": "usage-plan-engine", "expected_envoys": 2}});
    assert!(!worker.configure(document_with_options(fleet)));
    let logs = shared.logs();
    assert!(
        logs.iter().any(|(_, line)| line.contains("options.fleet") && line.contains("wasm module")),
        "{logs:?}"
    );
    assert_eq!(call(&mut worker, &shared).status(), 200, "the document before it stays in force");
}

/// Envoy refuses metrics that are defined later, so that a metric would be lost.
#[test]
fn every_metric_is_defined_with_the_document() {
    let shared = Shared::new();
    let mut worker = Dynamic::start(&shared, document_with_options(json!({"metrics_per_key": true})));
    let defined = shared.calls("proxy_define_metric");
    let statuses: Vec<u16> = (0..4).map(|_| call(&mut worker, &shared).status()).collect();
    assert_eq!(statuses, [200, 200, 200, 429]);
    assert_eq!(shared.calls("proxy_define_metric"), defined);
    assert_eq!(shared.logs(), []);
}

/// Envoy's workers have one configuration, each with a gate of its own.
#[test]
fn eight_workers_with_one_configuration_admit_the_limit_and_not_one_more() {
    let shared = Shared::new();
    let workers = Dynamic::workers(&shared, document_with(RATE, 50), 8);
    let admit = |mut worker: Dynamic| (0..40).filter(|_| call(&mut worker, &shared).status() == 200).count();
    let admitted: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = workers.into_iter().map(|worker| scope.spawn(|| admit(worker))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    assert_eq!(admitted, 50);
}

/// Only the worker that panicked begins anew.
#[test]
fn a_panic_on_one_worker_is_none_on_the_others() {
    let shared = Shared::new();
    let mut workers = Dynamic::workers(&shared, DOCUMENT, 2);
    panic_once(&shared);
    let statuses: Vec<u16> = workers.iter_mut().map(|worker| call(worker, &shared).status()).collect();
    assert_eq!(statuses, [503, 200]);
    assert_eq!(shared.metric("wasmcustom.usage_plan_panics"), 1);
}
