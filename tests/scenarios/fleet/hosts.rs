//! What the filter needs of Envoy to ask an engine, and what it does where Envoy does not allow it.

use emulator::{Level, ProxyWasm, Shared, Status, on_proxy_wasm};
use serde_json::json;

use super::engine::{Engine, Mode};
use super::{advance, begin, document, exchanges, of_status, rate, signed};
use crate::UsagePlan;
use crate::document::DOCUMENT;

on_proxy_wasm! {
    UsagePlan =>
    without_an_engine_nothing_of_it_is_called,
    a_cluster_of_any_name_is_named_so_that_envoy_survives_it,
    a_host_that_allows_too_little_has_the_document_refused_and_the_log_says_why,
    where_nothing_wakes_requests_they_do_not_wait,
    a_call_that_never_ends_is_given_up,
    a_kick_that_is_lost_is_made_up_for_by_the_next_tick,
}

/// The hostcalls that only an engine needs.
const CALLS: [&str; 7] = [
    "proxy_register_shared_queue",
    "proxy_enqueue_shared_queue",
    "proxy_dequeue_shared_queue",
    "proxy_set_tick_period_milliseconds",
    "proxy_set_effective_context",
    "proxy_continue_stream",
    "proxy_grpc_call",
];

fn errors(shared: &Shared) -> Vec<String> {
    let logs = shared.logs().into_iter();
    logs.filter(|(level, _)| *level >= Level::Error).map(|(_, line)| line).collect()
}

fn without_an_engine_nothing_of_it_is_called<W: ProxyWasm>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let statuses = [(); 4].map(|()| worker.request(&signed(&shared)).status());
    assert_eq!(statuses, [200, 200, 200, 429]);
    worker.tick();
    assert_eq!(CALLS.map(|call| shared.calls(call)), [0; 7]);
    assert_eq!(shared.data_keys(), ["usage_plan/gold"]);
}

fn a_cluster_of_any_name_is_named_so_that_envoy_survives_it<W: ProxyWasm>() {
    let longest = "e".repeat(125);
    for cluster in ["envoy", "empty", "p1", "quota_rls", "a cluster", longest.as_str()] {
        let shared = Shared::new();
        let engine = Engine::start(&shared, Mode::Counts);
        let limits = json!({"max_requests_per_second": 5});
        let mut worker = W::start(&shared, document(limits, json!({"cluster": cluster})));
        assert_eq!(worker.request(&signed(&shared)).status(), 200, "{cluster}");
        assert_eq!(engine.asked()[0].cluster, cluster);
    }
    let shared = Shared::new();
    let limits = json!({"max_requests_per_second": 5});
    assert!(!W::boot(&shared).configure(document(limits, json!({"cluster": "e".repeat(126)}))));
    assert!(errors(&shared).concat().contains("options.fleet.cluster"), "{:?}", errors(&shared));
}

fn a_host_that_allows_too_little_has_the_document_refused_and_the_log_says_why<W: ProxyWasm>() {
    for call in
        CALLS.into_iter().filter(|call| !["proxy_enqueue_shared_queue", "proxy_grpc_call"].contains(call))
    {
        let shared = Shared::new();
        shared.fail_next(call, 1, Status::InternalFailure);
        assert!(!W::boot(&shared).configure(rate(5)), "{call}");
        let errors = errors(&shared).concat();
        assert!(errors.contains(call) && errors.contains("the allowed capabilities may lack"), "{errors}");
    }
    // This one cannot be tried before there is something to ask.
    let shared = Shared::new();
    Engine::start(&shared, Mode::NotMade);
    let mut worker = W::start(&shared, rate(4));
    assert_eq!(worker.request(&signed(&shared)).status(), 200, "this Envoy has a share of its own");
    let errors = errors(&shared).concat();
    assert!(
        errors.contains("proxy_grpc_call") && errors.contains("the allowed capabilities may lack"),
        "{errors}"
    );
}

fn where_nothing_wakes_requests_they_do_not_wait<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Counts);
    let mut worker = W::start(&shared, rate(4));
    // Neither a tick nor a kick has come when they should have.
    advance(&shared, 1500);
    let ids = begin(&mut worker, &shared, 3);
    let exchanges = exchanges(&mut worker, ids);
    assert_eq!((of_status(&exchanges, 200), of_status(&exchanges, 429)), (2, 1));
    assert_eq!(engine.asked(), []);
    let errors = errors(&shared).concat();
    assert!(errors.contains("proxy_on_queue_ready and proxy_on_tick"), "{errors}");
}

fn a_call_that_never_ends_is_given_up<W: ProxyWasm>() {
    let shared = Shared::new();
    Engine::start(&shared, Mode::Lost);
    let mut worker = W::start(&shared, rate(4));
    let ids = begin(&mut worker, &shared, 2);
    worker.settle();
    advance(&shared, 1100);
    worker.tick();
    assert_eq!(of_status(&exchanges(&mut worker, ids), 200), 2);
    let errors = errors(&shared).concat();
    assert!(errors.contains("proxy_on_grpc_receive and proxy_on_grpc_close"), "{errors}");
}

fn a_kick_that_is_lost_is_made_up_for_by_the_next_tick<W: ProxyWasm>() {
    let shared = Shared::new();
    Engine::start(&shared, Mode::Counts);
    let mut worker = W::start(&shared, rate(4));
    shared.fail_next("proxy_enqueue_shared_queue", 1, Status::InternalFailure);
    let ids = begin(&mut worker, &shared, 2);
    worker.settle();
    worker.tick();
    assert_eq!(of_status(&exchanges(&mut worker, ids), 200), 2);
    let errors = errors(&shared).concat();
    assert!(errors.contains("proxy_enqueue_shared_queue"), "{errors}");
}
