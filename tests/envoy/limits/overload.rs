//! More calls than a plan admits.

use std::time::Duration;

use serde_json::json;
use testbed::{Config, Envoy, Flood, access_log, flood};

use super::{LIMITS, UNLIMITED, alone, assert_promise, document, of_plan, plan, statuses, targets};

/// A machine can overload a limit if it sends so many times that limit.
const OVERLOAD: f64 = 3.0;

/// How many calls per second this machine and `envoy` manage now, and how many calls were sent to find out.
fn measure(envoy: &Envoy) -> (f64, usize) {
    let samples = flood(&targets(envoy, UNLIMITED), &Flood::of(Duration::from_secs(1)));
    let samples = samples.expect("Envoy answers");
    assert_eq!(statuses(&samples, 200), samples.len());
    let first = samples.iter().map(|sample| sample.sent).min().unwrap_or_default();
    let last = samples.iter().map(|sample| sample.received).max().unwrap_or_default();
    (samples.len() as f64 / Duration::from_nanos(last - first).as_secs_f64(), samples.len())
}

fn under_load(workers: u32) {
    let _alone = alone();
    let config = Config::plain().concurrency(workers).listeners(2).access_log();
    let envoy = Envoy::start(&config.document(document("")));
    let (rate, measured) = measure(&envoy);
    // Whatever the machine does, it sends three calls a second.
    let can_overload = |limit: &usize| rate >= OVERLOAD * *limit as f64;
    let largest = LIMITS.into_iter().rev().find(can_overload).unwrap_or(1);
    println!("{workers} workers: {rate:.0} calls per second, so the largest N is {largest}");
    let load = |limit: usize| {
        let connections = if limit < 100 { 4 } else { 16 };
        let load = Flood::of(Duration::from_secs(4)).connections(connections).rate(limit as f64 * 5.0);
        flood(&targets(&envoy, &plan(limit)), &load).expect("Envoy answers").len()
    };
    let smaller: Vec<usize> = [1, 10, 100].into_iter().filter(|limit| *limit < largest).collect();
    let mut sent = measured + load(largest);
    sent += std::thread::scope(|scope| {
        let floods: Vec<_> = smaller.iter().map(|limit| scope.spawn(move || load(*limit))).collect();
        floods.into_iter().map(|flood| flood.join().expect("no panic")).sum::<usize>()
    });
    let log = envoy.access_log(sent).expect("every request is logged");
    for limit in smaller.into_iter().chain([largest]) {
        let calls = of_plan(&log, &plan(limit));
        assert_promise(&calls, limit, &format!("{workers} workers, five times the load"));
    }
}

#[test]
fn one_worker_under_five_times_the_load_admits_never_more_than_the_limit_and_no_less() {
    under_load(1);
}

#[test]
fn two_workers_under_five_times_the_load_admit_never_more_than_the_limit_and_no_less() {
    under_load(2);
}

#[test]
fn eight_workers_under_five_times_the_load_admit_never_more_than_the_limit_and_no_less() {
    under_load(8);
}

#[test]
fn rate_and_quota_together_admit_exactly_the_quota_in_total() {
    const LIMIT: usize = 100;
    const QUOTA: usize = 250;
    let _alone = alone();
    let mut limited = document("");
    limited["usage_plans"][2]["quotas"] = json!([{"max_requests": QUOTA, "period": "total"}]);
    assert_eq!(limited["usage_plans"][2]["max_requests_per_second"], LIMIT);
    let config = Config::plain().concurrency(8).listeners(2).access_log().document(limited);
    let envoy = Envoy::start(&config);
    let plan = plan(LIMIT);
    let quota_is_used_up = || {
        let labels = [("plan", plan.as_str()), ("outcome", "quota_exceeded")];
        envoy.metric("usage_plan_requests", &labels) > 0.0
    };
    let mut sent = 0;
    // The quota is used up after three seconds or more, depending on the machine.
    while !quota_is_used_up() {
        let load = Flood::of(Duration::from_millis(500)).rate(500.0);
        sent += flood(&targets(&envoy, &plan), &load).expect("Envoy answers").len();
        assert!(sent < 100_000, "no call was refused for the quota");
    }
    let log = of_plan(&envoy.access_log(sent).expect("every request is logged"), &plan);
    let admitted = access_log::admissions(&log);
    assert_eq!(admitted.len(), QUOTA);
    let of = |outcome: &str| log.iter().filter(|entry| entry.outcome == outcome).count();
    assert_eq!(of("allowed") + of("quota_exceeded") + of("rate_limited"), log.len());
    // The calls before the quota was used up: of these, the rate alone decided.
    let before_quota: Vec<_> = log.into_iter().filter(|entry| entry.outcome != "quota_exceeded").collect();
    assert_promise(&before_quota, LIMIT, "8 workers, with a quota");
}
