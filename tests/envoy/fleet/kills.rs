//! A quota, through processes that are killed under load.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use testbed::{Flood, Member, Sample, flood, skip};

use super::engines::{Counters, FakeEngine, Redis};
use super::over::Over;
use super::{Place, QUOTA_EXCEEDED, document, fleet, member, send, target};
use crate::until;

const QUOTA: u64 = 2000;

/// How many requests a second callers send.
const OFFERED: f64 = 400.0;

/// How long the fleet is left alone after a process was killed.
const PAUSE: Duration = Duration::from_millis(300);

/// What is admitted at the least: a process that is killed takes with it what was granted to it and not used,
/// some tenths of a second of its load.
const LEAST: u64 = 1000;

fn plan() -> [(&'static str, Value); 1] {
    [("gold", json!({"quotas": [{"max_requests": QUOTA, "period": "day"}]}))]
}

fn start(document: &Value, engine: SocketAddr) -> Member {
    Member::start(member(document, engine).concurrency(2)).unwrap_or_else(|error| panic!("{error}"))
}

/// Calls both until the quota is used up, while `meanwhile` kills; every call.
fn spend(members: &mut [Member; 2], meanwhile: impl FnOnce(&mut [Member; 2])) -> Vec<Sample> {
    let targets = members.each_ref().map(|member| target(&member.envoy, "gold"));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let calling = scope.spawn(|| {
            let load = Flood::of(Duration::from_millis(250)).connections(8).rate(OFFERED);
            let mut calls: Vec<Sample> = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                // Nobody answers while both are down.
                calls.extend(flood(&targets, &load).unwrap_or_default());
            }
            calls
        });
        let over = Over(&is_over);
        meanwhile(members);
        let answers = members.each_ref().map(|member| {
            let refused = || until(|| send(&member.envoy, "gold"), |answer| answer.status == 429);
            // Many times what any machine needs to send as many calls as the quota admits.
            let mut answers = (0..5).map(|_| refused());
            answers.find(|answer| answer.status == 429).unwrap_or_else(refused)
        });
        drop(over);
        for answer in answers {
            assert!(answer.text().contains(QUOTA_EXCEEDED), "{}: {}", answer.status, answer.text());
        }
        calling.join().expect("no panic")
    })
}

/// Asserts what the quota promises of all calls, and that at least so many were admitted.
fn assert_holds(calls: &[Sample], least: u64, what: &str) {
    let admitted = calls.iter().filter(|call| call.status == 200).count() as u64;
    println!("{what}: {admitted} of {QUOTA} admitted, at least {least}, {} calls", calls.len());
    assert!(admitted <= QUOTA, "{what}: {admitted} of {QUOTA} are admitted");
    assert!(admitted >= least, "{what}: {admitted} of at least {least}");
}

fn through_kills(what: &str, kill: impl FnOnce(&mut [Member; 2], &mut dyn FnMut())) {
    let place = Place::new();
    let engine = place.start();
    let address = engine.listen;
    let denied = json!({"on_engine_down": {"rate": "deny", "quota": "deny"}, "timeout_ms": 500});
    let document = document(&fleet("usage-plan", denied), &plan());
    let mut members = [(); 2].map(|()| start(&document, address));
    let mut engine = Some(engine);
    let mut kill_engine = || {
        engine.take().expect("it runs").end(Signal::KILL).expect("it ends");
        engine = Some(place.start_at(address));
    };
    let calls = spend(&mut members, |members| kill(members, &mut kill_engine));
    assert_holds(&calls, LEAST, what);
    let spent = place.spent(engine.as_ref().expect("it runs"), "gold");
    assert!(spent <= QUOTA, "the engine has granted {spent} of {QUOTA}");
}

#[test]
fn a_quota_is_never_exceeded_though_envoys_and_the_engine_are_killed() {
    through_kills("Envoy, engine, Envoy, engine, both at once", |members, kill_engine| {
        std::thread::sleep(PAUSE);
        members[0].kill_and_start().expect("it starts");
        std::thread::sleep(PAUSE);
        kill_engine();
        std::thread::sleep(PAUSE);
        members[1].kill_and_start().expect("it starts");
        std::thread::sleep(PAUSE);
        kill_engine();
        members[0].kill_and_start().expect("it starts");
    });
}

#[test]
fn a_quota_in_redis_is_never_exceeded_though_redis_is_killed_under_load() {
    if !Redis::is_installed() {
        return skip("redis-server is missing");
    }
    let mut redis = Redis::start();
    let engine = FakeEngine::with(Counters::in_redis(redis.address));
    let denied = json!({"on_engine_down": {"rate": "deny", "quota": "deny"}, "timeout_ms": 1000});
    let document = document(&fleet("envoyproxy", denied), &plan());
    let mut members = [(); 2].map(|()| start(&document, engine.address));
    let calls = spend(&mut members, |_| {
        for _ in 0..3 {
            std::thread::sleep(PAUSE);
            redis.kill_and_start();
        }
    });
    let granted = engine.granted_of_quotas();
    assert!(granted <= QUOTA, "the engine has granted {granted} of {QUOTA}");
    // What Redis counted and did not confirm is lost: the slower its disk, the more.
    assert!(granted > 0, "nothing was granted");
    assert_holds(&calls, granted / 2, "Redis three times");
}
