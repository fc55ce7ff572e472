//! A running `usage-plan engine`, which is killed when its handle is dropped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::console::UsagePlan;
use crate::error::{Context, Error, Result};
use crate::http::{Client, Request};
use crate::process;

/// How long an engine may take to end.
const GRACE: Duration = Duration::from_secs(60);

/// The store, in the directory in which the command line runs.
const STORE: &str = "engine.redb";

/// An engine as a process. Dropping it kills it, which loses nothing that it has granted.
pub struct Engine {
    child: Child,
    /// Where Envoys reach it.
    pub listen: SocketAddr,
    /// Where operators reach it.
    pub admin: SocketAddr,
}

impl Engine {
    /// Starts an engine in the directory of `console`, at `listen`, whose port may be 0, and waits until it
    /// serves.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(console: &UsagePlan, listen: SocketAddr) -> Result<Self> {
        let listen = listen.to_string();
        let arguments = ["engine", "--store", STORE, "--listen", &listen, "--admin", "127.0.0.1:0"];
        let mut command = console.command(&[&arguments[..], &["--output", "json"]].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().context("starting the engine")?;
        let mut line = String::new();
        let out = child.stdout.as_mut().ok_or_else(|| Error::new("no standard output"))?;
        BufReader::new(out).read_line(&mut line).context("reading what the engine says")?;
        let event: Value = serde_json::from_str(&line).context(format_args!("the engine says {line:?}"))?;
        let address = |name: &str| event[name].as_str().and_then(|text| text.parse().ok());
        match (address("listen"), address("admin")) {
            (Some(listen), Some(admin)) => Ok(Self { child, listen, admin }),
            _ => Err(Error::new(format!("the engine does not serve: {line}"))),
        }
    }

    /// Ends it with a signal, and waits until it has ended.
    ///
    /// # Errors
    /// The system refuses.
    pub fn end(mut self, signal: Signal) -> Result<ExitStatus> {
        process::end(&mut self.child, signal, GRACE)
    }

    /// Sends it a signal, and does not wait.
    ///
    /// # Errors
    /// It does not run.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| Error::new("no process"))?;
        kill_process(pid, signal).context("the engine")
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// The system refuses.
    pub fn wait(mut self) -> Result<ExitStatus> {
        self.child.wait().context("the engine")
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// What the admin port answers.
    ///
    /// # Panics
    /// It does not answer.
    pub fn get(&self, path: &str) -> String {
        let answer = Client::new(self.admin).send(&Request::get("engine", path));
        answer.unwrap_or_else(|error| panic!("{error}")).text()
    }

    /// The value of a metric, with its labels as they are printed.
    ///
    /// # Panics
    /// The admin port does not answer, or has no such metric.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics");
        let value = text.lines().find_map(|line| line.strip_prefix(&format!("usage_plan_engine_{name} ")));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name} is not in\n{text}"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
