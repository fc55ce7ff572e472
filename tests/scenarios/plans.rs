//! What a plan can limit besides a rate: quotas, bursts, APIs, separate counters; and plans that only
//! observe.

use std::time::Duration;

use emulator::{Exchange, Shared, Status, Worker, on_all};
use serde_json::{Value, json};
use testbed::{Request, Signer};

use crate::UsagePlan;
use crate::caller::{acme, free, get, undated};
use crate::document::{document_with, document_with_gold, document_with_options};

on_all! {
    UsagePlan =>
    a_quota_renews_with_its_period_and_says_when,
    a_quota_that_never_renews_is_refused_without_a_retry_after,
    rate_and_quota_together_debit_both_or_none,
    a_burst_is_admitted_at_once_and_then_the_rate,
    eight_workers_at_once_admit_exactly_what_the_tightest_of_several_limits_leaves,
    an_api_has_a_tighter_limit_on_top_of_the_plan_s,
    each_key_and_each_environment_can_have_a_separate_counter,
    an_observed_plan_lets_pass_what_it_would_refuse,
    observing_options_let_pass_what_would_be_refused_without_an_identity,
    observing_options_forward_no_credential_that_would_be_refused,
    problems_are_reported_as_in_rfc_9457,
}

fn call<W: Worker>(worker: &mut W, request: Request) -> Exchange {
    worker.request(&acme().sign(request))
}

fn admitted<W: Worker>(
    worker: &mut W,
    shared: &Shared,
    caller: &Signer,
    path: &str,
    requests: usize,
) -> usize {
    (0..requests).filter(|_| worker.request(&caller.sign(get(shared, path))).status() == 200).count()
}

fn a_quota_renews_with_its_period_and_says_when<W: Worker>() {
    let shared = Shared::new();
    // The emulator's clock starts on 2026-01-01 at midnight UTC, which is 08:00 at the offset.
    let limits = json!({"quotas": [{"max_requests": 2, "period": "day", "utc_offset": "+08:00"}]});
    let mut worker = W::start(&shared, document_with_gold(limits));
    let first = call(&mut worker, get(&shared, "/release"));
    assert_eq!(first.response_header("x-usageplan-quota").as_deref(), Some("1/2"));
    assert_eq!(first.response_header("x-usageplan-ratelimit").as_deref(), Some("unlimited"));
    assert_eq!(first.response_header("ratelimit-policy").as_deref(), Some("\"day+08:00\";q=2;w=86400"));
    assert_eq!(first.response_header("ratelimit").as_deref(), Some("\"day+08:00\";r=1;t=57600"));
    assert_eq!(call(&mut worker, get(&shared, "/release")).status(), 200);
    let refused = call(&mut worker, get(&shared, "/release"));
    assert_eq!((refused.status(), refused.body().as_str()), (429, "{\"message\":\"API quota exceeded\"}\n"));
    assert_eq!(refused.response_header("retry-after").as_deref(), Some("57600"));
    assert_eq!(refused.state("wasm.usage_plan_outcome").as_deref(), Some("quota_exceeded"));
    shared.clock().advance(Duration::from_secs(57_600) - Duration::from_nanos(1));
    assert_eq!(call(&mut worker, get(&shared, "/release")).status(), 429);
    shared.clock().advance(Duration::from_nanos(1));
    assert_eq!(admitted(&mut worker, &shared, &acme(), "/release", 3), 2);
}

fn a_quota_that_never_renews_is_refused_without_a_retry_after<W: Worker>() {
    let shared = Shared::new();
    let of_quota = |requests: u32, period: &str| {
        document_with_gold(json!({"quotas": [{"max_requests": requests, "period": period}]}))
    };
    let mut worker = W::start(&shared, of_quota(1, "total"));
    assert_eq!(admitted(&mut worker, &shared, &acme(), "/release", 1), 1);
    shared.clock().advance(Duration::from_secs(100 * 365 * 86_400));
    let refused = call(&mut worker, get(&shared, "/release"));
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.response_header("retry-after"), None);
    assert_eq!(refused.response_header("ratelimit-policy").as_deref(), Some("\"total\";q=1"));
    // A raised quota keeps what is used of it. A different period is a different quota.
    assert!(worker.configure(of_quota(3, "total")));
    assert_eq!(admitted(&mut worker, &shared, &acme(), "/release", 5), 2);
    assert!(worker.configure(of_quota(1, "year")));
    assert_eq!(admitted(&mut worker, &shared, &acme(), "/release", 5), 1);
}

fn rate_and_quota_together_debit_both_or_none<W: Worker>() {
    let shared = Shared::new();
    let limits = json!({"max_requests_per_second": 2, "quotas": [{"max_requests": 5, "period": "hour"}]});
    let mut worker = W::start(&shared, document_with_gold(limits));
    let mut admitted_by_second = Vec::new();
    for _ in 0..4 {
        admitted_by_second.push(admitted(&mut worker, &shared, &acme(), "/release", 4));
        shared.clock().advance(Duration::from_secs(1));
    }
    assert_eq!(admitted_by_second, [2, 2, 1, 0]);
}

fn a_burst_is_admitted_at_once_and_then_the_rate<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with_gold(json!({"max_requests_per_second": 2, "burst": 5})));
    assert_eq!(admitted(&mut worker, &shared, &acme(), "/release", 9), 5);
    let refused = call(&mut worker, get(&shared, "/release"));
    assert_eq!(refused.response_header("ratelimit-policy").as_deref(), Some("\"burst\";q=5;w=3"));
    assert_eq!(refused.body(), "{\"message\":\"API rate limit exceeded\"}\n");
    for _ in 0..4 {
        shared.clock().advance(Duration::from_millis(500));
        assert_eq!(admitted(&mut worker, &shared, &acme(), "/release", 3), 1);
    }
}

fn an_api_has_a_tighter_limit_on_top_of_the_plan_s<W: Worker>() {
    let shared = Shared::new();
    let limits = json!({
        "max_requests_per_second": 4,
        "apis": [
            {"methods": ["POST"], "path": "/orders/*", "max_requests_per_second": 1},
            {"path": "/orders/*"},
        ],
    });
    let mut worker = W::start(&shared, document_with_gold(limits));
    let post = || get(&shared, "/release/orders/1").method("POST");
    let first = call(&mut worker, post());
    assert_eq!(first.response_header("x-usageplan-ratelimit").as_deref(), Some("0/1"));
    assert_eq!(
        first.response_header("ratelimit").as_deref(),
        Some("\"second\";r=3;t=1, \"second POST /orders/*\";r=0;t=1")
    );
    assert_eq!(call(&mut worker, post()).status(), 429);
    let other = call(&mut worker, get(&shared, "/release/orders/1"));
    assert_eq!(other.response_header("ratelimit").as_deref(), Some("\"second\";r=2;t=1"));
    assert_eq!(admitted(&mut worker, &shared, &acme(), "/release/elsewhere", 5), 2);
    assert_eq!(shared.data_keys(), ["usage_plan/gold"]);
}

fn each_key_and_each_environment_can_have_a_separate_counter<W: Worker>() {
    let document = |per: Value| {
        document_with("/usage_plans/0/counter_per", per).with("/usage_plans/0/keys/1", "AKIDfree0001").with(
            "/usage_plans/0/environments",
            json!([
                {"service": "service-orders", "environment": "release"},
                {"service": "service-orders", "environment": "test"},
            ]),
        )
    };
    for (per, expected, keys) in [
        (json!([]), [3, 0, 0, 0], vec!["usage_plan/gold"]),
        (
            json!(["key"]),
            [3, 3, 0, 0],
            vec!["usage_plan/gold/key/AKIDacme0001", "usage_plan/gold/key/AKIDfree0001"],
        ),
        (
            json!(["environment"]),
            [3, 0, 3, 0],
            vec![
                "usage_plan/gold/environment/service-orders/release",
                "usage_plan/gold/environment/service-orders/test",
            ],
        ),
    ] {
        let shared = Shared::new();
        let mut worker = W::start(&shared, document(per.clone()));
        let calls = [(&acme(), "/release"), (&free(), "/release"), (&acme(), "/test"), (&free(), "/test")];
        assert_eq!(
            calls.map(|(caller, path)| admitted(&mut worker, &shared, caller, path, 5)),
            expected,
            "{per}"
        );
        assert_eq!(shared.data_keys(), keys);
    }
    let shared = Shared::new();
    let mut worker = W::start(&shared, document(json!(["key", "environment"])));
    let calls = [(&acme(), "/release"), (&free(), "/release"), (&acme(), "/test"), (&free(), "/test")];
    assert_eq!(calls.map(|(caller, path)| admitted(&mut worker, &shared, caller, path, 5)), [3; 4]);
    assert!(
        shared
            .data_keys()
            .contains(&"usage_plan/gold/key/AKIDacme0001/environment/service-orders/test".to_owned())
    );
}

fn an_observed_plan_lets_pass_what_it_would_refuse<W: Worker>() {
    let shared = Shared::new();
    let limits = json!({"max_requests_per_second": 1, "enforcement": "observe"});
    let mut worker = W::start(&shared, document_with_gold(limits));
    assert_eq!(call(&mut worker, get(&shared, "/release")).response_header("x-usage-plan-observed"), None);
    let observed = call(&mut worker, get(&shared, "/release"));
    assert_eq!(observed.status(), 200);
    assert_eq!(observed.response_header("x-usage-plan-observed").as_deref(), Some("would_rate_limit"));
    assert_eq!(observed.response_header("x-usageplan-ratelimit").as_deref(), Some("0/1"));
    assert_eq!(observed.upstream_header("x-secret-id").as_deref(), Some("AKIDacme0001"));
    assert_eq!(observed.state("wasm.usage_plan_outcome").as_deref(), Some("would_rate_limit"));
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=would_rate_limit"), 1);
    let quota = json!({"quotas": [{"max_requests": 1, "period": "hour"}], "enforcement": "observe"});
    assert!(worker.configure(document_with_gold(quota)));
    assert_eq!(call(&mut worker, get(&shared, "/release")).status(), 200);
    let observed = call(&mut worker, get(&shared, "/release"));
    assert_eq!(observed.response_header("x-usage-plan-observed").as_deref(), Some("would_exceed_quota"));
    let stranger = Signer::new("AKIDacme0001", "another-secret-key");
    assert_eq!(worker.request(&stranger.sign(get(&shared, "/release"))).status(), 401);
}

fn observing_options_let_pass_what_would_be_refused_without_an_identity<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with_options(json!({"enforcement": "observe"})));
    let stranger = Signer::new("AKIDacme0001", "another-secret-key");
    let forged = stranger.sign(get(&shared, "/release/x")).header("x-secret-id", "forged");
    for (request, outcome, path) in [
        (forged, "would_signature_mismatch", "/x"),
        (undated("/release/x"), "would_credential_missing", "/x"),
        (undated("/test/x"), "would_no_usage_plan", "/x"),
        (Request::get("elsewhere.example.com", "/release/x"), "would_service_not_found", "/release/x"),
    ] {
        let exchange = worker.request(&request);
        assert_eq!(exchange.status(), 200, "{outcome}");
        assert_eq!(exchange.response_header("x-usage-plan-observed").as_deref(), Some(outcome));
        assert_eq!(exchange.upstream_header(":path").as_deref(), Some(path));
        for name in ["x-secret-id", "x-usage-plan-id", "x-usage-plan-environment", "x-service-id"] {
            assert_eq!(exchange.upstream_header(name), None, "{outcome}");
        }
        let metric = format!("wasmcustom.usage_plan_requests.plan=.outcome={outcome}");
        assert_eq!(shared.metric(&metric), 1);
    }
    assert_eq!(admitted(&mut worker, &shared, &acme(), "/release", 5), 5);
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=would_rate_limit"), 2);
}

/// A credential that is refused in one environment may be good in another one.
fn observing_options_forward_no_credential_that_would_be_refused<W: Worker>() {
    let shared = Shared::new();
    let signed = |caller: Signer, path: &str| caller.sign(get(&shared, path));
    let requests = [
        (signed(acme(), "/prepub"), "would_key_not_bound"),
        (signed(acme(), "/test"), "would_no_usage_plan"),
        (signed(Signer::new("AKIDacme0001", "another-secret-key"), "/release"), "would_signature_mismatch"),
        (undated("/release").header("authorization", "Bearer x"), "would_credential_missing"),
        (
            undated("/release").header("authorization", "hmac id=\"AKIDacme0001\""),
            "would_credential_incomplete",
        ),
        (undated("/release"), "would_credential_missing"),
    ];
    for forward in [false, true] {
        let options = json!({"enforcement": "observe", "forward_authorization": forward});
        let mut worker = W::start(&shared, document_with_options(options));
        for (request, outcome) in &requests {
            let calls = shared.calls("proxy_remove_header_map_value");
            let exchange = worker.request(request);
            let calls = shared.calls("proxy_remove_header_map_value") - calls;
            assert_eq!(exchange.state("wasm.usage_plan_outcome").as_deref(), Some(*outcome));
            let sent = request.value("authorization");
            let upstream = exchange.upstream.expect("it is let through");
            assert_eq!(upstream.get("authorization"), sent.filter(|_| forward), "{outcome}");
            assert_eq!(calls, u64::from(sent.is_some() && !forward), "an absent header is not removed");
        }
    }
    // A cell that cannot be written: the caller is known, and passes without an identity.
    let observing = json!({"enforcement": "observe"});
    let mut worker = W::start(&shared, document_with_options(observing));
    shared.fail_next("proxy_set_shared_data", 64, Status::CasMismatch);
    let exchange = worker.request(&signed(acme(), "/release"));
    assert_eq!(exchange.state("wasm.usage_plan_outcome").as_deref(), Some("would_counter_unavailable"));
    assert_eq!(exchange.upstream_header("authorization"), None);
}

fn problems_are_reported_as_in_rfc_9457<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with_options(json!({"error_format": "problem"})));
    assert_eq!(admitted(&mut worker, &shared, &acme(), "/release", 3), 3);
    let refused = call(&mut worker, get(&shared, "/release"));
    assert_eq!(refused.response_header("content-type").as_deref(), Some("application/problem+json"));
    let problem: Value = serde_json::from_str(&refused.body()).expect("JSON");
    assert_eq!(problem["violated-policies"], json!(["second"]));
    assert_eq!(problem["detail"], "API rate limit exceeded");
}

fn eight_workers_at_once_admit_exactly_what_the_tightest_of_several_limits_leaves<W: Worker>() {
    let limits = json!({
        "max_requests_per_second": 60,
        "quotas": [{"max_requests": 45, "period": "hour"}, {"max_requests": 70, "period": "total"}],
        "apis": [{"path": "/orders", "max_requests_per_second": 20}],
    });
    let (shared, document) = (Shared::new(), document_with_gold(limits));
    for (path, expected) in [("/release/orders", 20), ("/release/x", 25), ("/release/x", 0)] {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (shared, document) = (shared.clone(), document.clone());
                std::thread::spawn(move || {
                    admitted(&mut W::start(&shared, document), &shared, &acme(), path, 15)
                })
            })
            .collect();
        let total: usize = threads.into_iter().map(|thread| thread.join().expect("no panic")).sum();
        assert_eq!(total, expected, "{path}");
    }
    shared.clock().advance(Duration::from_secs(3600));
    assert_eq!(admitted(&mut W::start(&shared, document), &shared, &acme(), "/release/x", 60), 25);
}
