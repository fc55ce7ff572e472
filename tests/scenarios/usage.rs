//! What is left of a caller's limits, as the filter shows it at `options.usage_path` (`docs/rules.md#usage`).

use std::time::Duration;

use emulator::{Exchange, Shared, Worker, on_all};
use serde_json::{Value, json};
use testbed::{Request, Signer};

use crate::UsagePlan;
use crate::caller::{acme, beta, free, get, undated};
use crate::document::{Document, SERVICE, document_with_gold};

on_all! {
    UsagePlan =>
    a_signed_get_shows_every_limit_and_what_is_used_of_it,
    what_is_shown_was_used_by_all_workers_and_showing_it_uses_nothing,
    a_reset_of_a_key_shows_before_the_key_calls_again,
    a_plan_without_limits_and_a_plan_that_observes_are_shown_too,
    each_key_has_a_limit_of_ten_a_second_that_is_not_its_plan_s,
    a_caller_that_proves_nothing_is_refused_also_where_the_service_is_open_or_the_options_observe,
    the_path_is_compared_in_one_spelling_and_without_the_environment,
    other_methods_other_paths_and_a_service_that_shows_nothing_go_upstream,
}

const PATH: &str = "/.usage-plan/usage";

/// A document with the path, and with these limits of the plan `gold`.
fn document(limits: Value) -> Document {
    document_with_gold(limits).with("/options", json!({"usage_path": PATH}))
}

fn rate(per_second: u32) -> Document {
    document(json!({"max_requests_per_second": per_second}))
}

/// Asks for what is left of the limits of `caller` in `release`.
fn ask<W: Worker>(worker: &mut W, shared: &Shared, caller: &Signer) -> Exchange {
    worker.request(&caller.sign(get(shared, &format!("/release{PATH}"))))
}

fn outcome(exchange: &Exchange) -> String {
    exchange.state("wasm.usage_plan_outcome").unwrap_or_default()
}

fn body(exchange: &Exchange) -> Value {
    assert_eq!((exchange.status(), outcome(exchange).as_str()), (200, "usage_shown"), "{}", exchange.body());
    assert_eq!(exchange.upstream, None);
    serde_json::from_str(&exchange.body()).expect("JSON")
}

fn a_signed_get_shows_every_limit_and_what_is_used_of_it<W: Worker>() {
    let shared = Shared::new();
    let limits = json!({
        "name": "Gold", "max_requests_per_second": 5,
        "quotas": [{"max_requests": 100, "period": "day", "utc_offset": "+08:00"}, {"max_requests": 9, "period": "total"}],
        "apis": [{"methods": ["POST", "PUT"], "path": "/orders/*", "max_requests_per_second": 3}, {"path": "/free"}],
    });
    let mut worker = W::start(&shared, document(limits));
    for request in [get(&shared, "/release/x"), get(&shared, "/release/orders").method("POST")] {
        assert_eq!(worker.request(&acme().sign(request)).status(), 200);
    }
    let shown = ask(&mut worker, &shared, &acme());
    let in_a_second = "2026-01-01T00:00:01Z";
    assert_eq!(
        body(&shown),
        json!({
            "usage_plan": {"id": "gold", "name": "Gold"},
            "service": "service-orders", "environment": "release", "key": "AKIDacme0001",
            "limits": [
                {"name": "second", "limit": 5, "used": 2, "remaining": 3, "renews_at": in_a_second},
                {"name": "day+08:00", "limit": 100, "used": 2, "remaining": 98, "renews_at": "2026-01-01T16:00:00Z"},
                {"name": "total", "limit": 9, "used": 2, "remaining": 7, "renews_at": null},
                {"name": "second", "api": "POST,PUT /orders/*", "limit": 3, "used": 1, "remaining": 2,
                 "renews_at": in_a_second},
            ],
        })
    );
    assert_eq!(shown.response_header("content-type").as_deref(), Some("application/json"));
    assert_eq!(shown.response_header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(shown.state("wasm.usage_plan").as_deref(), Some("gold"));
    assert_eq!(shown.state("wasm.usage_plan_key").as_deref(), Some("AKIDacme0001"));
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=usage_shown"), 1);
}

/// What is shown to be used of the first limit.
fn used(exchange: &Exchange) -> u64 {
    body(exchange)["limits"][0]["used"].as_u64().expect("a number")
}

fn what_is_shown_was_used_by_all_workers_and_showing_it_uses_nothing<W: Worker>() {
    let shared = Shared::new();
    let [mut one, mut other] = [(); 2].map(|()| W::start(&shared, rate(3)));
    for expected in 1..=3 {
        assert_eq!(other.request(&acme().sign(get(&shared, "/release/x"))).status(), 200);
        for _ in 0..2 {
            assert_eq!(used(&ask(&mut one, &shared, &acme())), expected);
        }
    }
    // A caller over its limit can still ask.
    assert_eq!(one.request(&acme().sign(get(&shared, "/release/x"))).status(), 429);
    assert_eq!(used(&ask(&mut one, &shared, &acme())), 3);
    shared.clock().advance(Duration::from_secs(1));
    assert_eq!(used(&ask(&mut one, &shared, &acme())), 0);
}

fn a_reset_of_a_key_shows_before_the_key_calls_again<W: Worker>() {
    let shared = Shared::new();
    let document = |resets: Value| {
        document(json!({
            "keys": ["AKIDacme0001", "AKIDfree0001"], "counter_per": ["key"],
            "quotas": [{"max_requests": 3, "period": "day"}], "resets": resets,
        }))
    };
    let mut worker = W::start(&shared, document(json!([])));
    for caller in [acme(), free()] {
        assert_eq!(worker.request(&caller.sign(get(&shared, "/release/x"))).status(), 200);
    }
    shared.clock().advance(Duration::from_secs(1));
    let reset = json!([{"at": "2026-01-01T00:00:01Z", "key": "AKIDacme0001"}]);
    assert!(worker.configure(document(reset)));
    assert_eq!([acme(), free()].map(|caller| used(&ask(&mut worker, &shared, &caller))), [0, 1]);
}

fn a_plan_without_limits_and_a_plan_that_observes_are_shown_too<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, rate(1).with("/usage_plans/0/enforcement", "observe"));
    for _ in 0..3 {
        assert_eq!(worker.request(&acme().sign(get(&shared, "/release/x"))).status(), 200);
    }
    let shown = body(&ask(&mut worker, &shared, &acme()));
    assert_eq!((&shown["limits"][0]["used"], &shown["limits"][0]["remaining"]), (&json!(1), &json!(0)));
    let unlimited = worker.request(&free().sign(get(&shared, &format!("/prepub{PATH}"))));
    assert_eq!(body(&unlimited)["limits"], json!([]));
}

fn each_key_has_a_limit_of_ten_a_second_that_is_not_its_plan_s<W: Worker>() {
    let shared = Shared::new();
    let observing = json!({"usage_path": PATH, "enforcement": "observe"});
    for document in [rate(3), rate(3).with("/options", observing)] {
        shared.clock().advance(Duration::from_secs(1));
        let mut workers = [(); 2].map(|()| W::start(&shared, &document));
        for i in 0..10 {
            assert_eq!(used(&ask(&mut workers[i % 2], &shared, &acme())), 0);
        }
        let [mut worker, _] = workers;
        let refused = ask(&mut worker, &shared, &acme());
        assert_eq!((refused.status(), outcome(&refused).as_str()), (429, "usage_rate_limited"));
        assert_eq!(refused.body(), "{\"message\":\"API rate limit exceeded\"}\n");
        assert_eq!(
            (refused.response_header("retry-after").as_deref(), &refused.upstream),
            (Some("1"), &None)
        );
        // Neither its calls nor another key's questions are refused for that.
        assert_eq!(worker.request(&acme().sign(get(&shared, "/release/x"))).status(), 200);
        body(&worker.request(&free().sign(get(&shared, &format!("/prepub{PATH}")))));
    }
    let mut cells = shared.data_keys();
    cells.sort();
    assert_eq!(cells, ["usage_plan/gold", "usage_shown/key/AKIDacme0001", "usage_shown/key/AKIDfree0001"]);
}

fn a_caller_that_proves_nothing_is_refused_also_where_the_service_is_open_or_the_options_observe<
    W: Worker,
>() {
    let shared = Shared::new();
    let observing = rate(3).with("/options", json!({"usage_path": PATH, "enforcement": "observe"}));
    let open = rate(3).with(&format!("{SERVICE}/authentication"), "none");
    let path = format!("/release{PATH}");
    for document in [rate(3), observing, open] {
        let mut worker = W::start(&shared, document);
        let forger = Signer::new("AKIDacme0001", "not-the-secret-key");
        for (request, expected) in [
            (undated(&path), "credential_missing"),
            (undated(&path).header("authorization", "Basic eDp5"), "credential_missing"),
            (forger.sign(get(&shared, &path)), "signature_mismatch"),
            (beta().sign(get(&shared, &path)), "key_disabled"),
            (free().sign(get(&shared, &path)), "key_not_bound"),
        ] {
            let refused = worker.request(&request);
            assert_eq!((refused.status(), outcome(&refused).as_str()), (401, expected));
            assert_eq!(refused.upstream, None, "{expected}");
        }
        let refused = worker.request(&acme().sign(get(&shared, &format!("/test{PATH}"))));
        assert_eq!((refused.status(), outcome(&refused).as_str()), (403, "no_usage_plan"));
    }
    assert!(!shared.data_keys().iter().any(|key| key.starts_with("usage_shown")), "{:?}", shared.data_keys());
}

fn the_path_is_compared_in_one_spelling_and_without_the_environment<W: Worker>() {
    let shared = Shared::new();
    let keeping = json!({"usage_path": PATH, "forward_environment_prefix": true});
    for document in [rate(3), rate(3).with("/options", keeping)] {
        let mut worker = W::start(&shared, document);
        for path in [
            "/release/.usage-plan/usage",
            "/.usage-plan/usage",
            "/.usage-plan/usage?a=/b",
            "/release/%2Eusage-plan/usage",
            "/%72elease/.usage%2dplan/us%61ge",
        ] {
            shared.clock().advance(Duration::from_secs(1));
            body(&worker.request(&acme().sign(get(&shared, path))));
            body(&worker.request(&acme().sign(get(&shared, path).method("HEAD"))));
        }
    }
}

fn other_methods_other_paths_and_a_service_that_shows_nothing_go_upstream<W: Worker>() {
    let shared = Shared::new();
    let usual = |worker: &mut W, request: Request| {
        let exchange = worker.request(&acme().sign(request));
        assert_eq!((exchange.status(), outcome(&exchange).as_str()), (200, "allowed"));
        exchange.upstream_header(":path")
    };
    let mut worker = W::start(&shared, rate(1000));
    for method in ["POST", "OPTIONS", "get", "PUT"] {
        let path = usual(&mut worker, get(&shared, &format!("/release{PATH}")).method(method));
        assert_eq!(path.as_deref(), Some(PATH));
    }
    for path in [
        "/.usage-plan/usage/",
        "/.usage-plan/usage/x",
        "/.usage-plan/usages",
        "/.usage-plan/usag",
        "/.usage-plan/usage;a",
        "/.usage-plan/usage%3F",
        "/.usage-plan%2Fusage",
        "/.usage-plan/Usage",
        "/.usage-plan/%75sage%00",
        "/x/.usage-plan/usage",
        "/%252Eusage-plan/usage",
    ] {
        assert_eq!(usual(&mut worker, get(&shared, &format!("/release{path}"))).as_deref(), Some(path));
    }
    // Nothing is shown without the option, or where the service does not want it.
    let hidden = rate(1000).with(&format!("{SERVICE}/show_usage"), false);
    for document in [hidden, rate(1000).without("/options/usage_path")] {
        let mut worker = W::start(&shared, document);
        usual(&mut worker, get(&shared, &format!("/release{PATH}")));
    }
}
