//! Load while the filter is replaced.

use std::time::Duration;

use testbed::{Client, Config, Envoy, FilterKind, Flood, Verdict, flood};

use super::{alone, assert_admissions, call, document, of_plan, plan, statuses, targets};
use crate::until;

#[test]
fn two_listeners_fifty_reloads_and_a_vm_that_dies_change_none_of_that() {
    const LIMIT: usize = 100;
    let _alone = alone();
    let module = FilterKind::of_tests().crashing_module();
    let config = Config::hot_reload().concurrency(2).listeners(2).access_log().module(module);
    let envoy = Envoy::start(&config.document(document("")));
    assert_eq!(envoy.verdict().expect("Envoy answers"), Verdict::Accepted);
    let load = || {
        let load = Flood::of(Duration::from_millis(500)).rate(LIMIT as f64 * 5.0);
        flood(&targets(&envoy, &plan(LIMIT)), &load).expect("Envoy answers")
    };
    let reload = || {
        for push in 0..50 {
            let verdict = envoy.publish(document(&format!("push {push}")));
            assert_eq!(verdict, Ok(Verdict::Accepted));
            if push == 25 {
                let crash = call(&plan(LIMIT)).header("x-crash", "please");
                let answer = Client::new(envoy.ingress()).send(&crash).expect("Envoy answers");
                assert_eq!(answer.status, 503);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        // A worker replaces its VM when the next request comes and the backoff is over.
        let recovered = || envoy.filter_recoveries();
        assert!(until(recovered, |number| *number >= 1) >= 1, "nothing brought the filter down");
    };
    let mut samples = std::thread::scope(|scope| {
        let reloading = scope.spawn(reload);
        let mut samples = Vec::new();
        while !reloading.is_finished() {
            samples.extend(load());
        }
        reloading.join().expect("no panic");
        samples
    });
    let last = load();
    assert_eq!(statuses(&last, 503), 0, "the filter is still down");
    samples.extend(last);
    let unavailable = statuses(&samples, 503);
    println!("{unavailable} of {} calls were answered 503", samples.len());
    assert_eq!(statuses(&samples, 200) + statuses(&samples, 429) + unavailable, samples.len());
    let log = envoy.access_log(samples.len() + 1).expect("every request is logged");
    // A call that is under way when its worker's VM dies was admitted, and gets 503.
    let log = of_plan(&log, &plan(LIMIT));
    assert!(log.iter().all(|entry| matches!(entry.status, 200 | 429 | 503)));
    assert_admissions(&log, LIMIT, "fifty reloads and a VM that dies");
}
