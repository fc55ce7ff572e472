//! What the operator sees of each request: access logs and metrics.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::{Config, Envoy, Request, Signer};

use super::{acme, document, first_refusal, get, received, send, trial};
use crate::PATIENCE;

/// The lines of the access log that the shipped configuration prints, once there are `expected` of them.
pub(super) fn shipped_log(envoy: &Envoy, expected: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let printed = envoy.stdout();
        let (whole, _) = printed.rsplit_once('\n').unwrap_or_default();
        let lines: Vec<Value> = whole.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        if lines.len() >= expected {
            return lines;
        }
        assert!(start.elapsed() < PATIENCE, "{expected} lines are expected, not {printed:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn access_logs_and_metrics_show_plan_and_outcome_of_every_request() {
    let envoy = Envoy::start(&Config::plain().document(document()).access_log());
    let anonymous = Request::get("open.example.com", "/release/x");
    received(&send(&envoy, &acme().sign(get("/release/orders/1"))));
    received(&send(&envoy, &acme().sign(get("/x"))));
    received(&send(&envoy, &anonymous));
    assert_eq!(send(&envoy, &Request::get("a.example.com", "/release/x")).status, 404);
    assert_eq!(send(&envoy, &get("/release/x")).status, 401);
    let mut expected = vec![
        (200, "strict", "allowed"),
        (200, "lax", "allowed"),
        (200, "", "anonymous"),
        (404, "", "service_not_found"),
        (401, "", "credential_missing"),
    ];
    // The plan admits a call each second, so how many are admitted before one is refused depends on the
    // machine.
    loop {
        let status = send(&envoy, &trial().sign(get("/release/x"))).status;
        expected.push((status, "single", if status == 200 { "allowed" } else { "rate_limited" }));
        if status == 429 {
            break;
        }
        assert!(expected.len() < 300, "a plan of one request per second admitted all: {expected:?}");
    }

    let entries = envoy.access_log(expected.len()).expect("an access log");
    let logged: Vec<_> = entries.iter().map(|e| (e.status, e.plan.as_str(), e.outcome.as_str())).collect();
    assert_eq!(logged, expected);
    let shipped = shipped_log(&envoy, expected.len());
    for (line, (status, plan, outcome)) in shipped.iter().zip(&expected) {
        let plan = if plan.is_empty() { Value::Null } else { (*plan).into() };
        assert_eq!(
            (&line["status"], &line["plan"], &line["outcome"]),
            (&(*status).into(), &plan, &(*outcome).into())
        );
    }
    let first = &shipped[0];
    assert_eq!((&first["route"], &first["path"]), (&"orders".into(), &"/orders/1".into()), "{first}");

    let mut samples: Vec<_> = expected.iter().map(|(_, plan, outcome)| (*plan, *outcome)).collect();
    samples.sort_unstable();
    samples.dedup();
    for (plan, outcome) in samples {
        let times = expected.iter().filter(|(_, p, o)| (*p, *o) == (plan, outcome)).count();
        let value = envoy.metric("usage_plan_requests", &[("plan", plan), ("outcome", outcome)]);
        assert_eq!(value, times as f64, "{plan} {outcome}");
    }
    let total = envoy.metric("usage_plan_requests", &[]);
    assert_eq!(total, expected.len() as f64);
}

#[test]
fn access_logs_and_metrics_show_which_key_is_refused() {
    let mut counting_keys = document();
    counting_keys["options"] = json!({"metrics_per_key": true});
    let envoy = Envoy::start(&Config::plain().document(counting_keys));
    received(&send(&envoy, &acme().sign(get("/release/x"))));
    let forger = Signer::new("AKIDtrial001", "not-the-secret-key");
    assert_eq!(send(&envoy, &forger.sign(get("/release/x"))).status, 401);
    let unknown = Signer::new("AKIDnone0001", "none-secret-key-0001");
    assert_eq!(send(&envoy, &unknown.sign(get("/release/x"))).status, 401);
    let mut calls = 0;
    first_refusal(
        || {
            calls += 1;
            send(&envoy, &trial().sign(get("/release/x")))
        },
        |answer| answer.status == 429,
    );
    let log = shipped_log(&envoy, 3 + calls);
    let keys: Vec<_> = [0, 1, 2, 2 + calls].map(|line| log[line]["key"].clone()).into();
    assert_eq!(keys, [Value::Null, "AKIDtrial001".into(), Value::Null, "AKIDtrial001".into()]);

    let of_key = |key, plan, outcome| {
        envoy.metric("usage_plan_key_requests", &[("key", key), ("plan", plan), ("outcome", outcome)])
    };
    assert_eq!(of_key("AKIDacme0001", "strict", "allowed"), 1.0);
    assert_eq!(of_key("AKIDtrial001", "", "signature_mismatch"), 1.0);
    assert_eq!(of_key("AKIDtrial001", "single", "allowed"), (calls - 1) as f64);
    assert_eq!(of_key("AKIDtrial001", "single", "rate_limited"), 1.0);
    assert_eq!(envoy.metric("usage_plan_key_requests", &[]), (calls + 2) as f64);
    // The metrics of plans keep their labels beside those.
    assert_eq!(envoy.metric("usage_plan_requests", &[("plan", ""), ("outcome", "key_unknown")]), 1.0);
}
