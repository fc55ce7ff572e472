//! A headless Chromium, which ends when its handle is dropped.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::signing::process::{LIMIT, kill_group};

pub(super) const PROGRAM: &str = "chromium";

const OPTIONS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox", // root has none, and the only pages are the test's own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/// A browser with a profile of its own.
pub(super) struct Chromium {
    child: Child,
    directory: TempDir,
}

// === impl Chromium ===

impl Chromium {
    /// Starts it with one page.
    pub(super) fn open(address: &str) -> Self {
        let directory = tempfile::Builder::new().prefix("chromium-").tempdir().expect("a directory");
        let log = File::create(directory.path().join(LOG)).expect("a log");
        let mut command = Command::new(PROGRAM);
        command.args(OPTIONS).arg(format!("--user-data-dir={}", directory.path().join("profile").display()));
        command.arg(address).env("HOME", directory.path());
        command.env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Self { child: command.process_group(0).spawn().expect("Chromium starts"), directory }
    }

    /// The next report of its page.
    ///
    /// # Panics
    /// It ends before that, or takes too long.
    pub(super) fn wait_for(&mut self, reports: &Receiver<Value>) -> Value {
        let started = Instant::now();
        loop {
            match reports.recv_timeout(Duration::from_millis(100)) {
                Ok(report) => return report,
                Err(RecvTimeoutError::Disconnected) => panic!("nobody serves the pages"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let ended = self.child.try_wait().expect("a child of this process");
            assert!(ended.is_none(), "Chromium: {ended:?}\n{}", self.log());
            assert!(started.elapsed() < LIMIT, "the page took over {LIMIT:?}\n{}", self.log());
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join(LOG)).unwrap_or_default()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            kill_group(&mut self.child);
        }
    }
}

const LOG: &str = "chromium.log";
