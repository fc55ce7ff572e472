//! The limit per second across workers, reloads, lost races and dead VMs (`docs/rules.md#counting`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use emulator::{Exchange, Shared, Worker, on_all};
use serde_json::json;
use testbed::{Request, Signer};

use crate::UsagePlan;
use crate::caller::{acme, free, get};
use crate::document::{DOCUMENT, RATE, document_with, document_with_gold, document_with_options};

on_all! {
    UsagePlan =>
    the_headers_count_down_and_say_what_is_promised,
    an_upstream_cannot_add_to_the_limit_headers,
    the_options_choose_the_limit_headers,
    a_plan_without_a_limit_is_not_counted_and_says_so,
    several_workers_admit_the_limit_together,
    eight_workers_at_once_admit_the_limit_and_not_one_more,
    an_exhausted_plan_is_refused_without_the_store,
    a_lost_race_is_tried_again,
    a_worker_held_up_while_another_admits_starts_no_window_afresh,
    a_worker_held_up_over_a_renewal_starts_no_quota_afresh,
    races_lost_without_end_are_503_and_never_admitted_unseen,
    a_cell_that_cannot_be_read_is_restarted_and_counted,
    counters_survive_reload_and_a_dead_vm,
    a_changed_limit_applies_at_once_to_the_counter_as_it_stands,
    nothing_of_a_request_becomes_a_key_of_the_store,
}

const CELL: &str = "usage_plan/gold";

fn call<W: Worker>(worker: &mut W, shared: &Shared, caller: &Signer) -> u16 {
    worker.request(&caller.sign(get(shared, "/release"))).status()
}

fn admitted<W: Worker>(worker: &mut W, shared: &Shared, requests: usize) -> usize {
    (0..requests).filter(|_| call(worker, shared, &acme()) == 200).count()
}

fn the_headers_count_down_and_say_what_is_promised<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for left in ["2", "1", "0"] {
        let exchange = worker.request(&acme().sign(get(&shared, "/release")));
        assert_eq!(exchange.response_header("x-usageplan-ratelimit"), Some(format!("{left}/3")));
        assert_eq!(exchange.response_header("ratelimit-policy").as_deref(), Some("\"second\";q=3;w=1"));
        assert_eq!(exchange.response_header("ratelimit"), Some(format!("\"second\";r={left};t=1")));
        assert_eq!(exchange.state("wasm.usage_plan").as_deref(), Some("gold"));
        assert_eq!(exchange.state("wasm.usage_plan_outcome").as_deref(), Some("allowed"));
    }
}

fn an_upstream_cannot_add_to_the_limit_headers<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let forged = [(":status", "200"), ("ratelimit", "forged"), ("x-usageplan-ratelimit", "9/9")];
    shared.set_upstream_answer(&forged);
    let exchange = worker.request(&acme().sign(get(&shared, "/release")));
    for (name, value) in [("ratelimit", "\"second\";r=2;t=1"), ("x-usageplan-ratelimit", "2/3")] {
        let values: Vec<&[u8]> = exchange.response.all(name).collect();
        assert_eq!(values, [value.as_bytes()], "{name}");
    }
}

fn the_options_choose_the_limit_headers<W: Worker>() {
    for (families, expected) in [
        (json!(["tencent"]), vec!["x-usageplan-ratelimit"]),
        (json!(["ietf"]), vec!["ratelimit-policy", "ratelimit"]),
        (json!([]), vec![]),
    ] {
        let shared = Shared::new();
        let options = json!({"rate_limit_headers": families});
        let mut worker = W::start(&shared, document_with_options(options));
        for _ in 0..4 {
            let exchange = worker.request(&acme().sign(get(&shared, "/release")));
            let names = exchange.response.iter().map(|(name, _)| name);
            let names: Vec<&str> = names.filter(|name| name.contains("ratelimit")).collect();
            assert_eq!(names, expected, "{families}, status {}", exchange.status());
        }
    }
}

fn a_plan_without_a_limit_is_not_counted_and_says_so<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for _ in 0..20 {
        let exchange = worker.request(&free().sign(get(&shared, "/prepub")));
        assert_eq!(exchange.status(), 200);
        assert_eq!(exchange.response_header("x-usageplan-ratelimit").as_deref(), Some("unlimited"));
        assert_eq!(exchange.response_header("ratelimit"), None);
    }
    assert!(shared.data_keys().is_empty());
}

fn several_workers_admit_the_limit_together<W: Worker>() {
    let shared = Shared::new();
    let mut workers: Vec<W> = (0..3).map(|_| W::start(&shared, DOCUMENT)).collect();
    for _ in 0..4 {
        let mut total = 0;
        for _ in 0..5 {
            total += workers.iter_mut().map(|worker| admitted(worker, &shared, 1)).sum::<usize>();
        }
        assert_eq!(total, 3);
        shared.clock().advance(Duration::from_secs(1));
    }
}

fn eight_workers_at_once_admit_the_limit_and_not_one_more<W: Worker>() {
    let shared = Shared::new();
    let document = document_with(RATE, 50);
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (shared, document) = (shared.clone(), document.clone());
            std::thread::spawn(move || {
                let mut worker = W::start(&shared, document);
                admitted(&mut worker, &shared, 40)
            })
        })
        .collect();
    let total: usize = threads.into_iter().map(|thread| thread.join().expect("no panic")).sum();
    assert_eq!(total, 50);
    let allowed = shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=allowed");
    let refused = shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=rate_limited");
    assert_eq!((allowed, refused), (50, 270));
}

fn an_exhausted_plan_is_refused_without_the_store<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    assert_eq!(admitted(&mut worker, &shared, 4), 3);
    let touched = (shared.calls("proxy_get_shared_data"), shared.calls("proxy_set_shared_data"));
    assert_eq!(admitted(&mut worker, &shared, 50), 0);
    assert_eq!((shared.calls("proxy_get_shared_data"), shared.calls("proxy_set_shared_data")), touched);
    shared.clock().advance(Duration::from_secs(1));
    assert_eq!(admitted(&mut worker, &shared, 4), 3);
}

fn a_lost_race_is_tried_again<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    assert_eq!(admitted(&mut worker, &shared, 1), 1);
    // The other worker has admitted one request as well.
    let elsewhere = Shared::new();
    assert_eq!(admitted(&mut W::start(&elsewhere, DOCUMENT), &elsewhere, 2), 2);
    let (two_admitted, _) = elsewhere.data(CELL).expect("made just now");
    shared.before_next_sets(1, move |shared, key| shared.set_data(key, &two_admitted));
    assert_eq!(admitted(&mut worker, &shared, 5), 1);
}

/// Sends a request through one worker, which looks at the clock and is then held up for this long, while
/// another worker is sent so many requests: the answer, and how many of the others were admitted.
fn held_up<W: Worker>(
    shared: &Arc<Shared>,
    document: &str,
    by: Duration,
    others: usize,
) -> (Exchange, usize) {
    let (mut worker, mut other) = (W::start(shared, document), W::start(shared, document));
    let total = Arc::new(AtomicUsize::new(0));
    let admitted_others = total.clone();
    shared.before_next_sets(1, move |shared, _| {
        shared.clock().advance(by);
        admitted_others.store(admitted(&mut other, shared, others), Ordering::SeqCst);
    });
    let exchange = worker.request(&acme().sign(get(shared, "/release")));
    (exchange, total.load(Ordering::SeqCst))
}

fn a_worker_held_up_while_another_admits_starts_no_window_afresh<W: Worker>() {
    let shared = Shared::new();
    let (exchange, others) = held_up::<W>(&shared, DOCUMENT, Duration::from_millis(1100), 3);
    assert_eq!((exchange.status(), others), (429, 3));
    // These are judged by the second look at the clock, not by the first.
    assert_eq!(exchange.response_header("retry-after").as_deref(), Some("1"));
    assert_eq!(exchange.response_header("x-usageplan-ratelimit").as_deref(), Some("0/3"));
    assert_eq!(admitted(&mut W::start(&shared, DOCUMENT), &shared, 1), 0);
}

fn a_worker_held_up_over_a_renewal_starts_no_quota_afresh<W: Worker>() {
    let shared = Shared::new();
    let document = document_with_gold(json!({"quotas": [{"max_requests": 3, "period": "hour"}]}));
    let before_renewal = Duration::from_secs(3600) - Duration::from_millis(1100);
    shared.clock().advance(before_renewal);
    let (exchange, others) = held_up::<W>(&shared, document.text(), Duration::from_secs(2), 3);
    assert_eq!((exchange.status(), others), (429, 3));
    assert_eq!(exchange.response_header("x-usageplan-quota").as_deref(), Some("0/3"));
    assert_eq!(admitted(&mut W::start(&shared, document.text()), &shared, 1), 0);
}

fn races_lost_without_end_are_503_and_never_admitted_unseen<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    assert_eq!(admitted(&mut worker, &shared, 1), 1);
    shared.before_next_sets(1000, |shared, key| {
        let (cell, _) = shared.data(key).expect("made before");
        shared.set_data(key, cell);
    });
    let before = shared.data(CELL).expect("made before").0;
    let exchange = worker.request(&acme().sign(get(&shared, "/release")));
    assert_eq!(exchange.status(), 503);
    assert_eq!(exchange.body(), "{\"message\":\"Usage plan counter unavailable\"}\n");
    assert_eq!(exchange.upstream, None);
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=counter_unavailable"), 1);
    assert_eq!(shared.data(CELL).expect("still there").0, before);
    shared.before_next_sets(0, |_, _| ());
    assert_eq!(admitted(&mut worker, &shared, 5), 2);
}

fn a_cell_that_cannot_be_read_is_restarted_and_counted<W: Worker>() {
    for garbage in [b"".as_slice(), b"\x02", b"\x01garbage", &[0xff; 100]] {
        let shared = Shared::new();
        shared.set_data(CELL, garbage);
        let mut worker = W::start(&shared, DOCUMENT);
        assert_eq!(admitted(&mut worker, &shared, 5), 3, "{garbage:?}");
        assert_eq!(shared.metric("wasmcustom.usage_plan_counter_restarts.plan=gold"), 1, "{garbage:?}");
    }
}

fn counters_survive_reload_and_a_dead_vm<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    assert_eq!(admitted(&mut worker, &shared, 2), 2);
    assert!(worker.configure(DOCUMENT));
    assert_eq!(admitted(&mut worker, &shared, 5), 1);
    drop(worker);
    let mut reborn = W::start(&shared, DOCUMENT);
    assert_eq!(admitted(&mut reborn, &shared, 5), 0);
}

fn a_changed_limit_applies_at_once_to_the_counter_as_it_stands<W: Worker>() {
    let shared = Shared::new();
    let limit = |limit: u32| document_with(RATE, limit);
    let mut worker = W::start(&shared, DOCUMENT);
    assert_eq!(admitted(&mut worker, &shared, 5), 3);
    assert!(worker.configure(limit(5)));
    assert_eq!(admitted(&mut worker, &shared, 5), 2);
    assert!(worker.configure(limit(2)));
    assert_eq!(admitted(&mut worker, &shared, 5), 0);
    shared.clock().advance(Duration::from_secs(1));
    assert_eq!(admitted(&mut worker, &shared, 5), 2);
}

fn nothing_of_a_request_becomes_a_key_of_the_store<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for i in 0..20 {
        let path = format!("/release/{i}");
        worker.request(&acme().sign(get(&shared, &path)));
        worker.request(&Request::get(&format!("{i}.example.com"), &path));
    }
    assert_eq!(shared.data_keys(), [CELL]);
}
