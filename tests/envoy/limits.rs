//! The promise, kept by a real Envoy under load: never more than N in any second, and a caller that keeps to N loses at
//! most one call in a hundred; whatever the number of workers and listeners, through reloads and a VM that dies.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use testbed::busiest::admissible;
use testbed::{
    Client, Config, Entry, Envoy, Flood, Request, Sample, Signer, Target, Verdict, access_log,
    certainly_busiest, closed_loop, flood, paced,
};

const LIMITS: [usize; 4] = [1, 10, 100, 2000];

/// Load is for one test at a time: the machine has two cores.
fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::new(());
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A document with a key and a plan for each of `LIMITS`.
fn document(remark: &str) -> String {
    let key =
        |limit| json!({"secret_id": format!("AKID-{limit}"), "secret_key": format!("secret-key-{limit}")});
    let plan = |limit| {
        json!({
            "id": format!("plan-{limit}"), "max_requests_per_second": limit, "remark": remark,
            "keys": [format!("AKID-{limit}")],
            "environments": [{"service": "s", "environment": "release"}],
        })
    };
    json!({
        "services": [{"id": "s", "domains": ["*"], "default_environment": "release"}],
        "keys": LIMITS.map(key), "usage_plans": LIMITS.map(plan),
    })
    .to_string()
}

fn call(limit: usize) -> Request {
    let signer = Signer::new(&format!("AKID-{limit}"), &format!("secret-key-{limit}"));
    signer.sign(Request::get("orders.example.com", "/"))
}

/// Calls of the plan of `limit`, to every listener.
fn targets(envoy: &Envoy, limit: usize) -> Vec<Target> {
    envoy.listeners().iter().map(|address| Target::new(*address, &call(limit))).collect()
}

fn of_plan(log: &[Entry], limit: usize) -> Vec<Entry> {
    log.iter().filter(|entry| entry.plan == format!("plan-{limit}")).cloned().collect()
}

fn statuses(samples: &[Sample], status: u16) -> usize {
    samples.iter().filter(|sample| sample.status == status).count()
}

fn under_load(workers: u32) {
    let _alone = alone();
    // What a busy machine did not let the callers send proves nothing; it is sent again.
    let enough = (0..5).any(|_| was_loaded(workers));
    assert!(enough, "this machine did not send four times any of the limits in five tries");
}

/// Whether the load was sent, in which case the promise was kept.
fn was_loaded(workers: u32) -> bool {
    const SECONDS: usize = 4;
    let config = Config::plain().concurrency(workers).listeners(2).access_log().document(document(""));
    let envoy = Envoy::start(&config);
    let load = |limit: usize| {
        let connections = if limit < 100 { 4 } else { 16 };
        let load =
            Flood::of(Duration::from_secs(SECONDS as u64)).connections(connections).rate(limit as f64 * 5.0);
        flood(&targets(&envoy, limit), &load).expect("Envoy answers")
    };
    let mut sent = load(2000).len();
    sent += std::thread::scope(|scope| {
        let floods = [1, 10, 100].map(|limit| scope.spawn(move || load(limit).len()));
        floods.into_iter().map(|flood| flood.join().expect("no panic")).sum::<usize>()
    });
    let log = envoy.access_log(sent).expect("every request is logged");
    let mut enough = true;
    for limit in LIMITS {
        let log = of_plan(&log, limit);
        let admitted = access_log::admissions(&log);
        let busiest = certainly_busiest(&admitted);
        println!(
            "{workers} workers, N = {limit}: {} sent, {} admitted, busiest second {busiest}",
            log.len(),
            admitted.len()
        );
        assert_eq!(busiest, limit, "{workers} workers");
        assert!((limit * (SECONDS - 1)..=limit * (SECONDS + 1)).contains(&admitted.len()));
        assert!(log.iter().all(|entry| matches!(entry.status, 200 | 429)));
        enough &= log.len() >= 4 * SECONDS * limit;
    }
    enough
}

#[test]
fn one_worker_under_five_times_the_load_admits_exactly_the_limit_in_the_busiest_second() {
    under_load(1);
}

#[test]
fn two_workers_under_five_times_the_load_admit_exactly_the_limit_in_the_busiest_second() {
    under_load(2);
}

#[test]
fn eight_workers_under_five_times_the_load_admit_exactly_the_limit_in_the_busiest_second() {
    under_load(8);
}

/// Two calls 0.9999 s apart are two in one second, so of a caller that sends on a schedule any exact limit refuses what
/// arrives early by the machine's jitter. Hence two measures: a caller that counts its second from the last answer loses
/// nothing; of one on a schedule 99 in 100 are admitted of what the promise allows for the moments of arrival.
fn paced_at_the_limit(workers: u32) {
    const SECONDS: u64 = 10;
    let _alone = alone();
    let config = Config::plain().concurrency(workers).listeners(2).access_log().document(document(""));
    let envoy = Envoy::start(&config);
    let span = Duration::from_secs(SECONDS);
    let target = |limit| targets(&envoy, limit).remove(0);
    let waiting = std::thread::scope(|scope| {
        let callers = [1, 10, 100].map(|limit| {
            let target = target(limit);
            scope.spawn(move || (limit, closed_loop(&target, limit as f64, span).expect("Envoy answers")))
        });
        callers.map(|caller| caller.join().expect("no panic"))
    });
    let mut sent = 0;
    for (limit, samples) in &waiting {
        sent += samples.len();
        let admitted = statuses(samples, 200);
        println!("{workers} workers, N = {limit}, one at a time: {admitted} of {} admitted", samples.len());
        assert!(admitted * 100 >= samples.len() * 99);
    }
    let done = envoy.access_log(sent).expect("every request is logged").len();
    std::thread::sleep(Duration::from_secs(1));
    for limit in [100, 2000] {
        let paced = paced(&target(limit), limit as f64, span).expect("Envoy answers");
        sent += paced.samples.len();
        let log = envoy.access_log(sent).expect("every request is logged");
        let log = of_plan(&log[done..], limit);
        let admitted = log.iter().filter(|entry| entry.admitted()).count();
        let instants: Vec<u64> = log.iter().map(|entry| entry.decided.earliest).collect();
        let best = admissible(&instants, limit);
        println!(
            "{workers} workers, N = {limit}, on a schedule: {admitted} of {} admitted, {best} admissible, {:?} late at worst",
            log.len(),
            paced.late
        );
        assert!(admitted * 100 >= best * 99, "{admitted} of {best}");
        assert!(admitted * 100 >= log.len() * 97, "{admitted} of {}", log.len());
    }
}

#[test]
fn a_caller_that_keeps_to_the_limit_is_admitted_by_one_worker() {
    paced_at_the_limit(1);
}

#[test]
fn a_caller_that_keeps_to_the_limit_is_admitted_by_eight_workers() {
    paced_at_the_limit(8);
}

#[test]
fn the_limit_at_once_and_then_a_second_s_wait_loses_nothing() {
    let _alone = alone();
    let envoy = Envoy::start(&Config::plain().concurrency(2).listeners(2).document(document("")));
    for limit in [1, 10, 100, 2000] {
        for _ in 0..3 {
            let load =
                Flood { at_most: limit, ..Flood::of(Duration::from_secs(5)).connections(limit.min(16)) };
            let samples = flood(&targets(&envoy, limit), &load).expect("Envoy answers");
            assert_eq!(statuses(&samples, 200), limit);
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

#[test]
fn two_listeners_fifty_reloads_and_a_vm_that_dies_change_none_of_that() {
    const LIMIT: usize = 100;
    let _alone = alone();
    let module = testbed::module().with_file_name("crashing_filter.wasm");
    let config = Config::hot_reload().concurrency(2).listeners(2).access_log().module(module);
    let envoy = Envoy::start(&config.document(document("")));
    assert_eq!(envoy.verdict().expect("Envoy answers"), Verdict::Accepted);
    let samples = std::thread::scope(|scope| {
        let load = Flood::of(Duration::from_secs(8)).rate(LIMIT as f64 * 5.0);
        let envoy = &envoy;
        let samples = scope.spawn(move || flood(&targets(envoy, LIMIT), &load).expect("Envoy answers"));
        for push in 0..50 {
            let verdict = envoy.publish(&document(&format!("push {push}"))).expect("Envoy answers");
            assert_eq!(verdict, Verdict::Accepted);
            if push == 25 {
                let crash = call(LIMIT).header("x-crash", "please");
                let answer = Client::new(envoy.ingress()).send(&crash).expect("Envoy answers");
                assert_eq!(answer.status, 503);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        samples.join().expect("no panic")
    });
    let reloads = envoy.metric("envoy_wasm_usage_plan_vm_reload_success", &[]);
    let log = envoy.access_log(samples.len() + 1).expect("every request is logged");
    let admitted = access_log::admissions(&of_plan(&log, LIMIT));
    let busiest = certainly_busiest(&admitted);
    let unavailable = statuses(&samples, 503);
    println!(
        "{} sent, {} admitted, busiest second {busiest}; VM reloads {reloads}, {unavailable} answered 503 meanwhile",
        samples.len(),
        admitted.len()
    );
    assert_eq!(busiest, LIMIT);
    assert!(admitted.len() >= LIMIT * 7, "only {} were admitted", admitted.len());
    assert!(reloads >= 1.0, "no VM died");
    assert_eq!(statuses(&samples, 200) + statuses(&samples, 429) + unavailable, samples.len());
    assert!(unavailable * 10 <= samples.len(), "{unavailable} of {} were 503", samples.len());
}

#[test]
fn rate_and_quota_together_admit_exactly_the_quota_in_total() {
    const QUOTA: usize = 250;
    let _alone = alone();
    let mut limited: serde_json::Value = serde_json::from_str(&document("")).expect("JSON");
    limited["usage_plans"][2]["quotas"] = json!([{"max_requests": QUOTA, "period": "total"}]);
    let config = Config::plain().concurrency(8).listeners(2).access_log().document(limited.to_string());
    let envoy = Envoy::start(&config);
    let samples =
        flood(&targets(&envoy, 100), &Flood::of(Duration::from_secs(4)).rate(500.0)).expect("Envoy answers");
    let log = of_plan(&envoy.access_log(samples.len()).expect("every request is logged"), 100);
    let admitted = access_log::admissions(&log);
    println!(
        "{} sent, {} admitted, busiest second {}",
        log.len(),
        admitted.len(),
        certainly_busiest(&admitted)
    );
    assert_eq!(admitted.len(), QUOTA);
    assert_eq!(certainly_busiest(&admitted), 100);
    let of = |outcome: &str| log.iter().filter(|entry| entry.outcome == outcome).count();
    assert!(of("quota_exceeded") > 0 && of("rate_limited") > 0);
    assert_eq!(of("allowed") + of("quota_exceeded") + of("rate_limited"), log.len());
}
