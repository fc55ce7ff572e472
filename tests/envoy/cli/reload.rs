//! A publication while callers call: they notice nothing but the new document.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use testbed::{Client, Envoy, Flood, Request, Signer, Target, flood};

use super::{Cli, HOST, assert_promised, call, document, limit, send};
use crate::{PATIENCE, until};

/// The connections of all four workers.
const CONNECTIONS: usize = 64;

/// The value of a statistic.
fn statistic(envoy: &Envoy, name: &str) -> u64 {
    envoy.stats().expect("statistics")[name].parse().expect("a number")
}

#[test]
fn an_edit_is_in_force_on_every_connection_of_every_worker_within_two_seconds_and_none_is_dropped() {
    let cli = Cli::with(&document(1_000_000));
    let envoy = Envoy::start(&cli.config().concurrency(4));
    let mut clients: Vec<Client> = (0..CONNECTIONS).map(|_| Client::new(envoy.ingress())).collect();
    for client in &mut clients {
        assert_eq!(limit(&client.send(&call()).expect("an answer")), 1_000_000);
    }
    let stats = envoy.stats().expect("statistics");
    let of_a_worker = format!("listener.127.0.0.1_{}.worker_", envoy.ingress().port());
    let workers = stats.iter().filter(|(name, value)| {
        name.starts_with(&of_a_worker) && name.ends_with(".downstream_cx_active") && *value != "0"
    });
    assert_eq!(workers.count(), 4, "not every worker has a connection");

    let mut times = Vec::new();
    for edit in 1_000_001..1_000_011 {
        cli.write(&document(edit));
        let start = Instant::now();
        thread::scope(|scope| {
            scope.spawn(|| cli.published(&[&envoy]));
            // The connections have calls under way all the time, and each goes on until it is shown the new
            // limit.
            let mut waiting: Vec<&mut Client> = clients.iter_mut().collect();
            while !waiting.is_empty() {
                waiting.retain_mut(|client| limit(&client.send(&call()).expect("an answer")) != edit);
                assert!(start.elapsed() < PATIENCE, "{} connections show the old limit", waiting.len());
            }
        });
        times.push(start.elapsed());
        for client in &mut clients {
            assert_eq!(limit(&client.send(&call()).expect("an answer")), edit);
        }
    }
    assert_promised(&cli, &times);
    assert_eq!(statistic(&envoy, "http.ingress.downstream_cx_total"), CONNECTIONS as u64);
    assert_eq!(statistic(&envoy, "http.ingress.downstream_cx_destroy"), 0);
}

/// `document` with a quota that counts every call.
fn with_quota(limit: u64) -> serde_json::Value {
    let mut document = document(limit);
    document["usage_plans"][0]["quotas"] = json!([{"max_requests": 1_000_000, "period": "total"}]);
    document
}

/// What is left of the quota, as the answer to a call shows it.
fn quota_left(envoy: &Envoy) -> usize {
    let shown = send(envoy, &call()).header("x-usageplan-quota").unwrap_or_default();
    shown.split('/').next().and_then(|left| left.parse().ok()).expect("a quota")
}

#[test]
fn twenty_publications_during_a_flood_lose_no_counter_no_metric_and_no_request() {
    let cli = Cli::with(&with_quota(1_000_000));
    let envoy = Envoy::start(&cli.config().concurrency(4));
    let target = Target::new(envoy.ingress(), &call());
    let over = AtomicBool::new(false);
    let (sent, published) = thread::scope(|scope| {
        let publishing = scope.spawn(|| {
            let mut published = 0;
            while published < 20 || !over.load(Ordering::Relaxed) {
                cli.write(&with_quota(1_000_001 + published));
                cli.published(&[&envoy]);
                published += 1;
            }
            published
        });
        let mut sent = Vec::new();
        while !publishing.is_finished() && sent.len() < 500_000 {
            let load = Flood::of(Duration::from_millis(500)).rate(2000.0).connections(32);
            sent.extend(flood(std::slice::from_ref(&target), &load).expect("Envoy answers"));
            over.store(sent.len() > 4000, Ordering::Relaxed);
        }
        (sent, publishing.join().expect("no panic"))
    });
    println!("{published} publications during {} requests", sent.len());
    assert!(sent.iter().all(|sample| sample.status == 200));
    // With one more document, every worker gives back what it has reserved.
    cli.write(&with_quota(1_000_000));
    cli.published(&[&envoy]);
    let mut calls = 0;
    let mut reserved = || {
        calls += 1;
        1_000_000 - sent.len() - calls - quota_left(&envoy)
    };
    assert_eq!(until(&mut reserved, |reserved| *reserved == 0), 0);
    let allowed = envoy.metric("usage_plan_requests", &[("plan", "usagePlan-gold"), ("outcome", "allowed")]);
    assert_eq!(allowed, (sent.len() + calls) as f64);
}

/// What the wasm module alone has.
mod vm {
    use super::*;

    #[test]
    fn a_new_key_s_variable_reaches_the_filter_and_counters_stay_though_every_vm_is_replaced() {
        const VARIABLE: &str = "USAGE_PLAN_SECRET_OF_BETA";
        // Where workers reserve, what one of them shows is less what the others hold.
        let cli = Cli::with(&with_quota(500));
        let envoy = Envoy::start(&cli.config().concurrency(2).env(VARIABLE, "beta-secret-key-0001"));
        for used in 1..=5 {
            assert_eq!(quota_left(&envoy), 1_000_000 - used);
        }
        let made = |envoy: &Envoy| statistic(envoy, "wasm.envoy.wasm.runtime.v8.created");
        let before = made(&envoy);
        let mut document = with_quota(500);
        let keys = document["keys"].as_array_mut().expect("keys");
        keys.push(json!({"name": "beta", "secret_id": "AKIDbeta0001", "secret_key_env": VARIABLE}));
        document["usage_plans"][0]["keys"] = json!(["AKIDacme0001", "AKIDbeta0001"]);
        cli.write(&document);
        cli.published(&[&envoy]);
        // There is one VM for each worker, and one from which they are cloned.
        assert!(until(|| made(&envoy), |made| *made >= before + 3) >= before + 3);
        let beta = Signer::new("AKIDbeta0001", "beta-secret-key-0001").sign(Request::get(HOST, "/release/x"));
        assert_eq!(until(|| send(&envoy, &beta).status, |status| *status == 200), 200);
        assert_eq!(quota_left(&envoy), 1_000_000 - 7);
    }
}
