//! Callers that keep to the limit.

use std::time::Duration;

use testbed::{Config, Envoy, Flood, closed_loop, flood, paced};

use super::{
    SECOND_OF_100, alone, assert_promise, certain_at_once, document, of_plan, plan, statuses, targets,
};

/// How long a caller keeps its pace.
const SPAN: Duration = Duration::from_secs(10);

/// Two calls 0.9999 s apart are two in one second, so any exact limit refuses some calls of a schedule: those
/// that arrive early because the machine delayed the ones before. Hence two measures. A caller that counts
/// its second from the last answer loses at most one call in a hundred. Of a caller on a schedule, what the
/// promise allows for the times of arrival is admitted.
fn paced_at_the_limit(workers: u32) {
    let _alone = alone();
    let config = Config::plain().concurrency(workers).listeners(2).access_log();
    let envoy = Envoy::start(&config.document(document("")));
    let target = |plan: &str| targets(&envoy, plan).remove(0);
    // Each caller has a plan of its own, so all of them can call at the same time.
    let (waiting, scheduled) = std::thread::scope(|scope| {
        let waiting = [1, 10, 100].map(|limit| {
            let target = target(&plan(limit));
            scope.spawn(move || (limit, closed_loop(&target, limit as f64, SPAN).expect("Envoy answers")))
        });
        let scheduled = [(100, SECOND_OF_100.to_owned()), (2000, plan(2000))].map(|(limit, plan)| {
            let target = target(&plan);
            scope.spawn(move || (limit, plan, paced(&target, limit as f64, SPAN).expect("Envoy answers")))
        });
        let waiting = waiting.map(|caller| caller.join().expect("no panic"));
        (waiting, scheduled.map(|caller| caller.join().expect("no panic")))
    });
    let sent = waiting.iter().map(|(_, samples)| samples.len()).sum::<usize>()
        + scheduled.iter().map(|(_, _, paced)| paced.samples.len()).sum::<usize>();
    let log = envoy.access_log(sent).expect("every request is logged");
    for (limit, samples) in waiting {
        let admitted = statuses(&samples, 200);
        println!("{workers} workers, N = {limit}, one at a time: {admitted} of {} admitted", samples.len());
        assert!(admitted * 100 >= samples.len() * 99);
        assert_promise(&of_plan(&log, &plan(limit)), limit, &format!("{workers} workers, one at a time"));
    }
    for (limit, plan, paced) in scheduled {
        println!("the latest call was {:?} behind its schedule", paced.late);
        assert_promise(&of_plan(&log, &plan), limit, &format!("{workers} workers, on a schedule"));
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
fn the_limit_at_once_and_then_a_second_s_wait_loses_next_to_nothing() {
    let _alone = alone();
    let config = Config::plain().concurrency(2).listeners(2);
    let envoy = Envoy::start(&config.document(document("")));
    let bursts = |limit: usize| {
        for _ in 0..3 {
            // It ends with the number of calls, however long they take.
            let until_all_are_sent = Flood::of(Duration::from_secs(600)).connections(limit.min(16));
            let load = Flood { at_most: limit, ..until_all_are_sent };
            let samples = flood(&targets(&envoy, &plan(limit)), &load).expect("Envoy answers");
            let admitted = statuses(&samples, 200);
            println!("N = {limit} at once: {admitted} admitted");
            assert!((certain_at_once(limit)..=limit).contains(&admitted), "{admitted} of {limit}");
            std::thread::sleep(Duration::from_secs(1));
        }
    };
    std::thread::scope(|scope| {
        for limit in [1, 10, 100, 2000] {
            scope.spawn(move || bursts(limit));
        }
    });
}
