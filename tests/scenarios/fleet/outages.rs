//! An engine that does not answer, or not so that it means anything: the policy of the plan decides.

use emulator::{ProxyWasm, Shared, on_proxy_wasm};
use serde_json::json;

use super::engine::{Engine, Mode};
use super::{advance, begin, document, exchanges, metric, of_status, rate, signed};
use crate::UsagePlan;

on_proxy_wasm! {
    UsagePlan =>
    each_failure_has_each_policy_of_a_rate_decide,
    each_failure_has_each_policy_of_a_quota_decide,
    a_mute_engine_is_waited_for_no_longer_than_its_timeout,
    an_engine_that_is_back_is_asked_again,
    debt_that_is_left_when_its_period_ends_is_counted_as_written_off,
    those_who_may_not_wait_have_the_policy_decide,
}

const FAILURES: [Mode; 5] = [Mode::UnknownDomain, Mode::Nonsense, Mode::Refused, Mode::Mute, Mode::NotMade];

/// Lets everything happen that does within the timeout of 50 ms.
fn wait_out<W: ProxyWasm>(worker: &mut W, shared: &Shared) {
    worker.settle();
    advance(shared, 50);
    worker.settle();
}

fn each_failure_has_each_policy_of_a_rate_decide<W: ProxyWasm>() {
    for mode in FAILURES {
        for (policy, admitted, status) in [("local_share", 4, 429), ("deny", 0, 503), ("allow", 8, 429)] {
            let shared = Shared::new();
            Engine::start(&shared, mode);
            let limits = json!({"max_requests_per_second": 8, "on_engine_down": {"rate": policy}});
            let mut worker = W::start(&shared, document(limits, json!({})));
            let ids = begin(&mut worker, &shared, 10);
            wait_out(&mut worker, &shared);
            let exchanges = exchanges(&mut worker, ids);
            let counts = (of_status(&exchanges, 200), of_status(&exchanges, status));
            assert_eq!(counts, (admitted, 10 - admitted), "{mode:?}, {policy}");
            worker.tick();
            assert!(metric(&shared, "engine_calls.plan=gold.limit=second.result=failed") >= 1, "{mode:?}");
        }
    }
}

fn each_failure_has_each_policy_of_a_quota_decide<W: ProxyWasm>() {
    for mode in FAILURES {
        for (policy, admitted, status) in [("grace", 2, 503), ("deny", 0, 503), ("allow", 10, 503)] {
            let shared = Shared::new();
            Engine::start(&shared, mode);
            let quotas = json!([{"max_requests": 200, "period": "day"}]);
            let limits = json!({"quotas": quotas, "on_engine_down": {"quota": policy}});
            let mut worker = W::start(&shared, document(limits, json!({})));
            let ids = begin(&mut worker, &shared, 10);
            wait_out(&mut worker, &shared);
            let exchanges = exchanges(&mut worker, ids);
            let counts = (of_status(&exchanges, 200), of_status(&exchanges, status));
            assert_eq!(counts, (admitted, 10 - admitted), "{mode:?}, {policy}");
        }
    }
}

fn a_mute_engine_is_waited_for_no_longer_than_its_timeout<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Mute);
    let mut worker = W::start(&shared, rate(2000));
    let ids = begin(&mut worker, &shared, 500);
    worker.settle();
    advance(&shared, 49);
    worker.tick();
    assert!(ids.iter().all(|id| worker.take(*id).is_none()), "all of them wait");
    advance(&shared, 1);
    worker.settle();
    assert_eq!(of_status(&exchanges(&mut worker, ids), 200), 500, "half of the rate is this Envoy's share");
    assert!(engine.asked().len() <= 4, "{:?}", engine.asked());
    // After three failures nobody waits.
    for _ in 0..5 {
        let id = worker.begin(&signed(&shared));
        wait_out(&mut worker, &shared);
        worker.take(id).expect("it is decided");
    }
    let calls = engine.asked().len();
    let id = worker.begin(&signed(&shared));
    assert!(worker.take(id).is_some(), "it is decided at once");
    assert_eq!(engine.asked().len(), calls);
    worker.tick();
    assert_eq!(metric(&shared, "engine_breaker.event=open"), 1);
}

fn an_engine_that_is_back_is_asked_again<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Refused);
    let limits = json!({"max_requests_per_second": 100, "on_engine_down": {"rate": "deny"}});
    let mut worker = W::start(&shared, document(limits, json!({})));
    for _ in 0..6 {
        assert_eq!(worker.request(&signed(&shared)).status(), 503);
    }
    engine.set_mode(Mode::Counts);
    // It is tried again when the clock says so, and used from the next full second on.
    for _ in 0..60 {
        advance(&shared, 50);
        worker.tick();
    }
    assert_eq!(worker.request(&signed(&shared)).status(), 200);
    worker.tick();
    assert_eq!(metric(&shared, "engine_breaker.event=close"), 1);
}

fn debt_that_is_left_when_its_period_ends_is_counted_as_written_off<W: ProxyWasm>() {
    let shared = Shared::new();
    let engine = Engine::start(&shared, Mode::Refused);
    let minute = |offset| json!({"max_requests": 200, "period": "minute", "utc_offset": offset});
    let limits =
        json!({"quotas": [minute("+00:00"), minute("+08:00")], "on_engine_down": {"quota": "allow"}});
    let mut worker = W::start(&shared, document(limits, json!({})));
    for _ in 0..6 {
        assert_eq!(worker.request(&signed(&shared)).status(), 200);
    }
    worker.tick();
    let debt = |kind: &str| metric(&shared, &format!("debt.kind={kind}"));
    assert_eq!((debt("taken"), debt("written_off")), (12, 0), "six of each quota");
    // The minute ends before the engine is back, and nobody calls any more.
    advance(&shared, 60_000);
    engine.set_mode(Mode::Counts);
    for _ in 0..60 {
        advance(&shared, 50);
        worker.tick();
        worker.settle();
    }
    assert_eq!((debt("taken"), debt("reported"), debt("written_off")), (12, 0, 12));
}

fn those_who_may_not_wait_have_the_policy_decide<W: ProxyWasm>() {
    let shared = Shared::new();
    Engine::start(&shared, Mode::Mute);
    let mut worker = W::start(&shared, rate(20_000));
    let ids = begin(&mut worker, &shared, 1200);
    let (waiting, decided): (Vec<u32>, Vec<_>) = ids.into_iter().map(|id| (id, worker.take(id))).fold(
        (Vec::new(), Vec::new()),
        |mut all, (id, over)| {
            match over {
                Some(exchange) => all.1.push(exchange),
                None => all.0.push(id),
            }
            all
        },
    );
    assert_eq!((waiting.len(), of_status(&decided, 200)), (1000, 200));
    wait_out(&mut worker, &shared);
    assert_eq!(of_status(&exchanges(&mut worker, waiting), 200), 1000);
}
