//! The command line and a running Envoy.

mod publish;
mod reload;
mod story;
mod usage;
mod watch;

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::console::Ran;
use testbed::{Client, Config, Envoy, Request, Response, Signer, UsagePlan, module};

const HOST: &str = "orders.example.com";

/// What an edit may take until it is in force everywhere.
const PROMISED: Duration = Duration::from_secs(2);

/// A directory with a document, and one within it to publish to.
struct Place {
    directory: TempDir,
    usage_plan: UsagePlan,
}

// === impl Place ===

impl Place {
    /// With `document`, published.
    fn new(document: &Value) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let usage_plan = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), directory.path());
        let place = Self { directory, usage_plan };
        fs::create_dir(place.directory.path().join("watched")).expect("made");
        place.write(document);
        place.published(&[]);
        place
    }

    /// What Envoy is started with to watch the directory.
    fn config(&self) -> Config {
        Config::hot_reload().watching(self.directory.path().join("watched"))
    }

    /// Replaces the document.
    fn write(&self, document: &Value) {
        fs::write(self.directory.path().join("usage-plans.json"), document.to_string()).expect("written");
    }

    /// The command that publishes to these Envoys.
    fn publish(&self, envoys: &[&Envoy]) -> Vec<String> {
        let module = module().to_str().expect("UTF-8").to_owned();
        let words = ["publish", "--to", "watched", "--module", &module].map(str::to_owned);
        words.into_iter().chain(admins(envoys)).collect()
    }

    fn run(&self, arguments: &[String]) -> Ran {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.usage_plan.run(&arguments).expect("run")
    }

    /// Publishes, which must be done, and tells what was printed.
    fn published(&self, envoys: &[&Envoy]) -> String {
        let ran = self.run(&self.publish(envoys));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
        ran.stdout
    }

    /// Publishes, which must end with `status`, and tells why.
    fn not_published(&self, status: i32, envoys: &[&Envoy]) -> String {
        let ran = self.run(&self.publish(envoys));
        assert_eq!((ran.status, ran.stdout.as_str()), (status, ""), "{ran:?}");
        ran.stderr
    }
}

/// `--admin` for each.
fn admins(envoys: &[&Envoy]) -> Vec<String> {
    envoys.iter().flat_map(|envoy| ["--admin".to_owned(), envoy.admin().to_string()]).collect()
}

/// The key `acme` on the plan `gold` of `limit` requests per second.
fn document(limit: u64) -> Value {
    json!({
        "services": [{"id": "service-orders", "domains": [HOST], "environments": ["release"]}],
        "keys": [{"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"}],
        "usage_plans": [{
            "id": "usagePlan-gold", "name": "gold", "max_requests_per_second": limit, "keys": ["AKIDacme0001"],
            "environments": [{"service": "service-orders", "environment": "release"}],
        }],
    })
}

/// A call of that key.
fn call() -> Request {
    Signer::new("AKIDacme0001", "acme-secret-key-0001").sign(Request::get(HOST, "/release/x"))
}

fn send(envoy: &Envoy, request: &Request) -> Response {
    Client::new(envoy.ingress()).send(request).expect("an answer")
}

/// The limit per second that a call is told.
fn limit(response: &Response) -> u64 {
    let told = response.header("x-usageplan-ratelimit").unwrap_or_default();
    let limit = told.rsplit('/').next().and_then(|limit| limit.parse().ok());
    limit.unwrap_or_else(|| panic!("{} {}", response.status, response.text()))
}
