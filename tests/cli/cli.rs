//! Runs the binary, each time as a process of its own, in a directory of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
pub(crate) use testbed::console::Ran;
use testbed::console::{self, UsagePlan};

/// The document of the README.
pub(crate) const EXAMPLE: &str = r#"{
  "services": [
    { "id": "service-orders", "name": "orders", "domains": ["orders.example.com"],
      "environments": ["release", "prepub", "test"], "default_environment": "release" }
  ],
  "keys": [
    { "name": "acme", "secret_id": "AKIDacme0001", "secret_key_env": "ACME_SECRET_KEY" },
    { "name": "beta", "secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-0001", "status": "disabled" }
  ],
  "usage_plans": [
    { "id": "usagePlan-gold", "name": "gold", "max_requests_per_second": 1000, "remark": "paying callers",
      "keys": ["AKIDacme0001", "AKIDbeta0001"],
      "environments": [ { "service": "service-orders", "environment": "release" } ] }
  ]
}"#;

/// A directory with at most a document in it, to run commands in.
pub(crate) struct Cli {
    directory: TempDir,
}

// === impl Cli ===

impl Cli {
    /// No document.
    pub(crate) fn empty() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    /// With that document.
    pub(crate) fn with(document: &str) -> Self {
        let cli = Self::empty();
        fs::write(cli.path("usage-plans.json"), document).expect("written");
        cli
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The document's text.
    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.path("usage-plans.json")).expect("a document")
    }

    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.text()).expect("JSON")
    }

    /// The command, to be changed before it is run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.usage_plan().command(arguments)
    }

    /// What runs commands in the directory.
    pub(crate) fn usage_plan(&self) -> UsagePlan {
        UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), self.directory.path())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "")
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        run(self.command(arguments), input)
    }

    /// What the command prints, which must be done without an error or a warning.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{arguments:?}: {ran:?}");
        ran.stdout
    }

    /// As [`done`](Self::done), with `--output json`.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let text = self.done(&[arguments, &["--output", "json"]].concat());
        serde_json::from_str(&text).expect("JSON")
    }

    /// The error of a command that is refused by a rule, and leaves the document as it was.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        self.fails(1, arguments)
    }

    /// The error of a command that exits with `status`, and leaves the document as it was.
    pub(crate) fn fails(&self, status: i32, arguments: &[&str]) -> String {
        let before = fs::read(self.path("usage-plans.json")).ok();
        let ran = self.run(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (status, ""), "{arguments:?}: {ran:?}");
        assert_eq!(fs::read(self.path("usage-plans.json")).ok(), before, "{arguments:?}");
        ran.stderr
    }
}

/// Runs `command` to its end, with `input` on its standard input.
pub(crate) fn run(command: Command, input: impl AsRef<[u8]>) -> Ran {
    console::run(command, input.as_ref()).expect("a command that ends by itself")
}
