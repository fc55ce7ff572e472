//! What a fleet does on this machine: two Envoys with two workers each, and an engine; then more of them in
//! network namespaces.
//!
//! `make bench-fleet` runs it, and prints a table. Callers, Envoys and the engine share the processors.
#![allow(clippy::disallowed_methods, reason = "it measures time")]

mod fleet;
mod kills;
mod load;
mod namespaces;
mod relay;

use std::time::Duration;

use testbed::{Flood, flood};

use self::fleet::Fleet;
use self::load::{Load, percentile, statuses};

/// What the rates are measured with: the plan, its rate, what is offered in a second, its split in percent.
const ROWS: [(&str, usize, usize, [usize; 2]); 7] = [
    ("rate-400", 400, 400, [50, 50]),
    ("rate-400", 400, 400, [90, 10]),
    ("rate-400", 400, 1200, [50, 50]),
    ("rate-400", 400, 1200, [90, 10]),
    ("rate-2000", 2000, 2000, [50, 50]),
    ("rate-20", 20, 20, [50, 50]),
    ("rate-20", 20, 60, [50, 50]),
];

/// How long each row is measured.
const TIME: Duration = Duration::from_secs(6);

fn main() {
    let binary = std::env::args().nth(1).expect("the path of usage-plan");
    rates(&binary);
    latency(&binary);
    burst(&binary);
    mute(&binary);
    kills::run(&binary);
    namespaces::run(&binary);
}

fn rates(binary: &str) {
    let mut fleet = Fleet::start(binary, "fleet");
    println!("A rate over two Envoys with two workers each; {TIME:?} a row\n");
    println!("| plan | offered | split | admitted | busiest second | calls per admitted | p50 ms | p99 ms |");
    println!("|---|---|---|---|---|---|---|---|");
    for (plan, limit, offered, split) in ROWS {
        let before = fleet.calls(plan);
        let load = Load::run(&mut fleet, plan, offered, split, TIME);
        let calls = fleet.calls(plan) - before;
        let possible = (limit * TIME.as_secs() as usize).min(load.sent) as f64;
        println!(
            "| {limit}/s | {offered}/s | {}/{} | {:.1} % | {} | {:.2} | {:.2} | {:.2} |",
            split[0],
            split[1],
            load.admitted as f64 / possible * 100.0,
            load.busiest,
            calls / load.admitted as f64,
            load.at(0.5),
            load.at(0.99)
        );
    }
}

/// The time of a request with a token in hand, beside one that is counted in Envoy's memory; and of one that
/// waits for the engine.
fn latency(binary: &str) {
    let [fleet, local] = ["fleet", "local"].map(|rates| Fleet::start(binary, rates));
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..5 {
        for (times, fleet) in times.iter_mut().zip([&fleet, &local]) {
            times.extend(fleet.one_by_one(0, "rate-100000", Duration::from_secs(1)));
        }
    }
    let [mut with_lease, mut in_memory] = times;
    let (lease, memory) = (percentile(&mut with_lease, 0.5), percentile(&mut in_memory, 0.5));
    println!(
        "\none connection, p50: {lease:.3} ms with tokens in hand, {memory:.3} ms in Envoy's memory: {:.2}",
        lease / memory
    );
    let mut waiting = fleet.each_waits(0, "quota-1-ahead", 400);
    let (p50, p99) = (percentile(&mut waiting, 0.5), percentile(&mut waiting, 0.99));
    println!("a request that waits for a call to the engine: p50 {p50:.2} ms, p99 {p99:.2} ms");
}

fn burst(binary: &str) {
    const NUMBER: usize = 1000;
    let fleet = Fleet::start(binary, "fleet");
    let before = fleet.calls("quota-burst");
    let load = Flood { at_most: NUMBER, ..Flood::of(Duration::from_secs(60)).connections(NUMBER) };
    let samples = flood(&[fleet.target(0, "quota-burst")], &load).expect("answers");
    let first = samples.first().map_or(0, |sample| sample.sent);
    let last = samples.iter().map(|sample| sample.received).max().unwrap_or_default();
    println!(
        "\n{NUMBER} at once on an empty pool: {} answered with 200 in {:.0} ms, {} calls to the engine",
        statuses(&samples, 200),
        (last - first) as f64 / 1e6,
        fleet.calls("quota-burst") - before
    );
}

fn mute(binary: &str) {
    let fleet = Fleet::mute(binary);
    // Until it is not asked any more.
    drop(fleet.one_by_one(0, "rate-400", Duration::from_secs(1)));
    let mut times = fleet.one_by_one(0, "rate-400", Duration::from_secs(3));
    println!(
        "\nthe engine does not answer: p50 {:.2} ms, p99 {:.2} ms, in the three seconds after the first",
        percentile(&mut times, 0.5),
        percentile(&mut times, 0.99)
    );
}
