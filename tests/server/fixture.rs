//! A server as a process, in a directory of its own.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::console::{Ran, Running};
use testbed::{Client, Operator, Request, UsagePlan};

/// How long a server may take to begin: longer than any machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The operator that may edit.
pub(crate) const ADMIN: [&str; 2] = ["AKIDadmin0001", "admin-operator-secret"];
/// The operator that may only look.
pub(crate) const VIEWER: [&str; 2] = ["AKIDviewer0001", "viewer-operator-secret"];

/// A directory with a document and the operators.
pub(crate) struct Place {
    directory: TempDir,
    console: UsagePlan,
}

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    running: Running,
    pub(crate) address: SocketAddr,
}

// === impl Place ===

impl Place {
    pub(crate) fn new(document: &Value) -> Self {
        let directory = TempDir::new().expect("a directory");
        let console = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), directory.path());
        let place = Self { directory, console };
        fs::write(place.path("usage-plans.json"), document.to_string()).expect("a file");
        let operators = [(ADMIN, "admin"), (VIEWER, "viewer")]
            .map(|([id, key], role)| json!({"secret_id": id, "secret_key": key, "role": role}));
        let path = place.path("operators.json");
        fs::write(&path, json!({"operators": operators}).to_string()).expect("a file");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
        place
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The document as it is in the file.
    pub(crate) fn document(&self) -> Value {
        let text = fs::read(self.path("usage-plans.json")).expect("the document");
        serde_json::from_slice(&text).expect("a document is JSON")
    }

    /// Starts a server on a port that nobody has, and waits until it serves.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        let always =
            ["serve", "--listen", "127.0.0.1:0", "--credentials", "operators.json", "--output", "json"];
        let running = self.console.start(&[&always[..], arguments].concat()).expect("the server");
        let line = running.line(PATIENCE).expect("a line");
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no event: {line}"));
        let address = event["listen"].as_str().and_then(|address| address.parse().ok());
        Server { running, address: address.unwrap_or_else(|| panic!("no address: {event}")) }
    }

    /// Runs a command to its end.
    pub(crate) fn try_run(&self, command: &str) -> Ran {
        self.console.run(&testbed::console::words(command)).expect("it runs")
    }

    /// What a command prints, which has to succeed.
    #[track_caller]
    pub(crate) fn run(&self, command: &str) -> String {
        let ran = self.try_run(command);
        assert_eq!(ran.status, 0, "{command}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }
}

// === impl Server ===

impl Server {
    /// What it answers to `action` of the operator that may edit: what is in `Response`.
    #[track_caller]
    pub(crate) fn ask(&self, action: &str, parameters: &Value) -> Value {
        admin().ask(self.address, action, parameters).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Ends it with SIGTERM.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.running.stop().expect("it ends")
    }

    /// Asserts that it still serves.
    #[track_caller]
    pub(crate) fn assert_alive(&self) {
        let request = Request::get(&self.address.to_string(), "/healthz");
        let response = Client::new(self.address).send(&request).expect("the server answers");
        assert_eq!(response.status, 200, "{}", response.text());
    }
}

/// The operator that may edit.
pub(crate) fn admin() -> Operator {
    Operator::new(ADMIN[0], ADMIN[1])
}
