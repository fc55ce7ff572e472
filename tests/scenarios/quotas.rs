//! Quotas in time: how they renew, and how the document resets them.

use std::time::Duration;

use emulator::{START, Shared, Worker, on_all};
use serde_json::{Value, json};
use testbed::Signer;

use crate::UsagePlan;
use crate::caller::{acme, free, get};
use crate::document::{Document, document_with_gold};

on_all! {
    UsagePlan =>
    a_quota_of_a_minute_renews_with_the_minute_of_the_clock_and_says_so,
    a_reset_forgets_what_was_used_once_whichever_worker_knows_of_it_first,
    a_reset_in_the_future_waits_and_a_clock_that_is_set_back_does_not_repeat_it,
    a_reset_of_one_key_leaves_the_other_keys_what_they_have_used,
    a_reset_of_one_period_leaves_the_other_quotas_what_is_used,
    a_race_that_is_lost_at_a_reset_resets_once,
    a_part_of_a_quota_is_warned_of_once_in_each_counter_and_period,
    a_warning_is_counted_once_though_eight_workers_use_the_quota_at_once,
    what_workers_reserved_of_a_quota_is_given_back_with_the_document,
}

fn admitted<W: Worker>(worker: &mut W, shared: &Shared, caller: &Signer, requests: usize) -> usize {
    (0..requests).filter(|_| worker.request(&caller.sign(get(shared, "/release"))).status() == 200).count()
}

fn a_quota_of_a_minute_renews_with_the_minute_of_the_clock_and_says_so<W: Worker>() {
    let shared = Shared::new();
    let mut worker =
        W::start(&shared, document_with_gold(json!({"quotas": [{"max_requests": 3, "period": "minute"}]})));
    // The emulator's clock starts at a full minute.
    shared.clock().advance(Duration::from_secs(50));
    let first = worker.request(&acme().sign(get(&shared, "/release")));
    assert_eq!(first.response_header("x-usageplan-quota").as_deref(), Some("2/3"));
    assert_eq!(first.response_header("ratelimit-policy").as_deref(), Some("\"minute\";q=3;w=60"));
    assert_eq!(first.response_header("ratelimit").as_deref(), Some("\"minute\";r=2;t=10"));
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 2);
    let refused = worker.request(&acme().sign(get(&shared, "/release")));
    assert_eq!(refused.response_header("retry-after").as_deref(), Some("10"));
    shared.clock().advance(Duration::from_secs(10));
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 3);
}

/// Half an hour after midnight, when the emulator's clock starts.
const RESET: &str = "2026-01-01T00:30:00Z";

fn set_clock(shared: &Shared, seconds: u64) {
    shared.clock().set(START + seconds * 1_000_000_000);
}

/// The plan `gold` with three requests a day, and these resets.
#[allow(clippy::needless_pass_by_value, reason = "a call reads `daily(json!([…]))`")]
fn daily(resets: Value) -> Document {
    document_with_gold(json!({"quotas": [{"max_requests": 3, "period": "day"}], "resets": resets}))
}

fn a_reset_forgets_what_was_used_once_whichever_worker_knows_of_it_first<W: Worker>() {
    let shared = Shared::new();
    let (before, after) = (daily(json!([])), daily(json!([{"at": RESET}])));
    let [mut first, mut second] = [(); 2].map(|()| W::start(&shared, before.text()));
    set_clock(&shared, 1799);
    assert_eq!(admitted(&mut second, &shared, &acme(), 1), 1);
    assert_eq!(admitted(&mut first, &shared, &acme(), 5), 2);
    set_clock(&shared, 1800);
    assert!(first.configure(after.text()));
    let exchange = first.request(&acme().sign(get(&shared, "/release")));
    assert_eq!(exchange.response_header("x-usageplan-quota").as_deref(), Some("2/3"));
    // The policy says how long the period is, and the quota renews when it would have without the reset.
    assert_eq!(exchange.response_header("ratelimit-policy").as_deref(), Some("\"day\";q=3;w=86400"));
    assert_eq!(exchange.response_header("ratelimit").as_deref(), Some("\"day\";r=2;t=84600"));
    // The second worker goes on with that count, before and after it has the document.
    assert_eq!(admitted(&mut second, &shared, &acme(), 1), 1);
    assert!(second.configure(after.text()));
    assert_eq!(admitted(&mut second, &shared, &acme(), 5), 1);
    for worker in [&mut first, &mut second] {
        assert!(worker.configure(after.text()));
        assert_eq!(admitted(worker, &shared, &acme(), 5), 0);
    }
    // Without the reset, and with it once more.
    assert!(first.configure(before.text()));
    assert_eq!(admitted(&mut first, &shared, &acme(), 5), 0);
    assert!(first.configure(after.text()));
    assert_eq!(admitted(&mut first, &shared, &acme(), 5), 0);
    set_clock(&shared, 86_400);
    assert_eq!(admitted(&mut first, &shared, &acme(), 5), 3);
}

fn a_reset_in_the_future_waits_and_a_clock_that_is_set_back_does_not_repeat_it<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, daily(json!([{"at": RESET}])));
    set_clock(&shared, 1799);
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 3);
    set_clock(&shared, 1800);
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 3);
    for seconds in [1700, 1800, 7200] {
        set_clock(&shared, seconds);
        assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 0, "{seconds}");
        assert_eq!(admitted(&mut W::start(&shared, daily(json!([{"at": RESET}]))), &shared, &acme(), 5), 0);
    }
}

fn a_reset_of_one_key_leaves_the_other_keys_what_they_have_used<W: Worker>() {
    let shared = Shared::new();
    let document = |resets: Value| {
        let gold = json!({"keys": ["AKIDacme0001", "AKIDfree0001"], "counter_per": ["key"]});
        daily(resets).with_all("/usage_plans/0", gold)
    };
    let mut worker = W::start(&shared, document(json!([])));
    set_clock(&shared, 1800);
    for caller in [acme(), free()] {
        assert_eq!(admitted(&mut worker, &shared, &caller, 5), 3);
    }
    assert!(worker.configure(document(json!([{"at": RESET, "key": "AKIDacme0001"}]))));
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 3);
    assert_eq!(admitted(&mut worker, &shared, &free(), 5), 0);
    // A later one of every key concerns both.
    set_clock(&shared, 1801);
    let later = json!([{"at": RESET, "key": "AKIDacme0001"}, {"at": "2026-01-01T00:30:01Z"}]);
    assert!(worker.configure(document(later)));
    for caller in [acme(), free()] {
        assert_eq!(admitted(&mut worker, &shared, &caller, 5), 3);
    }
}

fn a_reset_of_one_period_leaves_the_other_quotas_what_is_used<W: Worker>() {
    let shared = Shared::new();
    let document = |limit: Option<&str>| {
        let quotas = json!([{"max_requests": 3, "period": "hour"}, {"max_requests": 5, "period": "day"}]);
        let resets = limit.map(|limit| json!([{"at": RESET, "limit": limit}])).unwrap_or(json!([]));
        document_with_gold(json!({"quotas": quotas, "resets": resets}))
    };
    let mut worker = W::start(&shared, document(None));
    set_clock(&shared, 1800);
    assert_eq!(admitted(&mut worker, &shared, &acme(), 9), 3);
    assert!(worker.configure(document(Some("hour"))));
    assert_eq!(admitted(&mut worker, &shared, &acme(), 9), 2);
    assert!(worker.configure(document(Some("day"))));
    assert_eq!(admitted(&mut worker, &shared, &acme(), 9), 1);
}

fn a_race_that_is_lost_at_a_reset_resets_once<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, daily(json!([])));
    set_clock(&shared, 1800);
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 3);
    let after = daily(json!([{"at": RESET}]));
    assert!(worker.configure(after.text()));
    // Another worker carries the reset out between this one's read and its write.
    let text = after.text().to_owned();
    shared.before_next_sets(1, move |shared, key| {
        let other = Shared::new();
        other.clock().set(shared.clock().now());
        other.set_data(key, shared.data(key).expect("made before").0);
        assert_eq!(admitted(&mut W::start(&other, text.as_str()), &other, &acme(), 1), 1);
        shared.set_data(key, other.data(key).expect("written").0);
    });
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 2);
}

/// The plan `gold`, which counts each key apart and warns at these percents.
fn warning(warn_at: &[u8]) -> Document {
    document_with_gold(json!({
        "quotas": [{"max_requests": 9, "period": "hour"}, {"max_requests": 20, "period": "day"}],
        "apis": [{"path": "/orders/v1.0", "quotas": [{"max_requests": 2, "period": "total"}]}],
        "warn_at": warn_at, "counter_per": ["key"], "keys": ["AKIDacme0001", "AKIDfree0001"],
    }))
}

fn warnings(shared: &Shared, limit: &str, percent: u8) -> u64 {
    shared.metric(&format!("wasmcustom.usage_plan_quota_warnings.plan=gold.limit={limit}.percent={percent}"))
}

fn a_part_of_a_quota_is_warned_of_once_in_each_counter_and_period<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, warning(&[80, 100]));
    // 80 % of 9 are 7.2: the eighth request reaches it.
    assert_eq!(admitted(&mut worker, &shared, &acme(), 7), 7);
    assert_eq!(warnings(&shared, "hour", 80), 0);
    assert_eq!(admitted(&mut worker, &shared, &acme(), 1), 1);
    assert_eq!((warnings(&shared, "hour", 80), warnings(&shared, "hour", 100)), (1, 0));
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 1);
    assert_eq!((warnings(&shared, "hour", 80), warnings(&shared, "hour", 100)), (1, 1));
    assert_eq!(admitted(&mut worker, &shared, &free(), 9), 9);
    assert_eq!((warnings(&shared, "hour", 80), warnings(&shared, "hour", 100)), (2, 2));
    // The next hour; the day's quota has 16 of 20 after 7 more.
    shared.clock().advance(Duration::from_secs(3600));
    assert_eq!(admitted(&mut worker, &shared, &acme(), 6), 6);
    assert_eq!(warnings(&shared, "day", 80), 0);
    assert_eq!(admitted(&mut worker, &shared, &acme(), 3), 3);
    assert_eq!((warnings(&shared, "hour", 80), warnings(&shared, "day", 80)), (3, 1));
    // A limit of an API has its path in the name, dots and all.
    let mut order = || worker.request(&free().sign(get(&shared, "/release/orders/v1.0"))).status();
    assert_eq!([order(), order()], [200, 200]);
    assert_eq!(warnings(&shared, "total /orders/v1.0", 80), 1);
    assert_eq!(warnings(&shared, "total /orders/v1.0", 100), 1);
    // Of a plan that does not ask for it, nobody is warned: these reach 80 % of the hour's quota.
    assert!(worker.configure(warning(&[])));
    assert_eq!(admitted(&mut worker, &shared, &free(), 6), 6);
    assert_eq!(warnings(&shared, "hour", 80), 3);
}

fn a_warning_is_counted_once_though_eight_workers_use_the_quota_at_once<W: Worker>() {
    let shared = Shared::new();
    let quota = json!({"quotas": [{"max_requests": 40, "period": "total"}], "warn_at": [50, 95, 100]});
    let document = document_with_gold(quota);
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (shared, document) = (shared.clone(), document.clone());
            std::thread::spawn(move || {
                admitted(&mut W::start(&shared, document), &shared, &acme(), 10);
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    assert_eq!([50, 95, 100].map(|percent| warnings(&shared, "total", percent)), [1, 1, 1]);
}

fn what_workers_reserved_of_a_quota_is_given_back_with_the_document<W: Worker>() {
    const QUOTA: usize = 1_000_000;
    let shared = Shared::new();
    let gold = |rate: u32| {
        let quotas = json!([{"max_requests": QUOTA, "period": "total"}]);
        document_with_gold(json!({"max_requests_per_second": rate, "quotas": quotas}))
    };
    let mut workers = [(); 2].map(|()| W::start(&shared, gold(20_000)));
    // What is left, by the cell alone: a worker that comes new knows of no reservation of its own.
    let left = |rate: u32, now: usize| {
        let exchange = W::start(&shared, gold(rate)).request(&acme().sign(get(&shared, "/release")));
        let expected = QUOTA - now - 1;
        let shown = exchange.response_header("x-usageplan-quota").expect("a quota");
        let (left, _) = shown.split_once('/').expect("left of it");
        expected - left.parse::<usize>().expect("a number")
    };
    let mut used = 0;
    for rate in [20_000, 20_001, 20_002] {
        for worker in &mut workers {
            assert!(worker.configure(gold(rate)));
        }
        for worker in &mut workers {
            used += admitted(worker, &shared, &acme(), 6);
        }
        assert!(left(rate, used) > 0, "nothing is reserved, so that nothing is shown");
        used += 1;
        shared.clock().advance(Duration::from_millis(5));
    }
    for worker in &mut workers {
        assert!(worker.configure(gold(30_000)));
    }
    assert_eq!(left(30_000, used), 0);
}
