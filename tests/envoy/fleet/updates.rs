//! Documents that are published while requests wait for the engine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use testbed::{Client, Config, Envoy, Flood, Verdict, flood};

use super::engines::{FakeEngine, Manner};
use super::over::Over;
use super::waits::wait_for_active;
use super::{CLUSTER, call, document, fleet, target};

/// How many wait.
const WAITING: usize = 200;

/// How many updates are published under load.
const UPDATES: usize = 60;

fn with_remark(remark: &str) -> Value {
    let limits = json!({
        "max_requests_per_second": 1000, "remark": remark,
        "quotas": [{"max_requests": 1_000_000, "period": "day"}],
    });
    document(&fleet("envoyproxy", json!({})), &[("gold", limits)])
}

fn start(engine: &FakeEngine) -> Envoy {
    let config = Config::hot_reload().fleet(CLUSTER, engine.address).document(with_remark("first"));
    Envoy::start(&config.concurrency(2))
}

/// How many VMs Envoy has.
fn vms(envoy: &Envoy) -> Option<String> {
    envoy.stats().expect("statistics").get("wasm.envoy.wasm.runtime.v8.active").cloned()
}

#[test]
fn those_that_wait_are_answered_across_an_update_and_a_refused_update() {
    let engine = FakeEngine::start();
    let envoy = start(&engine);
    for (update, expected) in [(with_remark("second"), true), (json!({"keys": [{}]}), false)] {
        engine.behave(Manner::Held);
        // What a worker holds is used up first.
        let mut waiting = Vec::new();
        for _ in 0..WAITING {
            let mut client = Client::new(envoy.ingress());
            client.begin(&call("gold")).expect("it is sent");
            waiting.push(client);
        }
        let verdict = envoy.publish(&update).expect("a verdict");
        assert_eq!(verdict == Verdict::Accepted, expected, "{verdict:?}");
        engine.behave(Manner::Counts);
        for mut client in waiting {
            let answer = client.finish().expect("an answer");
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        wait_for_active(&envoy, 0);
    }
}

#[test]
fn updates_under_load_leave_no_request_and_no_vm_behind() {
    let engine = FakeEngine::start();
    let envoy = start(&engine);
    let before = vms(&envoy);
    assert!(before.is_some(), "Envoy counts its VMs");
    let is_over = AtomicBool::new(false);
    let calls = std::thread::scope(|scope| {
        let calling = scope.spawn(|| {
            let load = Flood::of(Duration::from_millis(200)).rate(600.0);
            let mut calls = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                calls.extend(flood(&[target(&envoy, "gold")], &load).expect("answers"));
            }
            calls
        });
        let over = Over(&is_over);
        for update in 0..UPDATES {
            let verdict = envoy.publish(with_remark(&format!("update {update}")));
            assert_eq!(verdict, Ok(Verdict::Accepted));
        }
        drop(over);
        calling.join().expect("no panic")
    });
    let unanswered = calls.iter().filter(|call| !matches!(call.status, 200 | 429)).count();
    assert_eq!(unanswered, 0, "of {}", calls.len());
    wait_for_active(&envoy, 0);
    assert_eq!(vms(&envoy), before);
}
