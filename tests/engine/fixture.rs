//! An engine as a process, in a directory of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use testbed::{UsagePlan, process};
use tokio::runtime::{Builder, Runtime};

use crate::client::Caller;

/// How long an engine may take to end.
const GRACE: Duration = Duration::from_secs(60);

/// The directory of a store.
pub(crate) struct Place {
    directory: TempDir,
    pub(crate) console: UsagePlan,
}

/// A running engine. Dropping it kills it.
pub(crate) struct Engine {
    child: Child,
    pub(crate) listen: SocketAddr,
    pub(crate) admin: SocketAddr,
}

impl Place {
    pub(crate) fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let console = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), directory.path());
        Self { directory, console }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Starts an engine on ports that nobody has, and waits until it serves.
    pub(crate) fn start(&self) -> Engine {
        self.start_at("127.0.0.1:0")
    }

    pub(crate) fn start_at(&self, listen: &str) -> Engine {
        let arguments = ["engine", "--store", "engine.redb", "--listen", listen, "--admin", "127.0.0.1:0"];
        let mut command = self.console.command(&[&arguments[..], &["--output", "json"]].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the engine");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("a line");
        let event: Value = serde_json::from_str(&line).expect("an event");
        assert_eq!(event["event"], "serving", "{event}");
        let address =
            |name: &str| event[name].as_str().and_then(|text| text.parse().ok()).expect("an address");
        Engine { child, listen: address("listen"), admin: address("admin") }
    }

    /// What a command prints, which has to succeed.
    #[track_caller]
    pub(crate) fn run(&self, command: &str) -> String {
        let words = shlex::split(command).expect("words");
        let ran = self.console.run(&words).expect("it runs");
        assert_eq!(ran.status, 0, "{command}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// What a command complains of, which has to fail like this.
    #[track_caller]
    pub(crate) fn fails(&self, status: i32, command: &str) -> String {
        let words = shlex::split(command).expect("words");
        let ran = self.console.run(&words).expect("it runs");
        assert_eq!(ran.status, status, "{command}: {}{}", ran.stdout, ran.stderr);
        ran.stderr
    }

    /// What is spent of a plan in the store, which no engine has open.
    pub(crate) fn spent(&self, plan: &str) -> u64 {
        let json = self.run(&format!("engine show --store engine.redb --plan {plan} --output json"));
        let json: Value = serde_json::from_str(&json).expect("JSON");
        json["counters"][0]["spent"].as_u64().unwrap_or_default()
    }
}

impl Engine {
    /// Ends it with a signal.
    pub(crate) fn end(mut self, signal: Signal) -> ExitStatus {
        process::end(&mut self.child, signal, GRACE).expect("it ends")
    }

    /// Sends it a signal, and does not wait.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(pid.expect("a process"), signal).expect("it runs");
    }

    /// Waits until it has ended.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    pub(crate) async fn connect(&self) -> Caller {
        Caller::connect(self.listen).await.expect("the engine listens")
    }

    /// The value of a metric without labels.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics");
        let value = text.lines().find_map(|line| line.strip_prefix(&format!("usage_plan_engine_{name} ")));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name} is not in\n{text}"))
    }

    /// What the admin port answers.
    pub(crate) fn get(&self, path: &str) -> String {
        let request = testbed::Request::get("engine", path);
        testbed::Client::new(self.admin).send(&request).expect("an answer").text()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}
