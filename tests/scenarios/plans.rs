//! What a plan can limit besides a rate: quotas, bursts, APIs, counters of their own; and plans that only observe.

use std::time::Duration;

use crate::caller::{ACME, Caller, DOCUMENT, FREE, document_replacing, document_with};
use crate::host::{Exchange, Request, Shared, Worker, get, on_both};

on_both! {
    a_quota_renews_with_its_period_and_says_when,
    a_quota_that_never_renews_is_refused_without_a_retry_after,
    rate_and_quota_together_debit_both_or_none,
    a_burst_is_admitted_at_once_and_then_the_rate,
    eight_workers_at_once_admit_exactly_what_the_tightest_of_several_limits_leaves,
    an_api_has_a_tighter_limit_on_top_of_the_plan_s,
    each_key_and_each_environment_can_have_a_counter_of_its_own,
    an_observed_plan_lets_pass_what_it_would_refuse,
    observing_options_let_pass_what_would_be_refused_without_an_identity,
    problems_are_told_as_rfc_9457_has_them,
}

/// The document whose `gold` plan has these limits instead of its rate.
fn gold(limits: &str) -> String {
    document_replacing("\"max_requests_per_second\": 3", limits)
}

fn call<W: Worker>(worker: &mut W, shared: &Shared, request: Request) -> Exchange {
    worker.request(ACME.sign(shared, request))
}

fn admitted<W: Worker>(
    worker: &mut W,
    shared: &Shared,
    caller: &Caller,
    path: &str,
    requests: usize,
) -> usize {
    (0..requests).filter(|_| worker.request(caller.sign(shared, get(path))).status() == 200).count()
}

fn a_quota_renews_with_its_period_and_says_when<W: Worker>() {
    let shared = Shared::new();
    // The host's clock starts on 2026-01-01 at midnight UTC, which is 08:00 at the offset.
    let limits = r#""quotas": [{"max_requests": 2, "period": "day", "utc_offset": "+08:00"}]"#;
    let mut worker = W::start(&shared, gold(limits));
    let first = call(&mut worker, &shared, get("/release"));
    assert_eq!(first.response_header("x-usageplan-quota").as_deref(), Some("1/2"));
    assert_eq!(first.response_header("x-usageplan-ratelimit").as_deref(), Some("unlimited"));
    assert_eq!(first.response_header("ratelimit-policy").as_deref(), Some("\"day+08:00\";q=2;w=86400"));
    assert_eq!(first.response_header("ratelimit").as_deref(), Some("\"day+08:00\";r=1;t=57600"));
    assert_eq!(call(&mut worker, &shared, get("/release")).status(), 200);
    let spent = call(&mut worker, &shared, get("/release"));
    assert_eq!((spent.status(), spent.body().as_str()), (429, "{\"message\":\"API quota exceeded\"}\n"));
    assert_eq!(spent.response_header("retry-after").as_deref(), Some("57600"));
    assert_eq!(spent.state("wasm.usage_plan_outcome").as_deref(), Some("quota_exceeded"));
    shared.clock().advance(Duration::from_secs(57_600) - Duration::from_nanos(1));
    assert_eq!(call(&mut worker, &shared, get("/release")).status(), 429);
    shared.clock().advance(Duration::from_nanos(1));
    assert_eq!(admitted(&mut worker, &shared, &ACME, "/release", 3), 2);
}

fn a_quota_that_never_renews_is_refused_without_a_retry_after<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, gold(r#""quotas": [{"max_requests": 1, "period": "total"}]"#));
    assert_eq!(admitted(&mut worker, &shared, &ACME, "/release", 1), 1);
    shared.clock().advance(Duration::from_secs(100 * 365 * 86_400));
    let spent = call(&mut worker, &shared, get("/release"));
    assert_eq!(spent.status(), 429);
    assert_eq!(spent.response_header("retry-after"), None);
    assert_eq!(spent.response_header("ratelimit-policy").as_deref(), Some("\"total\";q=1"));
    // A raised quota keeps what was spent; a period of another name is another quota.
    assert!(worker.configure(gold(r#""quotas": [{"max_requests": 3, "period": "total"}]"#)));
    assert_eq!(admitted(&mut worker, &shared, &ACME, "/release", 5), 2);
    assert!(worker.configure(gold(r#""quotas": [{"max_requests": 1, "period": "year"}]"#)));
    assert_eq!(admitted(&mut worker, &shared, &ACME, "/release", 5), 1);
}

fn rate_and_quota_together_debit_both_or_none<W: Worker>() {
    let shared = Shared::new();
    let limits = r#""max_requests_per_second": 2, "quotas": [{"max_requests": 5, "period": "hour"}]"#;
    let mut worker = W::start(&shared, gold(limits));
    let mut admitted_by_second = Vec::new();
    for _ in 0..4 {
        admitted_by_second.push(admitted(&mut worker, &shared, &ACME, "/release", 4));
        shared.clock().advance(Duration::from_secs(1));
    }
    assert_eq!(admitted_by_second, [2, 2, 1, 0]);
}

fn a_burst_is_admitted_at_once_and_then_the_rate<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, gold(r#""max_requests_per_second": 2, "burst": 5"#));
    assert_eq!(admitted(&mut worker, &shared, &ACME, "/release", 9), 5);
    let spent = call(&mut worker, &shared, get("/release"));
    assert_eq!(spent.response_header("ratelimit-policy").as_deref(), Some("\"burst\";q=5;w=3"));
    assert_eq!(spent.body(), "{\"message\":\"API rate limit exceeded\"}\n");
    for _ in 0..4 {
        shared.clock().advance(Duration::from_millis(500));
        assert_eq!(admitted(&mut worker, &shared, &ACME, "/release", 3), 1);
    }
}

fn an_api_has_a_tighter_limit_on_top_of_the_plan_s<W: Worker>() {
    let shared = Shared::new();
    let limits = r#""max_requests_per_second": 4,
        "apis": [{"methods": ["POST"], "path": "/orders/*", "max_requests_per_second": 1}, {"path": "/orders/*"}]"#;
    let mut worker = W::start(&shared, gold(limits));
    let post = || Request::new("POST", "/release/orders/1");
    let first = call(&mut worker, &shared, post());
    assert_eq!(first.response_header("x-usageplan-ratelimit").as_deref(), Some("0/1"));
    assert_eq!(
        first.response_header("ratelimit").as_deref(),
        Some("\"second\";r=3;t=1, \"second POST /orders/*\";r=0;t=1")
    );
    assert_eq!(call(&mut worker, &shared, post()).status(), 429);
    let other = call(&mut worker, &shared, get("/release/orders/1"));
    assert_eq!(other.response_header("ratelimit").as_deref(), Some("\"second\";r=2;t=1"));
    assert_eq!(admitted(&mut worker, &shared, &ACME, "/release/elsewhere", 5), 2);
    assert_eq!(shared.data_keys(), ["usage_plan/gold"]);
}

fn each_key_and_each_environment_can_have_a_counter_of_its_own<W: Worker>() {
    let both = r#""keys": ["AKIDacme0001", "AKIDfree0001"]"#;
    let environments =
        r#""environment": "release" }, { "service": "service-orders", "environment": "test" }"#;
    let document = |per: &str| {
        DOCUMENT
            .replace(
                "\"keys\": [\"AKIDacme0001\", \"AKIDbeta0001\"]",
                &format!("\"counter_per\": [{per}], {both}"),
            )
            .replace(r#""environment": "release" }"#, environments)
    };
    for (per, expected, keys) in [
        ("", [3, 0, 0, 0], vec!["usage_plan/gold"]),
        (
            r#""key""#,
            [3, 3, 0, 0],
            vec!["usage_plan/gold/key/AKIDacme0001", "usage_plan/gold/key/AKIDfree0001"],
        ),
        (
            r#""environment""#,
            [3, 0, 3, 0],
            vec![
                "usage_plan/gold/environment/service-orders/release",
                "usage_plan/gold/environment/service-orders/test",
            ],
        ),
    ] {
        let shared = Shared::new();
        let mut worker = W::start(&shared, document(per));
        let calls = [(&ACME, "/release"), (&FREE, "/release"), (&ACME, "/test"), (&FREE, "/test")];
        assert_eq!(
            calls.map(|(caller, path)| admitted(&mut worker, &shared, caller, path, 5)),
            expected,
            "{per}"
        );
        assert_eq!(shared.data_keys(), keys);
    }
    let shared = Shared::new();
    let mut worker = W::start(&shared, document(r#""key", "environment""#));
    let calls = [(&ACME, "/release"), (&FREE, "/release"), (&ACME, "/test"), (&FREE, "/test")];
    assert_eq!(calls.map(|(caller, path)| admitted(&mut worker, &shared, caller, path, 5)), [3; 4]);
    assert!(
        shared
            .data_keys()
            .contains(&"usage_plan/gold/key/AKIDacme0001/environment/service-orders/test".to_owned())
    );
}

fn an_observed_plan_lets_pass_what_it_would_refuse<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, gold(r#""max_requests_per_second": 1, "enforcement": "observe""#));
    assert_eq!(call(&mut worker, &shared, get("/release")).response_header("x-usage-plan-observed"), None);
    let observed = call(&mut worker, &shared, get("/release"));
    assert_eq!(observed.status(), 200);
    assert_eq!(observed.response_header("x-usage-plan-observed").as_deref(), Some("would_rate_limit"));
    assert_eq!(observed.response_header("x-usageplan-ratelimit").as_deref(), Some("0/1"));
    assert_eq!(observed.upstream_header("x-secret-id").as_deref(), Some("AKIDacme0001"));
    assert_eq!(observed.state("wasm.usage_plan_outcome").as_deref(), Some("would_rate_limit"));
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=would_rate_limit"), 1);
    let quota = r#""quotas": [{"max_requests": 1, "period": "hour"}], "enforcement": "observe""#;
    assert!(worker.configure(gold(quota)));
    assert_eq!(call(&mut worker, &shared, get("/release")).status(), 200);
    let observed = call(&mut worker, &shared, get("/release"));
    assert_eq!(observed.response_header("x-usage-plan-observed").as_deref(), Some("would_exceed_quota"));
    let stranger = Caller::new(ACME.id, "another-secret-key");
    assert_eq!(worker.request(stranger.sign(&shared, get("/release"))).status(), 401);
}

fn observing_options_let_pass_what_would_be_refused_without_an_identity<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with(r#"{"enforcement": "observe"}"#));
    let stranger = Caller::new(ACME.id, "another-secret-key");
    let forged = stranger.sign(&shared, get("/release/x")).header("x-secret-id", "forged");
    for (request, outcome, path) in [
        (forged, "would_signature_mismatch", "/x"),
        (get("/release/x").host("orders.example.com"), "would_credential_missing", "/x"),
        (get("/test/x").host("orders.example.com"), "would_no_usage_plan", "/x"),
        (get("/release/x").host("elsewhere.example.com"), "would_service_not_found", "/release/x"),
    ] {
        let exchange = worker.request(request);
        assert_eq!(exchange.status(), 200, "{outcome}");
        assert_eq!(exchange.response_header("x-usage-plan-observed").as_deref(), Some(outcome));
        assert_eq!(exchange.upstream_header(":path").as_deref(), Some(path));
        for name in ["x-secret-id", "x-usage-plan-id", "x-usage-plan-environment", "x-service-id"] {
            assert_eq!(exchange.upstream_header(name), None, "{outcome}");
        }
        let metric = format!("wasmcustom.usage_plan_requests.plan=.outcome={outcome}");
        assert_eq!(shared.metric(&metric), 1);
    }
    assert_eq!(admitted(&mut worker, &shared, &ACME, "/release", 5), 5);
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=would_rate_limit"), 2);
}

fn problems_are_told_as_rfc_9457_has_them<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with(r#"{"error_format": "problem"}"#));
    assert_eq!(admitted(&mut worker, &shared, &ACME, "/release", 3), 3);
    let spent = call(&mut worker, &shared, get("/release"));
    assert_eq!(spent.response_header("content-type").as_deref(), Some("application/problem+json"));
    let problem: serde_json::Value = serde_json::from_str(&spent.body()).expect("JSON");
    assert_eq!(problem["violated-policies"], serde_json::json!(["second"]));
    assert_eq!(problem["detail"], "API rate limit exceeded");
}

fn eight_workers_at_once_admit_exactly_what_the_tightest_of_several_limits_leaves<W: Worker>() {
    let limits = r#""max_requests_per_second": 60, "quotas": [{"max_requests": 45, "period": "hour"}, {"max_requests": 70, "period": "total"}],
        "apis": [{"path": "/orders", "max_requests_per_second": 20}]"#;
    let (shared, document) = (Shared::new(), gold(limits));
    for (path, expected) in [("/release/orders", 20), ("/release/x", 25), ("/release/x", 0)] {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (shared, document) = (shared.clone(), document.clone());
                std::thread::spawn(move || {
                    admitted(&mut W::start(&shared, document), &shared, &ACME, path, 15)
                })
            })
            .collect();
        let total: usize = threads.into_iter().map(|thread| thread.join().expect("no panic")).sum();
        assert_eq!(total, expected, "{path}");
    }
    shared.clock().advance(Duration::from_secs(3600));
    assert_eq!(admitted(&mut W::start(&shared, document), &shared, &ACME, "/release/x", 60), 25);
}
