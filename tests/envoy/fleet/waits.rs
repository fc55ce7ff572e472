//! Requests that wait for the engine: many at once, whoever hangs up, and a worker whose VM dies.

use std::time::{Duration, Instant};

use serde_json::json;
use testbed::{Client, Envoy, FilterKind, Flood, Sample, flood};

use super::engines::{FakeEngine, Manner};
use super::{Place, RATE_EXCEEDED, UNAVAILABLE, call, document, fleet, member, target};
use crate::{PATIENCE, until};

/// Sends this many calls at once, each over a connection of its own.
fn at_once(envoy: &Envoy, plan: &str, number: usize) -> Vec<Sample> {
    let load = Flood { at_most: number, ..Flood::of(PATIENCE).connections(number) };
    flood(&[target(envoy, plan)], &load).expect("answers")
}

fn with_status(samples: &[Sample], status: u16) -> usize {
    samples.iter().filter(|sample| sample.status == status).count()
}

/// Begins this many calls, each over a connection of its own, and waits for no answer.
fn begin(envoy: &Envoy, plan: &str, number: usize) -> Vec<Client> {
    let begin = |_| {
        let mut client = Client::new(envoy.ingress());
        client.begin(&call(plan)).expect("it is sent");
        client
    };
    (0..number).map(begin).collect()
}

/// The statuses of what was begun.
fn finish(clients: Vec<Client>) -> Vec<u16> {
    clients.into_iter().map(|mut client| client.finish().expect("an answer").status).collect()
}

/// How many requests Envoy has, also those that wait.
fn active(envoy: &Envoy) -> u64 {
    let stats = envoy.stats().expect("statistics");
    stats.get("http.ingress.downstream_rq_active").and_then(|text| text.parse().ok()).expect("a gauge")
}

/// Waits until Envoy has so many requests.
pub(super) fn wait_for_active(envoy: &Envoy, number: u64) {
    assert_eq!(until(|| active(envoy), |active| *active == number), number, "requests");
}

#[test]
fn a_thousand_calls_at_once_on_an_empty_pool_share_a_few_calls_to_the_engine() {
    const NUMBER: usize = 1000;
    let place = Place::new();
    let engine = place.start();
    let plans = [("gold", json!({"quotas": [{"max_requests": 1_000_000, "period": "total"}]}))];
    let envoy = Envoy::start(&member(&document(&fleet("usage-plan", json!({})), &plans), engine.listen));
    let samples = at_once(&envoy, "gold", NUMBER);
    assert_eq!(with_status(&samples, 200), NUMBER);
    let calls = engine.metric("answers_total{kind=\"quota\",answer=\"granted\"}")
        + engine.metric("answers_total{kind=\"quota\",answer=\"over_limit\"}");
    // As many as arrive while a call is under way share the next one. On a machine that sends them over a
    // long time, they come in as many groups.
    let (first, last) = (samples.first().expect("one").sent, samples.last().expect("one").sent);
    let spread = Duration::from_nanos(last - first);
    println!("{NUMBER} calls within {spread:?}: {calls} calls to the engine");
    let groups = 20.0 + spread.as_secs_f64() * 100.0;
    assert!(calls <= groups, "{calls} calls to the engine, for calls within {spread:?}");
    assert!(place.spent(&engine, "gold") >= NUMBER as u64, "each has a token");
}

#[test]
fn eight_hundred_that_wait_on_one_worker_are_all_refused_when_the_plan_turns_out_spent() {
    const NUMBER: usize = 800;
    let mut engine = FakeEngine::start();
    let plans = [("gold", json!({"quotas": [{"max_requests": 1000, "period": "day"}]}))];
    let envoy = Envoy::start(&member(&document(&fleet("envoyproxy", json!({})), &plans), engine.address));
    engine.behave(Manner::Held);
    let waiting = begin(&envoy, "gold", NUMBER);
    wait_for_active(&envoy, NUMBER as u64);
    engine.spend_all();
    engine.behave(Manner::Counts);
    let statuses = finish(waiting);
    let refused = statuses.iter().filter(|&&status| status == 429).count();
    assert_eq!(refused, NUMBER, "{statuses:?}");
    assert_eq!(envoy.filter_failures(), 0, "no VM died");
    engine.close();
}

#[test]
fn who_hangs_up_while_it_waits_takes_nothing_from_the_others() {
    let engine = FakeEngine::start();
    let plans = [("gold", json!({"quotas": [{"max_requests": 100, "period": "day"}]}))];
    let envoy = Envoy::start(&member(&document(&fleet("envoyproxy", json!({})), &plans), engine.address));
    engine.behave(Manner::Held);
    let mut waiting = begin(&envoy, "gold", 200);
    wait_for_active(&envoy, 200);
    drop(waiting.split_off(100));
    wait_for_active(&envoy, 100);
    engine.behave(Manner::Counts);
    let statuses = finish(waiting);
    // A token that was granted to one that had gone is another's: the quota is just enough.
    assert_eq!(statuses, [200; 100]);
    wait_for_active(&envoy, 0);
    assert_eq!(engine.granted_of_quotas(), 100);
}

/// What a panic leaves behind is answered by Envoy's timeout, which is shipped.
#[test]
fn whoever_waits_on_a_worker_whose_filter_panics_is_answered() {
    const IDLE: Duration = Duration::from_secs(2);
    let engine = FakeEngine::start();
    let plans = [("gold", json!({"max_requests_per_second": 1000}))];
    let config = member(&document(&fleet("envoyproxy", json!({})), &plans), engine.address);
    let config = config.module(FilterKind::Wasm.crashing_module()).edit(|tree| {
        let manager =
            &mut tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
        assert_eq!(manager["stream_idle_timeout"], "15s", "as it is shipped");
        manager["stream_idle_timeout"] = json!(format!("{}s", IDLE.as_secs()));
    });
    let envoy = Envoy::start(&config);
    engine.behave(Manner::Held);
    let waiting = begin(&envoy, "gold", 50);
    wait_for_active(&envoy, 50);
    let crashed = Client::new(envoy.ingress()).send(&call("gold").header("x-crash", "1")).expect("an answer");
    assert_eq!(crashed.status, 503);
    let start = Instant::now();
    let statuses = finish(waiting);
    engine.behave(Manner::Counts);
    println!("{statuses:?} after {:?}", start.elapsed());
    assert_eq!(statuses.len(), 50);
    let again = until(
        || Client::new(envoy.ingress()).send(&call("gold")).expect("an answer").status,
        |status| *status == 200,
    );
    assert_eq!(again, 200, "the worker serves again");
}

#[test]
fn more_than_a_thousand_that_wait_get_what_the_plan_says_for_an_engine_that_is_down() {
    let engine = FakeEngine::start();
    let down = json!({"on_engine_down": {"rate": "deny"}});
    let plans = [("gold", json!({"max_requests_per_second": 100_000}))];
    let envoy = Envoy::start(&member(&document(&fleet("envoyproxy", down), &plans), engine.address));
    engine.behave(Manner::Held);
    let waiting = begin(&envoy, "gold", 1000);
    wait_for_active(&envoy, 1000);
    let refused = Client::new(envoy.ingress()).send(&call("gold")).expect("an answer");
    assert_eq!(refused.status, 503);
    assert!(refused.text().contains(UNAVAILABLE), "{}", refused.text());
    engine.behave(Manner::Counts);
    // The cap of an engine that tells no remainder: a worker asks for a part of what is left at a time.
    let statuses = finish(waiting);
    assert!(statuses.iter().all(|status| matches!(status, 200 | 429)), "{statuses:?}");
}

#[test]
fn a_rate_that_is_used_up_in_this_second_is_refused_without_a_call() {
    let place = Place::new();
    let engine = place.start();
    let plans = [("gold", json!({"max_requests_per_second": 1}))];
    let envoy = Envoy::start(&member(&document(&fleet("usage-plan", json!({})), &plans), engine.listen));
    let start = Instant::now();
    let mut refused = 0;
    while refused < 200 && start.elapsed() < PATIENCE {
        let response = Client::new(envoy.ingress()).send(&call("gold")).expect("an answer");
        if response.status == 429 {
            assert!(response.text().contains(RATE_EXCEEDED), "{}", response.text());
            refused += 1;
        }
    }
    assert_eq!(refused, 200);
    // A call for the first request of each second, and one more that finds the second full.
    let seconds = start.elapsed().as_secs_f64() + 2.0;
    let calls = engine.metric("answers_total{kind=\"rate\",answer=\"granted\"}")
        + engine.metric("answers_total{kind=\"rate\",answer=\"over_limit\"}");
    assert!(calls <= 2.0 * seconds, "{calls} calls in {seconds} s");
}
