//! Two Envoys and what they ask.

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::ports::local;
use testbed::{Client, Config, Engine, Entry, Member, Request, Signer, Target, UsagePlan};

const HOST: &str = "orders.example.com";
const CLUSTER: &str = "usage-plan-engine";

/// Two Envoys with two workers each, and what they ask.
pub(crate) struct Fleet {
    pub(crate) members: [Member; 2],
    pub(crate) engine: Option<Engine>,
    pub(crate) engine_at: SocketAddr,
    pub(crate) console: UsagePlan,
    /// What accepts calls and never answers, if it is that.
    _mute: Option<TcpListener>,
    _directory: TempDir,
}

/// The plans, each with a key of its own.
pub(crate) fn document(rates: &str, timeout_ms: u64, envoys: usize) -> Value {
    let rate = |n: usize| (format!("rate-{n}"), json!({"max_requests_per_second": n}));
    let quota = |name: &str, n: u64, policy: &str| {
        let quotas = json!([{"max_requests": n, "period": "total"}]);
        (format!("quota-{name}"), json!({"quotas": quotas, "on_engine_down": {"quota": policy}}))
    };
    let mut plans: Vec<(String, Value)> = [20, 400, 1000, 2000, 100_000].into_iter().map(rate).collect();
    plans.push(quota("burst", 1_000_000, "grace"));
    plans.push(quota("kills", 4000, "deny"));
    // More than a tenth of a second apart, nothing is taken ahead.
    plans.push(quota("1-ahead", 1_000_000, "deny"));
    let plan = |(id, limits): &(String, Value)| {
        let mut plan = json!({"id": id, "keys": [format!("AKID-{id}")],
            "environments": [{"service": "s", "environment": "release"}]});
        let members = limits.as_object().expect("limits").clone();
        plan.as_object_mut().expect("a plan").extend(members);
        plan
    };
    json!({
        "options": {"fleet": {
            "cluster": CLUSTER, "expected_envoys": envoys, "rates": rates, "timeout_ms": timeout_ms,
        }},
        "services": [{"id": "s", "domains": ["*"], "default_environment": "release"}],
        "keys": plans.iter().map(|(id, _)| key(id)).collect::<Vec<_>>(),
        "usage_plans": plans.iter().map(plan).collect::<Vec<_>>(),
    })
}

/// The key of a plan.
fn key(plan: &str) -> Value {
    json!({"secret_id": format!("AKID-{plan}"), "secret_key": format!("secret-key-{plan}")})
}

/// A call on a plan, signed now.
pub(crate) fn call(plan: &str) -> Request {
    Signer::new(&format!("AKID-{plan}"), &format!("secret-key-{plan}")).sign(Request::get(HOST, "/x"))
}

// === impl Fleet ===

impl Fleet {
    pub(crate) fn start(binary: &str, rates: &str) -> Self {
        let (directory, console) = place(binary);
        let engine = Engine::start(&console, local(0)).unwrap_or_else(|error| panic!("{error}"));
        let engine_at = engine.listen;
        Self {
            members: members(rates, engine_at),
            engine: Some(engine),
            engine_at,
            console,
            _mute: None,
            _directory: directory,
        }
    }

    /// Two Envoys whose engine does not answer.
    pub(crate) fn mute(binary: &str) -> Self {
        let (directory, console) = place(binary);
        let mute = TcpListener::bind(local(0)).expect("a port");
        let engine_at = mute.local_addr().expect("an address");
        let members = members("fleet", engine_at);
        Self { members, engine: None, engine_at, console, _mute: Some(mute), _directory: directory }
    }

    pub(crate) fn target(&self, number: usize, plan: &str) -> Target {
        Target::new(self.members[number].envoy.ingress(), &call(plan))
    }

    /// How many calls to the engine both have made for a plan.
    pub(crate) fn calls(&self, plan: &str) -> f64 {
        let of = |member: &Member| member.envoy.metric("usage_plan_engine_calls", &[("plan", plan)]);
        // The root contexts count at their next tick.
        std::thread::sleep(Duration::from_millis(200));
        self.members.iter().map(of).sum()
    }

    /// The next of both logs, so many of each.
    pub(crate) fn log(&mut self, numbers: &[usize]) -> Vec<Entry> {
        let logs = self.members.iter_mut().zip(numbers);
        logs.flat_map(|(member, number)| member.log(*number).expect("a log")).collect()
    }

    /// The times of requests on one connection, one after the other, in milliseconds.
    pub(crate) fn one_by_one(&self, number: usize, plan: &str, time: Duration) -> Vec<f64> {
        let mut client = Client::new(self.members[number].envoy.ingress());
        let request = call(plan);
        let start = Instant::now();
        let mut times = Vec::new();
        while start.elapsed() < time {
            let sent = Instant::now();
            client.send(&request).expect("an answer");
            times.push(sent.elapsed().as_secs_f64() * 1000.0);
        }
        times
    }

    /// The times of requests that each find no token, because they come so seldom.
    pub(crate) fn each_waits(&self, number: usize, plan: &str, requests: usize) -> Vec<f64> {
        let mut client = Client::new(self.members[number].envoy.ingress());
        let request = call(plan);
        (0..requests)
            .map(|_| {
                std::thread::sleep(Duration::from_millis(20));
                let sent = Instant::now();
                client.send(&request).expect("an answer");
                sent.elapsed().as_secs_f64() * 1000.0
            })
            .collect()
    }
}

fn place(binary: &str) -> (TempDir, UsagePlan) {
    let directory = tempfile::tempdir_in("target").expect("a directory");
    let console = UsagePlan::new(std::path::absolute(binary).expect("a path"), directory.path());
    (directory, console)
}

fn members(rates: &str, engine: SocketAddr) -> [Member; 2] {
    let config = Config::plain().fleet(CLUSTER, engine).document(document(rates, 100, 2));
    let config = config.concurrency(2).access_log();
    [config.clone(), config].map(|config| Member::start(config).unwrap_or_else(|error| panic!("{error}")))
}
