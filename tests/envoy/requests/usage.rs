//! What is left of a caller's limits, shown by the filter of a real Envoy.

use serde_json::{Value, json};
use testbed::{Config, Envoy, Request, Response};

use super::{acme, assert_refused, document, get, received, send, sent_upstream, trial};

/// The document, in which the plan of `acme` in `release` has a quota too, and whose callers can ask.
fn showing() -> Value {
    let mut document = document();
    document["options"] = json!({"usage_path": "/.usage-plan/usage"});
    document["usage_plans"][0]["quotas"] = json!([{"max_requests": 50, "period": "total"}]);
    document
}

fn usage(response: &Response) -> Value {
    assert_eq!(response.status, 200, "{}", response.text());
    serde_json::from_str(&response.text()).expect("JSON")
}

#[test]
fn a_signed_get_shows_what_all_workers_have_used_and_reaches_no_upstream() {
    let envoy = Envoy::start(&Config::plain().document(showing()).concurrency(2));
    for _ in 0..20 {
        received(&send(&envoy, &acme().sign(get("/release/orders/1"))));
    }
    let upstream = sent_upstream(&envoy);
    let ask = |request: Request| send(&envoy, &acme().sign(request));
    for target in ["/release/.usage-plan/usage", "/release/%2Eusage-plan/usage?a=b"] {
        let shown = ask(get(target));
        let usage = usage(&shown);
        assert_eq!(usage["usage_plan"], json!({"id": "strict", "name": "strict"}));
        assert_eq!((&usage["service"], &usage["environment"]), (&json!("service-orders"), &json!("release")));
        assert_eq!(usage["key"], "AKIDacme0001");
        let total = json!({"name": "total", "limit": 50, "used": 20, "remaining": 30, "renews_at": null});
        assert_eq!(usage["limits"][1], total);
        assert_eq!(shown.header("content-type").as_deref(), Some("application/json"));
        assert_eq!(shown.header("cache-control").as_deref(), Some("no-store"));
    }
    let head = ask(get("/release/.usage-plan/usage").method("HEAD"));
    assert_eq!((head.status, head.text().as_str()), (200, ""));
    assert_refused(
        &send(&envoy, &get("/release/.usage-plan/usage")),
        401,
        "HMAC signature cannot be verified, a validate authorization header is required",
    );
    assert_eq!(sent_upstream(&envoy), upstream);
    // Another method is a call like any other.
    let posted = received(&ask(get("/release/.usage-plan/usage").method("POST")));
    assert_eq!(posted["path"], "/.usage-plan/usage");
    assert_eq!(usage(&ask(get("/release/.usage-plan/usage")))["limits"][1]["used"], 21);
    let counted = envoy.metric("usage_plan_requests", &[("plan", "strict"), ("outcome", "usage_shown")]);
    assert_eq!(counted, 4.0);
}

#[test]
fn a_key_that_asks_too_often_is_refused_and_its_calls_are_not() {
    let envoy = Envoy::start(&Config::plain().document(showing()).concurrency(2));
    let ask = || send(&envoy, &trial().sign(get("/release/.usage-plan/usage")));
    let refused = (0..3000).map(|_| ask()).find(|answer| answer.status == 429);
    let refused = refused.expect("3000 questions of ten a second are answered");
    assert_refused(&refused, 429, "API rate limit exceeded");
    assert_eq!(refused.header("retry-after").as_deref(), Some("1"));
    received(&send(&envoy, &trial().sign(get("/release/x"))));
    assert!(
        envoy.metric("usage_plan_requests", &[("plan", "single"), ("outcome", "usage_rate_limited")]) >= 1.0
    );
}
