//! What the native module alone must do in a real Envoy. `make test-native` runs these, and the tests of
//! both kinds of filter on it.

use std::fs;

use serde_json::{Value, json};
use testbed::console::{run, words};
use testbed::markdown::blocks;
use testbed::ports::{Ports, local};
use testbed::{Client, Config, Envoy, FilterKind, Request, Response, Signer, UsagePlan, repository};

const HOST: &str = "orders.example.com";

/// Acme may call so often in total.
fn document(quota: u64) -> Value {
    json!({
        "services": [{"id": "service-orders", "domains": [HOST], "environments": ["release"]}],
        "keys": [{"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"}],
        "usage_plans": [{
            "id": "gold", "quotas": [{"max_requests": quota, "period": "total"}], "warn_at": [50],
            "keys": ["AKIDacme0001"],
            "environments": [{"service": "service-orders", "environment": "release"}],
        }],
    })
}

fn call() -> Request {
    Signer::new("AKIDacme0001", "acme-secret-key-0001").sign(Request::get(HOST, "/release/x"))
}

fn send(envoy: &Envoy, request: &Request) -> Response {
    Client::new(envoy.ingress()).send(request).expect("an answer")
}

#[test]
fn a_panic_is_answered_with_503_and_counted_and_envoy_and_the_counters_live_on() {
    let module = FilterKind::Native.crashing_module();
    let mut envoy = Envoy::start(&Config::plain().concurrency(2).document(document(10)).module(module));
    assert_eq!(send(&envoy, &call()).header("x-usageplan-quota").as_deref(), Some("9/10"));
    for panics in 1..=20 {
        assert_eq!(send(&envoy, &call().header("x-crash", "please")).status, 503);
        assert_eq!(envoy.filter_failures(), panics);
    }
    assert_eq!(send(&envoy, &call()).header("x-usageplan-quota").as_deref(), Some("8/10"));
    assert!(envoy.is_running());
    let stats = envoy.stats().expect("statistics");
    assert_eq!(stats.get("cluster.upstream.upstream_rq_total").map(String::as_str), Some("2"));
    assert!(envoy.log().contains("a request asked for it"), "{}", envoy.log_end());
}

#[test]
fn no_metric_begins_again_with_a_new_document() {
    let envoy = Envoy::start(&Config::hot_reload().document(document(3)));
    for status in [200, 200, 200, 429, 429] {
        assert_eq!(send(&envoy, &call()).status, status);
    }
    let forged = Signer::new("AKIDacme0001", "not-the-secret-key").sign(Request::get(HOST, "/release/x"));
    assert_eq!(send(&envoy, &forged).status, 401);
    let metric = |name, labels: &[(&str, &str)]| envoy.metric(name, labels);
    let assert_counted = || {
        for (outcome, calls) in [("allowed", 3.0), ("quota_exceeded", 2.0), ("signature_mismatch", 1.0)] {
            assert_eq!(metric("usage_plan_requests", &[("outcome", outcome)]), calls, "{outcome}");
        }
        let labels = [("plan", "gold"), ("limit", "total"), ("percent", "50")];
        assert_eq!(metric("usage_plan_quota_warnings", &labels), 1.0);
    };
    assert_counted();
    for quota in [2, 1] {
        envoy.publish(document(quota)).expect("a verdict");
        // The worker has taken the new document up, and dropped the old one.
        while !send(&envoy, &forged).text().contains("does not match") {}
    }
    let more = metric("usage_plan_requests", &[("outcome", "signature_mismatch")]);
    assert_eq!(more, 3.0);
    let labels = [("plan", "gold"), ("limit", "total"), ("percent", "50")];
    assert_eq!(metric("usage_plan_quota_warnings", &labels), 1.0);
    assert_eq!(metric("usage_plan_requests", &[("outcome", "quota_exceeded")]), 2.0);
}

/// The lines of `docs/native.md`, with paths and addresses of this test.
#[test]
fn the_commands_of_the_page_about_the_native_module_work() {
    let page = fs::read_to_string(repository().join("docs/native.md")).expect("the page");
    let lines: Vec<&str> = blocks(&page)
        .iter()
        .filter(|block| block.language == "sh")
        .flat_map(|block| block.text.lines())
        .collect();
    let [make, start, render, publish] = lines[..] else { panic!("four lines: {lines:?}") };
    assert_eq!(make, "make module");
    assert_eq!(start, "ACME_SECRET_KEY=acme-secret-key-0001 envoy -c envoy/native/envoy.yaml");
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    fs::write(path("usage-plans.json"), document(5).to_string()).expect("written");
    fs::create_dir(path("watched")).expect("made");
    let usage_plan = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), directory.path());
    let done = |line: &str| {
        let module = FilterKind::Native.module().display().to_string();
        let line = line.replace("/usr/local/lib/libenvoy_usage_plan.so", &module);
        let words = words(line.strip_prefix("usage-plan ").expect("a command"));
        let ran = run(usage_plan.command(&words), &[]).expect("run");
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{line}: {ran:?}");
        ran.stdout
    };

    let ports = Ports::free().expect("free ports");
    let (listen, admin) = (local(ports.ingress), local(ports.admin));
    let rendered = done(&format!("{render} --listen {listen} --admin {admin} --upstream {listen}"));
    fs::write(path("envoy.yaml"), rendered).expect("written");
    let envoy = Envoy::of_file(&path("envoy.yaml"), listen, admin).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(send(&envoy, &Request::get(HOST, "/release/x")).status, 401);
    drop(envoy);

    let publish = publish.replace("/etc/envoy/usage-plan", "watched");
    done(publish.split(" --admin").next().expect("a command"));
    let envoy = Envoy::start(&Config::hot_reload().watching(path("watched")));
    fs::write(path("usage-plans.json"), document(7).to_string()).expect("written");
    let printed = done(&publish.replace("127.0.0.1:9901", &envoy.admin().to_string()));
    assert!(printed.contains(": in force after "), "{printed}");
    assert_eq!(send(&envoy, &call()).header("x-usageplan-quota").as_deref(), Some("6/7"));
    let status =
        done(&format!("status --admin {}", envoy.admin()).replacen("status", "usage-plan status", 1));
    assert!(status.contains("  panics    0 calls answered with 503\n"), "{status}");
}
