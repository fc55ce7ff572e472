//! Limits that an engine counts: requests that wait for it, and what happens when it does not answer.

pub(crate) mod engine;
mod hosts;
mod outages;

use std::sync::Arc;
use std::time::Duration;

use emulator::{Exchange, ProxyWasm, Shared, on_proxy_wasm};
use serde_json::{Value, json};
use testbed::Request;

use self::engine::{Engine, Mode};
use crate::UsagePlan;
use crate::caller::{acme, get};
use crate::document::{Document, document_with_gold};

on_proxy_wasm! {
    UsagePlan =>
    a_lease_in_hand_admits_without_a_call,
    a_request_that_waited_goes_upstream_as_any_other,
    a_thousand_that_wait_are_answered_with_few_calls,
    a_thousand_that_wait_for_a_spent_plan_are_all_refused,
    an_engine_that_counts_refusals_grants_all_of_a_burst,
    a_rate_and_a_quota_are_asked_for_apart_and_spent_together,
    callers_that_hang_up_take_nothing_with_them,
    two_workers_share_what_the_engine_grants,
    a_document_is_replaced_while_requests_wait,
    what_another_envoy_has_spent_is_refused_here,
}

/// The document whose plan `gold` has these limits, counted by an engine.
fn document(limits: Value, fleet: Value) -> Document {
    let options = json!({"cluster": "usage-plan-engine", "expected_envoys": 2, "timeout_ms": 50});
    document_with_gold(limits).with("/options", json!({"fleet": options})).with_all("/options/fleet", fleet)
}

fn rate(limit: u64) -> Document {
    document(json!({"max_requests_per_second": limit}), json!({}))
}

fn signed(shared: &Shared) -> Request {
    acme().sign(get(shared, "/release/orders/1"))
}

fn advance(shared: &Shared, milliseconds: u64) {
    shared.clock().advance(Duration::from_millis(milliseconds));
}

/// Begins so many requests at once, of which none is answered.
fn begin<W: ProxyWasm>(worker: &mut W, shared: &Shared, requests: usize) -> Vec<u32> {
    (0..requests).map(|_| worker.begin(&signed(shared))).collect()
}

/// What has become of these requests, which are over.
fn exchanges<W: ProxyWasm>(worker: &mut W, ids: Vec<u32>) -> Vec<Exchange> {
    ids.into_iter().map(|id| worker.take(id).unwrap_or_else(|| panic!("request {id} still waits"))).collect()
}

/// How many have this status.
fn of_status(exchanges: &[Exchange], status: u16) -> usize {
    exchanges.iter().filter(|exchange| exchange.status() == status).count()
}

fn metric(shared: &Shared, name: &str) -> u64 {
    shared.metric(&format!("wasmcustom.usage_plan_{name}"))
}

fn a_lease_in_hand_admits_without_a_call<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Counts);
    let mut worker = W::start(&shared, rate(400));
    for _ in 0..390 {
        assert_eq!(worker.request(&signed(&shared)).status(), 200);
        shared.clock().advance(Duration::from_micros(2500));
    }
    let calls = engine.asked();
    assert!(calls.len() <= 390 * 3 / 10, "{} calls", calls.len());
    assert!(engine.granted() <= 400, "{}", engine.granted());
    let first = &calls[0];
    assert_eq!((first.counter.as_str(), first.limit, first.unit), ("plan=gold w=second", 400, 1));
    assert_eq!((first.cluster.as_str(), first.timeout), ("usage-plan-engine", 50));
}

fn a_request_that_waited_goes_upstream_as_any_other<W: ProxyWasm>() {
    let shared = Shared::new();
    Engine::start(&shared, Mode::Counts);
    let mut worker = W::start(&shared, rate(5));
    let forged = get(&shared, "/release/orders/1").header("x-secret-id", "forged");
    let id = worker.begin(&acme().sign(forged).trailer("x-secret-id", "forged"));
    assert!(worker.take(id).is_none(), "it waits");
    worker.settle();
    let exchange = worker.take(id).expect("it is over");
    assert_eq!(exchange.status(), 200);
    assert_eq!(exchange.upstream_header(":path").as_deref(), Some("/orders/1"));
    assert_eq!(exchange.upstream_header("x-secret-id").as_deref(), Some("AKIDacme0001"));
    assert_eq!(exchange.upstream_header("x-usage-plan-id").as_deref(), Some("gold"));
    assert_eq!(exchange.upstream_header("authorization"), None);
    assert_eq!(exchange.upstream_trailers.iter().len(), 0);
    assert_eq!(exchange.response_header("x-usageplan-ratelimit").as_deref(), Some("4/5"));
    assert_eq!(exchange.state("wasm.usage_plan_outcome").as_deref(), Some("allowed"));
    assert_eq!(exchange.state("wasm.usage_plan").as_deref(), Some("gold"));
    assert_eq!(metric(&shared, "requests.plan=gold.outcome=allowed"), 1);
    worker.tick();
    assert_eq!(metric(&shared, "waits.plan=gold.result=woken"), 1);
    assert_eq!(metric(&shared, "engine_calls.plan=gold.limit=second.result=granted"), 1);
}

fn a_thousand_that_wait_are_answered_with_few_calls<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Counts);
    let mut worker = W::start(&shared, rate(2000));
    let ids = begin(&mut worker, &shared, 1000);
    worker.settle();
    assert_eq!(of_status(&exchanges(&mut worker, ids), 200), 1000);
    assert!(engine.asked().len() <= 20, "{} calls", engine.asked().len());
}

fn a_thousand_that_wait_for_a_spent_plan_are_all_refused<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Counts);
    let mut worker = W::start(&shared, rate(3));
    engine.spend("plan=gold w=second", Some(1_767_225_600), 3);
    let ids = begin(&mut worker, &shared, 1000);
    // One more may not wait: its plan's policy is asked at once, and has nothing left for it either.
    let more = worker.begin(&signed(&shared));
    assert!(worker.take(more).is_some(), "1,001 wait");
    worker.settle();
    let exchanges = exchanges(&mut worker, ids);
    assert_eq!(of_status(&exchanges, 429), 1000);
    assert_eq!(exchanges[999].response_header("retry-after").as_deref(), Some("1"));
    assert_eq!(exchanges[999].state("wasm.usage_plan_outcome").as_deref(), Some("rate_limited"));
    // It is known for the rest of the second.
    let calls = engine.asked().len();
    assert_eq!(worker.request(&signed(&shared)).status(), 429);
    assert_eq!(engine.asked().len(), calls);
    advance(&shared, 1000);
    assert_eq!(worker.request(&signed(&shared)).status(), 200);
}

fn an_engine_that_counts_refusals_grants_all_of_a_burst<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::CountsRefusals);
    let fleet = json!({"engine": "envoyproxy"});
    let mut worker = W::start(&shared, document(json!({"max_requests_per_second": 400}), fleet));
    let ids = begin(&mut worker, &shared, 1000);
    worker.settle();
    let exchanges = exchanges(&mut worker, ids);
    assert_eq!((of_status(&exchanges, 200), of_status(&exchanges, 429)), (400, 600));
    assert!(engine.asked().len() <= 120, "{} calls", engine.asked().len());
}

fn a_rate_and_a_quota_are_asked_for_apart_and_spent_together<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Counts);
    let limits = json!({"max_requests_per_second": 50, "quotas": [{"max_requests": 60, "period": "day"}]});
    let mut worker = W::start(&shared, document(limits, json!({})));
    let ids = begin(&mut worker, &shared, 55);
    worker.settle();
    let first = exchanges(&mut worker, ids);
    assert_eq!((of_status(&first, 200), of_status(&first, 429)), (50, 5));
    advance(&shared, 1000);
    let ids = begin(&mut worker, &shared, 55);
    worker.settle();
    // What the rate refused has spent nothing of the quota.
    let second = exchanges(&mut worker, ids);
    assert_eq!((of_status(&second, 200), of_status(&second, 429)), (10, 45));
    let is_quota = |counter: &str| counter == "plan=gold w=day p=2026-01-01+0000";
    for asked in engine.asked() {
        assert!(asked.counter == "plan=gold w=second" || is_quota(&asked.counter), "{asked:?}");
    }
}

fn callers_that_hang_up_take_nothing_with_them<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Counts);
    let mut worker = W::start(&shared, rate(2000));
    let ids = begin(&mut worker, &shared, 1000);
    let (gone, left): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| id % 2 == 0);
    gone.iter().for_each(|id| worker.hang_up(*id));
    worker.settle();
    assert_eq!(of_status(&exchanges(&mut worker, left), 200), 500);
    worker.tick();
    assert_eq!(metric(&shared, "waits.plan=gold.result=left"), 500);
    // Others have their places, and what the engine granted for them is used by those.
    let granted = engine.granted();
    let ids = begin(&mut worker, &shared, 1000);
    worker.settle();
    assert_eq!(of_status(&exchanges(&mut worker, ids), 200), 1000);
    assert!(engine.granted() <= granted.max(500) + 1000 + 200, "{}", engine.granted());
}

fn two_workers_share_what_the_engine_grants<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Counts);
    let mut workers = [(); 2].map(|()| W::start(&shared, rate(100)));
    let mut admitted = 0;
    for _ in 0..60 {
        for worker in &mut workers {
            admitted += usize::from(worker.request(&signed(&shared)).status() == 200);
        }
        advance(&shared, 5);
    }
    assert_eq!((admitted, engine.granted()), (100, 100));
    let names = shared.queue_names();
    assert_eq!(names.len(), 2, "each root context has a queue of its own: {names:?}");
}

fn a_document_is_replaced_while_requests_wait<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Counts);
    let mut worker = W::start(&shared, rate(500));
    let old = begin(&mut worker, &shared, 200);
    assert!(worker.configure(rate(501)));
    let new = begin(&mut worker, &shared, 200);
    worker.settle();
    assert_eq!(of_status(&exchanges(&mut worker, old), 200), 200);
    assert_eq!(of_status(&exchanges(&mut worker, new), 200), 200);
    assert_eq!(engine.asked().last().map(|asked| asked.limit), Some(501));
    // Root contexts that are gone leave their queues to those that come.
    for _ in 0..20 {
        assert!(worker.configure(rate(502)));
    }
    assert!(shared.queue_names().len() <= 3, "{:?}", shared.queue_names());
}

fn what_another_envoy_has_spent_is_refused_here<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Counts);
    let quota = json!({"quotas": [{"max_requests": 10, "period": "total"}]});
    let mut worker = W::start(&shared, document(quota, json!({})));
    engine.spend("plan=gold w=total p=total", None, 7);
    let ids = begin(&mut worker, &shared, 8);
    worker.settle();
    let exchanges = exchanges(&mut worker, ids);
    assert_eq!((of_status(&exchanges, 200), of_status(&exchanges, 429)), (3, 5));
    let other: Arc<Shared> = Shared::new();
    assert_eq!(other.grpc_calls().len(), 0);
}
