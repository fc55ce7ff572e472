//! The promises of `docs/rules.md#counting`, kept by a real Envoy under load.
//!
//! A plan of N requests per second admits never more than N in any second, and what it refuses it has to
//! refuse: whatever the number of workers and listeners, through reloads and a VM that dies.
//!
//! How much load a machine can send is no promise. A test asserts what follows from the calls that were sent,
//! by the times at which Envoy logged them, and so holds on a machine of any speed: see [`assert_promise`].

mod overload;
mod pace;
mod reload;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use testbed::busiest::{Bracket, SECOND, certainly_admissible, certainly_in_first_second};
use testbed::{Entry, Envoy, Request, Sample, Signer, Target, access_log, certainly_busiest};

/// There is a plan for each of these numbers of requests per second.
const LIMITS: [usize; 8] = [1, 10, 100, 500, 1000, 2000, 5000, 20_000];

/// In how many runs a counter keeps the calls of a second.
const RUNS: usize = 256;

/// From this number of requests per second on, workers reserve, and one in so many calls may be lost.
const RESERVED_FROM: usize = 900;
const LOST_ONE_IN: usize = 100;

/// The plan without a limit.
const UNLIMITED: &str = "plan-unlimited";

/// A second plan of 100 requests per second.
const SECOND_OF_100: &str = "plan-100-second";

/// How many calls in a second a plan of `limit` admits for certain before it refuses one.
fn certain(limit: usize) -> usize {
    if limit < RESERVED_FROM { limit - (limit.div_ceil(RUNS) - 1) } else { limit - limit / LOST_ONE_IN }
}

/// How many calls of `limit` in its first second a plan that is unused admits at least.
fn certain_at_once(limit: usize) -> usize {
    if limit < RESERVED_FROM { limit } else { certain(limit) }
}

/// The plan of `limit` requests per second.
fn plan(limit: usize) -> String {
    format!("plan-{limit}")
}

/// One test at a time: its load takes the whole machine.
fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::new(());
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A document with all plans, each with its own key.
fn document(remark: &str) -> Value {
    let limited = LIMITS.map(|limit| (plan(limit), json!(limit)));
    let others = [(UNLIMITED, -1), (SECOND_OF_100, 100)].map(|(plan, limit)| (plan.to_owned(), json!(limit)));
    let plans: Vec<_> = limited.into_iter().chain(others).collect();
    let key = |(plan, _): &(String, Value)| json!({"secret_id": id(plan), "secret_key": secret(plan)});
    let usage_plan = |(plan, limit): &(String, Value)| {
        json!({
            "id": plan, "max_requests_per_second": limit, "remark": remark, "keys": [id(plan)],
            "environments": [{"service": "s", "environment": "release"}],
        })
    };
    json!({
        "services": [{"id": "s", "domains": ["*"], "default_environment": "release"}],
        "keys": plans.iter().map(key).collect::<Vec<_>>(),
        "usage_plans": plans.iter().map(usage_plan).collect::<Vec<_>>(),
    })
}

/// The id of a plan's key.
fn id(plan: &str) -> String {
    format!("AKID-{plan}")
}

/// The secret of a plan's key.
fn secret(plan: &str) -> String {
    format!("secret-key-{plan}")
}

/// A call on `plan`, signed now.
fn call(plan: &str) -> Request {
    Signer::new(&id(plan), &secret(plan)).sign(Request::get("orders.example.com", "/"))
}

/// Calls on `plan` to every listener.
fn targets(envoy: &Envoy, plan: &str) -> Vec<Target> {
    envoy.listeners().iter().map(|address| Target::new(*address, &call(plan))).collect()
}

/// The log's entries that the filter counted on `plan`.
fn of_plan(log: &[Entry], plan: &str) -> Vec<Entry> {
    log.iter().filter(|entry| entry.plan == plan).cloned().collect()
}

fn statuses(samples: &[Sample], status: u16) -> usize {
    samples.iter().filter(|sample| sample.status == status).count()
}

/// Asserts what a plan of `limit` promises of all calls on it since Envoy started.
///
/// Each call was decided within a bracket of time, wide where a busy machine took the processor away. What is
/// asserted is true wherever in its bracket each call was decided:
///
/// - No second has more than `limit` admissions.
/// - If `limit` calls came for certain within a second of the first one, that second has `limit` admissions:
///   a plan that is unused admits every call until it has admitted `limit`. When fewer came, equality cannot
///   be demanded. From N = 900 on, workers may hold one in a hundred unused.
/// - What an exact limit would have admitted is admitted. A counter keeps 256 runs of calls, and a run counts
///   until its last call is a second old. So up to N = 256 the limit is exact; a larger limit may count all
///   calls of a run but the last for longer than a second, and from N = 900 on one in a hundred may be lost.
/// - What is not admitted is answered with 429, and what is admitted with 200.
fn assert_promise(log: &[Entry], limit: usize, situation: &str) {
    assert_admissions(log, limit, situation);
    assert!(log.iter().all(|entry| matches!(entry.status, 200 | 429)), "N = {limit}, {situation}");
}

/// Asserts what [`assert_promise`] does, but nothing of the answer to a call that was admitted.
fn assert_admissions(log: &[Entry], limit: usize, situation: &str) {
    let calls: Vec<Bracket> = log.iter().map(|entry| entry.decided).collect();
    let admitted = access_log::admissions(log);
    let busiest = certainly_busiest(&admitted);
    let admissible = certainly_admissible(&calls, certain(limit));
    let is_exact = certainly_in_first_second(&calls) >= limit;
    println!(
        "N = {limit}, {situation}: {} sent, {} admitted, at least {admissible} admissible, \
         busiest second {busiest}{}",
        calls.len(),
        admitted.len(),
        if is_exact { ", which must be full" } else { "" },
    );
    assert!(busiest <= limit, "N = {limit}, {situation}: {busiest} were admitted in a second");
    assert!(admitted.len() <= limit * seconds(&admitted), "N = {limit}, {situation}: {}", admitted.len());
    if is_exact {
        assert!(busiest >= certain_at_once(limit), "N = {limit}, {situation}: {busiest}");
    }
    let enough = admitted.len() >= admissible;
    assert!(enough, "N = {limit}, {situation}: {} of {admissible} were admitted", admitted.len());
    let is_limited = |entry: &Entry| entry.admitted() || entry.status == 429;
    assert!(log.iter().all(is_limited), "N = {limit}, {situation}");
}

/// Into how many seconds all of `brackets` fit.
fn seconds(brackets: &[Bracket]) -> usize {
    let first = brackets.iter().map(|bracket| bracket.earliest).min().unwrap_or_default();
    let last = brackets.iter().map(|bracket| bracket.latest).max().unwrap_or_default();
    usize::try_from((last - first) / SECOND).expect("a short test") + 1
}
