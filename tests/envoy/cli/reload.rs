//! What a caller notices of a publication: nothing but the new document.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use testbed::{Client, Envoy, Flood, Request, Signer, Target, flood};

use super::{PROMISED, Place, call, document, limit, send};

/// Four workers have so many connections in all.
const CONNECTIONS: usize = 64;

/// The value of a statistic.
fn statistic(envoy: &Envoy, name: &str) -> u64 {
    envoy.stats().expect("statistics")[name].parse().expect("a number")
}

#[test]
fn an_edit_is_in_force_on_every_connection_of_every_worker_within_two_seconds_and_none_is_dropped() {
    let place = Place::new(&document(1_000_000));
    let envoy = Envoy::start(&place.config().concurrency(4));
    let mut clients: Vec<Client> = (0..CONNECTIONS).map(|_| Client::new(envoy.ingress())).collect();
    for client in &mut clients {
        assert_eq!(limit(&client.send(&call()).expect("an answer")), 1_000_000);
    }
    let stats = envoy.stats().expect("statistics");
    let workers = stats.iter().filter(|(name, value)| {
        name.starts_with("listener.")
            && name.contains(".worker_")
            && name.ends_with(".downstream_cx_active")
            && *value != "0"
    });
    let workers = workers.filter(|(name, _)| !name.starts_with("listener.admin")).count();
    assert_eq!(workers, 4, "not every worker has a connection");

    let (mut slowest, mut late) = (Duration::ZERO, Duration::ZERO);
    for edit in 1_000_001..1_000_011 {
        place.write(&document(edit));
        let start = Instant::now();
        let publishing = thread::scope(|scope| {
            let publishing = scope.spawn(|| (place.published(&[&envoy]), Instant::now()));
            // The connections have calls under way all the time, and each goes on until it is told the new limit.
            let mut waiting: Vec<&mut Client> = clients.iter_mut().collect();
            while !waiting.is_empty() {
                waiting.retain_mut(|client| limit(&client.send(&call()).expect("an answer")) != edit);
                assert!(start.elapsed() < PROMISED, "{} connections are not told", waiting.len());
            }
            slowest = slowest.max(start.elapsed());
            let seen = Instant::now();
            let (_, accepted) = publishing.join().expect("no panic");
            late = late.max(seen.saturating_duration_since(accepted));
            accepted
        });
        assert!(publishing.duration_since(start) < PROMISED);
        for client in &mut clients {
            assert_eq!(limit(&client.send(&call()).expect("an answer")), edit);
        }
    }
    println!("in force on {CONNECTIONS} connections of 4 workers within {slowest:?} of the command's start");
    println!("the last connection was told {late:?} after the command's end");
    assert_eq!(statistic(&envoy, "http.ingress.downstream_cx_total"), CONNECTIONS as u64);
    assert_eq!(statistic(&envoy, "http.ingress.downstream_cx_destroy"), 0);
}

/// `document` with a quota that counts every call.
fn with_quota(limit: u64) -> serde_json::Value {
    let mut document = document(limit);
    document["usage_plans"][0]["quotas"] = json!([{"max_requests": 1_000_000, "period": "total"}]);
    document
}

/// What a call is told to have left of the quota.
fn quota_left(envoy: &Envoy) -> usize {
    let told = send(envoy, &call()).header("x-usageplan-quota").unwrap_or_default();
    told.split('/').next().and_then(|left| left.parse().ok()).expect("a quota")
}

#[test]
fn twenty_publications_during_a_flood_lose_no_counter_no_metric_and_no_request() {
    let place = Place::new(&with_quota(1_000_000));
    let envoy = Envoy::start(&place.config().concurrency(4));
    let target = Target::new(envoy.ingress(), &call());
    let over = AtomicBool::new(false);
    let (sent, published) = thread::scope(|scope| {
        let publishing = scope.spawn(|| {
            let mut published = 0;
            while published < 20 || !over.load(Ordering::Relaxed) {
                place.write(&with_quota(1_000_001 + published));
                place.published(&[&envoy]);
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
    assert_eq!(quota_left(&envoy), 1_000_000 - sent.len() - 1);
    let allowed = envoy.metric("usage_plan_requests", &[("plan", "usagePlan-gold"), ("outcome", "allowed")]);
    assert_eq!(allowed, (sent.len() + 1) as f64);
}

#[test]
fn a_variable_that_a_new_key_is_in_is_let_in_and_counters_stay_though_every_vm_is_made_anew() {
    const VARIABLE: &str = "USAGE_PLAN_SECRET_OF_BETA";
    let place = Place::new(&with_quota(1000));
    let envoy = Envoy::start(&place.config().concurrency(2).env(VARIABLE, "beta-secret-key-0001"));
    for spent in 1..=5 {
        assert_eq!(quota_left(&envoy), 1_000_000 - spent);
    }
    let made = |envoy: &Envoy| statistic(envoy, "wasm.envoy.wasm.runtime.v8.created");
    let before = made(&envoy);
    let mut document = with_quota(1000);
    let keys = document["keys"].as_array_mut().expect("keys");
    keys.push(json!({"name": "beta", "secret_id": "AKIDbeta0001", "secret_key_env": VARIABLE}));
    document["usage_plans"][0]["keys"] = json!(["AKIDacme0001", "AKIDbeta0001"]);
    place.write(&document);
    place.published(&[&envoy]);
    assert!(made(&envoy) >= before + 3, "one for each worker and one to clone them from");
    let beta =
        Signer::new("AKIDbeta0001", "beta-secret-key-0001").sign(Request::get(super::HOST, "/release/x"));
    assert_eq!(send(&envoy, &beta).status, 200);
    assert_eq!(quota_left(&envoy), 1_000_000 - 7);
}
