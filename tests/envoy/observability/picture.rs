//! Records what the dashboard shows of the test's load, for the picture in the docs.

use std::fs;

use serde_json::{Value, json};
use testbed::{Version, repository};

use super::dashboard::{View, queries};
use super::prometheus::Prometheus;

/// How many points a curve has, at most.
const POINTS: u64 = 120;

/// The time between two scrapes, in milliseconds.
const INTERVAL: u64 = 500;

/// Writes the answers to all queries of the dashboard for that time, in milliseconds since 1970, to
/// `target/observability/samples.json`.
pub(super) fn record(prometheus: &Prometheus, (begin, end): (u64, u64)) {
    let range = end - begin;
    let step = (range / POINTS).max(INTERVAL);
    // As Grafana chooses it.
    let rate_interval = (step + INTERVAL).max(4 * INTERVAL);
    let view = View { instance: ".*", rate_interval, range };
    let answers = queries().into_iter().map(|query| {
        let expression = query.expression(view);
        // An answer for one moment is one for a range that ends when it begins.
        let time = if query.instant { (end, end) } else { (begin, end) };
        let series = prometheus.query_range(&expression, time, step);
        json!({"panel": query.panel, "letter": query.letter, "series": series})
    });
    let answers: Vec<Value> = answers.collect();
    let envoy = Version::of_envoy().expect("an Envoy").name();
    let samples = json!({"envoy": envoy, "begin": begin, "end": end, "answers": answers});
    let directory = repository().join("target/observability");
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join("samples.json"), samples.to_string()).expect("written");
}
