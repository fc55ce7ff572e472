//! Callers of every kind, and what each of their calls was answered.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::{Client, Envoy, Request, Signer};

use crate::PATIENCE;

const HOST: &str = "orders.example.com";

/// Between two rounds of calls.
const ROUND: Duration = Duration::from_millis(20);

/// Which of the callers no limit refuses and no end keeps from calling.
const BUSY: usize = 0;

/// What a call is counted under: a plan, a key and an outcome. A plan or a key may be empty.
pub(super) type Counted = (&'static str, &'static str, &'static str);

/// A caller that calls one path, and is granted or refused with one status.
struct Caller {
    key: &'static str,
    plan: &'static str,
    /// Whether it calls more often than its plan allows.
    is_limited: bool,
    /// The status and the outcome when it is refused.
    refused: (u16, &'static str),
    /// Calls a second, at a part of the time from 0 to 1.
    rate: fn(f64) -> f64,
    /// How many calls it makes at most.
    at_most: u64,
    request: Request,
    client: Client,
    due: f64,
    sent: u64,
}

/// All callers, and what they were answered.
pub(super) struct Traffic {
    callers: Vec<Caller>,
    /// How many calls were counted under what, by their answers.
    pub(super) counted: BTreeMap<Counted, u64>,
    /// The longest time that a call took.
    pub(super) slowest: Duration,
}

/// The quota of `silver`, for load that lasts so many seconds. Its caller has used 95 % of it before the end.
fn quota(seconds: u64) -> u64 {
    seconds * 8
}

/// The document of the Envoy that is called, with a quota for that many seconds of load.
pub(super) fn document(seconds: u64, remark: &str) -> Value {
    let bound = |environment: &str| json!([{"service": "service-orders", "environment": environment}]);
    let key = |id: &str| json!({"secret_id": id, "secret_key": format!("secret-key-of-{id}")});
    let mut beta = key("AKIDbeta");
    beta["status"] = json!("disabled");
    let total = |number: u64| json!([{"max_requests": number, "period": "total"}]);
    json!({
        "services": [{"id": "service-orders", "domains": [HOST], "environments": ["release", "test"]}],
        "keys": [key("AKIDacme"), key("AKIDdora"), key("AKIDeve"), key("AKIDtrial"), beta],
        "usage_plans": [
            {"id": "gold", "max_requests_per_second": 100_000, "remark": remark,
             "keys": ["AKIDacme", "AKIDbeta"], "environments": bound("release")},
            {"id": "silver", "quotas": total(quota(seconds)), "warn_at": [80, 95],
             "keys": ["AKIDdora"], "environments": bound("release")},
            {"id": "bronze", "quotas": total(1), "keys": ["AKIDeve"], "environments": bound("release")},
            {"id": "free", "max_requests_per_second": 2, "keys": ["AKIDtrial"], "environments": bound("test")},
        ],
        "options": {"metrics_per_key": true},
    })
}

/// A call of that key.
pub(super) fn call(key: &str, path: &str) -> Request {
    Signer::new(key, &format!("secret-key-of-{key}")).sign(Request::get(HOST, path))
}

// === impl Traffic ===

impl Traffic {
    /// The callers of `envoy`, for that many seconds of load.
    pub(super) fn new(envoy: &Envoy, seconds: u64) -> Self {
        let caller = |key, plan, refused, rate, request| Caller {
            key,
            plan,
            is_limited: matches!(plan, "bronze" | "free"),
            refused,
            rate,
            at_most: u64::MAX,
            request,
            client: Client::new(envoy.ingress()),
            due: 0.0,
            sent: 0,
        };
        let forged = Signer::new("AKIDacme", "another-secret-key").sign(Request::get(HOST, "/release/x"));
        let mut dora =
            caller("AKIDdora", "silver", (429, "quota_exceeded"), |_| 12.0, call("AKIDdora", "/release/x"));
        // More than 95 % of the quota, and less than all of it.
        dora.at_most = quota(seconds) * 97 / 100;
        let callers = vec![
            caller("AKIDacme", "gold", (429, "rate_limited"), busy, call("AKIDacme", "/release/x")),
            caller("AKIDacme", "", (401, "signature_mismatch"), |_| 1.0, forged),
            dora,
            caller("AKIDeve", "bronze", (429, "quota_exceeded"), |_| 2.0, call("AKIDeve", "/release/x")),
            caller("AKIDtrial", "free", (429, "rate_limited"), flooding, call("AKIDtrial", "/test/x")),
            caller("AKIDbeta", "", (401, "key_disabled"), |_| 3.0, call("AKIDbeta", "/release/x")),
            caller("", "", (401, "credential_missing"), |_| 1.0, Request::get(HOST, "/release/x")),
            caller("", "", (404, "service_not_found"), |_| 0.5, Request::get("other.example.com", "/")),
        ];
        Self { callers, counted: BTreeMap::new(), slowest: Duration::ZERO }
    }

    /// How many calls were made.
    pub(super) fn calls(&self) -> u64 {
        self.counted.values().sum()
    }

    /// Every caller calls once, and those that a limit refuses until it does: each counter that the load
    /// increases is there before.
    pub(super) fn begin(&mut self) {
        for index in 0..self.callers.len() {
            while self.send(index) == 200 && self.callers[index].is_limited {}
        }
    }

    /// Everybody calls for `duration`. Each of `events` is caused when its part of the time is over.
    pub(super) fn run<E>(&mut self, duration: Duration, events: &[(f64, E)], mut cause: impl FnMut(&E)) {
        let mut events = events.iter().peekable();
        let start = Instant::now();
        let mut before = start;
        while start.elapsed() < duration {
            let now = Instant::now();
            let part = (now - start).as_secs_f64() / duration.as_secs_f64();
            if let Some((_, event)) = events.next_if(|(due, _)| *due <= part) {
                cause(event);
            }
            for index in 0..self.callers.len() {
                let caller = &mut self.callers[index];
                caller.due += (caller.rate)(part) * (now - before).as_secs_f64();
                while self.callers[index].due >= 1.0 && self.callers[index].sent < self.callers[index].at_most
                {
                    self.callers[index].due -= 1.0;
                    self.send(index);
                }
            }
            before = now;
            std::thread::sleep(ROUND.saturating_sub(now.elapsed()));
        }
        // A machine that was too slow makes up for it. A VM that died is replaced for the next call.
        for (_, event) in events {
            cause(event);
            self.send(BUSY);
        }
        let over = || start.elapsed() > duration + PATIENCE;
        for index in 0..self.callers.len() {
            while self.is_behind(index) && !over() {
                self.send(index);
            }
        }
    }

    /// Whether a caller has calls left, or was refused less often than one that floods: three calls in five.
    fn is_behind(&self, index: usize) -> bool {
        let caller = &self.callers[index];
        let answered = |outcome| self.counted.get(&(caller.plan, caller.key, outcome)).copied().unwrap_or(0);
        let has_calls_left = caller.at_most < u64::MAX && caller.sent < caller.at_most;
        has_calls_left || (caller.is_limited && 2 * answered(caller.refused.1) < 3 * answered("allowed"))
    }

    /// Sends a call and counts its answer.
    fn send(&mut self, index: usize) -> u16 {
        let caller = &mut self.callers[index];
        let start = Instant::now();
        let status = caller.client.send(&caller.request).expect("an answer").status;
        self.slowest = self.slowest.max(start.elapsed());
        caller.sent += 1;
        let outcome = match status {
            200 => "allowed",
            status if status == caller.refused.0 => caller.refused.1,
            status => panic!("{} on {:?}: {status}", caller.key, caller.plan),
        };
        *self.counted.entry((caller.plan, caller.key, outcome)).or_default() += 1;
        status
    }
}

/// A paying caller: more in the middle of the time.
fn busy(part: f64) -> f64 {
    100.0 - 50.0 * (part * std::f64::consts::TAU).cos()
}

/// A caller that begins to flood, and ends.
fn flooding(part: f64) -> f64 {
    if (0.3..0.65).contains(&part) { 40.0 } else { 3.0 }
}
