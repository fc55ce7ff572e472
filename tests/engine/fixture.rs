//! A directory in which engines run.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use testbed::ports::local;
use testbed::{Engine, UsagePlan};
use tokio::runtime::{Builder, Runtime};

/// The directory of a store.
pub(crate) struct Place {
    directory: TempDir,
    pub(crate) console: UsagePlan,
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
        self.start_at(local(0))
    }

    pub(crate) fn start_at(&self, listen: SocketAddr) -> Engine {
        Engine::start(&self.console, listen).expect("the engine")
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

pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}
