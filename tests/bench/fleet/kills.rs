//! A quota of 4,000 through six `kill -9`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use testbed::{Client, Engine, Flood, Sample, flood};

use crate::fleet::{Fleet, call};
use crate::load::statuses;

const QUOTA: usize = 4000;
const PLAN: &str = "quota-kills";

/// What is killed, in turn.
const RUNS: [(&str, &[&str]); 4] = [
    ("nothing", &[]),
    ("an Envoy, three times each", &["envoy 0", "envoy 1", "envoy 0", "envoy 1", "envoy 0", "envoy 1"]),
    ("the engine, six times", &["engine"; 6]),
    ("both in turn", &["envoy 0", "engine", "envoy 1", "engine", "envoy 0", "engine"]),
];

pub(crate) fn run(binary: &str) {
    println!("\nA quota of {QUOTA}, 400 requests a second over both, six kills 1.2 s apart\n");
    println!("| killed | admitted | refused 503 meanwhile | not connected |\n|---|---|---|---|");
    for (name, kills) in RUNS {
        let mut fleet = Fleet::start(binary, "fleet");
        let (calls, more) = spend(&mut fleet, kills);
        let admitted = statuses(&calls, 200) + more;
        println!("| {name} | {admitted} | {} | {} |", statuses(&calls, 503), statuses(&calls, 0));
    }
}

/// Every call until the quota is used up, and how many others passed that asked whether it is.
fn spend(fleet: &mut Fleet, kills: &[&str]) -> (Vec<Sample>, usize) {
    let targets = [0, 1].map(|number| fleet.target(number, PLAN));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let calling = scope.spawn(|| {
            let mut calls: Vec<Sample> = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let load = Flood::of(Duration::from_millis(250)).connections(8).rate(400.0);
                calls.extend(flood(&targets, &load).unwrap_or_default());
            }
            calls
        });
        for killed in kills {
            std::thread::sleep(Duration::from_millis(1200));
            match *killed {
                "envoy 0" => fleet.members[0].kill_and_start().expect("it starts"),
                "envoy 1" => fleet.members[1].kill_and_start().expect("it starts"),
                _ => {
                    drop(fleet.engine.take());
                    fleet.engine = Some(Engine::start(&fleet.console, fleet.engine_at).expect("it starts"));
                }
            }
        }
        let start = Instant::now();
        let mut passed = 0;
        let mut is_spent = |number: usize| {
            let answer = Client::new(fleet.members[number].envoy.ingress()).send(&call(PLAN));
            let status = answer.map_or(0, |answer| answer.status);
            passed += usize::from(status == 200);
            status == 429
        };
        while !(is_spent(0) && is_spent(1)) && start.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(100));
        }
        is_over.store(true, Ordering::Relaxed);
        (calling.join().expect("no panic"), passed)
    })
}
