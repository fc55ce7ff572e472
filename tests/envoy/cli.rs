//! The command line and a running Envoy.

mod callback;
mod init;
mod publish;
mod put_back;
mod readme;
mod reload;
mod reset;
mod resolve;
mod status;
mod story;
mod usage;
mod watch;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::console::{Ran, Running, words};
use testbed::{Client, Config, Envoy, FilterKind, Request, Response, Signer, UsagePlan};

use crate::{PATIENCE, until};

const HOST: &str = "orders.example.com";

/// Within what time an edit is in force on all workers, by `docs/command-line.md`, where the command line
/// starts and ends within [`START`].
const PROMISED: Duration = Duration::from_secs(2);

/// How long the command line takes to start, check a small document and end, on a machine that keeps the
/// promise. A machine that needs longer may need longer for an edit, too.
const START: Duration = Duration::from_millis(20);

/// The command line in a directory with a document, and in it the directory `watched`, which Envoys read.
struct Cli {
    directory: TempDir,
    usage_plan: UsagePlan,
}

// === impl Cli ===

impl Cli {
    /// With `document`, which is published.
    fn with(document: &Value) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let usage_plan = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), directory.path());
        let cli = Self { directory, usage_plan };
        fs::create_dir(cli.path("watched")).expect("made");
        cli.write(document);
        cli.published(&[]);
        cli
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// An Envoy that reads the directory `watched`.
    fn config(&self) -> Config {
        Config::hot_reload().watching(self.path("watched"))
    }

    /// Writes the document in place. It gets the permissions that the command line gives a new one.
    fn write(&self, document: &Value) {
        let path = self.path("usage-plans.json");
        fs::write(&path, document.to_string()).expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("set");
    }

    fn run(&self, command: &str) -> Ran {
        self.usage_plan.run(&words(command)).expect("run")
    }

    /// Runs a command that succeeds without a complaint, and returns what it prints.
    fn done(&self, command: &str) -> String {
        let ran = self.run(command);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{command}: {ran:?}");
        ran.stdout
    }

    fn start(&self, command: &str) -> Running {
        self.usage_plan.start(&words(command)).expect("started")
    }

    /// Publishes, which succeeds, and returns what was printed.
    fn published(&self, envoys: &[&Envoy]) -> String {
        self.done(&publish(envoys))
    }

    /// Publishes, which ends with `status`, and returns the error.
    fn not_published(&self, status: i32, envoys: &[&Envoy]) -> String {
        let ran = self.run(&publish(envoys));
        assert_eq!((ran.status, ran.stdout.as_str()), (status, ""), "{ran:?}");
        ran.stderr
    }
}

/// The command that publishes to these Envoys, and waits for longer than any machine needs.
fn publish(envoys: &[&Envoy]) -> String {
    publish_within(&format!("{}s", PATIENCE.as_secs()), envoys)
}

/// The command that publishes to these Envoys, and waits for so long.
fn publish_within(timeout: &str, envoys: &[&Envoy]) -> String {
    let kind = FilterKind::of_tests();
    let (flags, module) = (kind.flags().expect("an Envoy"), kind.module());
    let (module, admins) = (module.display(), admins(envoys));
    format!("publish --to watched {flags} --module '{module}' --timeout {timeout}{admins}")
}

/// `--admin` for each of these Envoys.
fn admins(envoys: &[&Envoy]) -> String {
    envoys.iter().map(|envoy| format!(" --admin {}", envoy.admin())).collect()
}

/// The key `acme` on the plan `gold` of `limit` requests per second.
fn document(limit: u64) -> Value {
    json!({
        "services": [{"id": "service-orders", "domains": [HOST], "environments": ["release"]}],
        "keys": [{"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"}],
        "usage_plans": [{
            "id": "usagePlan-gold", "name": "gold", "max_requests_per_second": limit,
            "keys": ["AKIDacme0001"],
            "environments": [{"service": "service-orders", "environment": "release"}],
        }],
    })
}

/// `document` with the key's secret in a variable of Envoy's environment.
fn with_variable(limit: u64, variable: &str) -> Value {
    let mut document = document(limit);
    document["keys"][0] = json!({"name": "acme", "secret_id": "AKIDacme0001", "secret_key_env": variable});
    document
}

/// A call of that key.
fn call() -> Request {
    Signer::new("AKIDacme0001", "acme-secret-key-0001").sign(Request::get(HOST, "/release/x"))
}

fn send(envoy: &Envoy, request: &Request) -> Response {
    Client::new(envoy.ingress()).send(request).expect("an answer")
}

/// The limit per second that an answer shows.
fn limit(response: &Response) -> u64 {
    let shown = response.header("x-usageplan-ratelimit").unwrap_or_default();
    let limit = shown.rsplit('/').next().and_then(|limit| limit.parse().ok());
    limit.unwrap_or_else(|| panic!("{} {}", response.status, response.text()))
}

/// Asserts that answers show the limit `expected`, as soon as the worker has taken it up, and go on to show
/// it.
fn assert_in_force(envoy: &Envoy, expected: u64) {
    let shown = || limit(&send(envoy, &call()));
    assert_eq!(until(shown, |limit| *limit == expected), expected);
    assert_still_in_force(envoy, expected);
}

/// Asserts that answers show no other limit than `expected`.
fn assert_still_in_force(envoy: &Envoy, expected: u64) {
    for _ in 0..20 {
        assert_eq!(limit(&send(envoy, &call())), expected);
    }
}

/// Asserts that edits were in force within the promised time, each of which took one of `times`.
///
/// Any of them may have been delayed by what else the machine did, so the promise is asserted of the fastest
/// one, and of a machine that is as fast as the command line shows it to be now.
fn assert_promised(cli: &Cli, times: &[Duration]) {
    let start = || {
        let start = Instant::now();
        cli.done("check");
        start.elapsed()
    };
    let started = [(); 5].map(|()| start()).into_iter().min().expect("it has run");
    let slowness = started.as_secs_f64() / START.as_secs_f64();
    println!("in force after {times:?}; the command line starts and ends within {started:?}");
    let fastest = times.iter().min().expect("there were edits");
    assert!(*fastest < PROMISED.mul_f64(slowness.max(1.0)), "{times:?}, {started:?}");
}
