//! Several Envoys with one engine: what `docs/fleet.md` promises, on real Envoys, whatever fails.
//!
//! The engine is `usage-plan engine`, or one of the tests that has the manners of envoyproxy/ratelimit, or is
//! of no use. How fast the machine is decides nothing: an engine that answers may take ten seconds here.

mod engines;
mod kills;
mod names;
mod outages;
mod over;
mod rates;
mod updates;
mod upgrade;
mod waits;

use std::net::SocketAddr;

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::ports::local;
use testbed::{Client, Config, Engine, Envoy, Request, Response, Signer, Target, UsagePlan};

const HOST: &str = "orders.example.com";
const CLUSTER: &str = "usage-plan-engine";

/// How long a call to an engine may take that is to be waited for.
const PATIENT_MS: u64 = 10_000;

/// The refusals, as callers see them.
const RATE_EXCEEDED: &str = "API rate limit exceeded";
const QUOTA_EXCEEDED: &str = "API quota exceeded";
const UNAVAILABLE: &str = "Usage plan counter unavailable";

/// `options.fleet` with more members.
fn fleet(engine: &str, more: Value) -> Value {
    let mut fleet = json!({
        "cluster": CLUSTER, "engine": engine, "expected_envoys": 2, "timeout_ms": PATIENT_MS,
    });
    let members = more.as_object().expect("members").clone();
    fleet.as_object_mut().expect("an object").extend(members);
    fleet
}

/// A document in which each of `plans`, a name and its limits, has a key of its own.
fn document(fleet: &Value, plans: &[(&str, Value)]) -> Value {
    let plan = |(name, limits): &(&str, Value)| {
        let mut plan = json!({
            "id": name, "keys": [id(name)], "environments": [{"service": "s", "environment": "release"}],
        });
        let members = limits.as_object().expect("limits").clone();
        plan.as_object_mut().expect("an object").extend(members);
        plan
    };
    let key = |(name, _): &(&str, Value)| json!({"secret_id": id(name), "secret_key": secret(name)});
    json!({
        "options": {"fleet": fleet},
        "services": [{"id": "s", "domains": [HOST], "default_environment": "release"}],
        "keys": plans.iter().map(key).collect::<Vec<_>>(),
        "usage_plans": plans.iter().map(plan).collect::<Vec<_>>(),
    })
}

fn id(plan: &str) -> String {
    format!("AKID-{plan}")
}

fn secret(plan: &str) -> String {
    format!("secret-key-{plan}")
}

/// A call on a plan, signed now.
fn call(plan: &str) -> Request {
    Signer::new(&id(plan), &secret(plan)).sign(Request::get(HOST, "/x"))
}

fn send(envoy: &Envoy, plan: &str) -> Response {
    Client::new(envoy.ingress()).send(&call(plan)).expect("an answer")
}

fn target(envoy: &Envoy, plan: &str) -> Target {
    Target::new(envoy.ingress(), &call(plan))
}

/// An Envoy of the fleet.
fn member(document: &Value, engine: SocketAddr) -> Config {
    Config::plain().fleet(CLUSTER, engine).document(document)
}

/// A `usage-plan engine`, and the directory with its store.
struct Place {
    console: UsagePlan,
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let console = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), directory.path());
        Self { console, directory }
    }

    fn start(&self) -> Engine {
        self.start_at(local(0))
    }

    fn start_at(&self, listen: SocketAddr) -> Engine {
        Engine::start(&self.console, listen).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Writes a file beside the store.
    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).expect("it is written");
    }

    /// What is spent of the quotas of a plan.
    fn spent(&self, engine: &Engine, plan: &str) -> u64 {
        let admin = engine.admin.to_string();
        let arguments = ["engine", "show", "--admin", &admin, "--plan", plan, "--output", "json"];
        let shown = self.console.run(&arguments).expect("it runs");
        let shown: Value = serde_json::from_str(&shown.stdout).expect("JSON");
        let counters = shown["counters"].as_array().into_iter().flatten();
        counters.filter_map(|counter| counter["spent"].as_u64()).sum()
    }
}
