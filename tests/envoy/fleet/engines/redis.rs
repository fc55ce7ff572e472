//! A real Redis with its append-only file, as `envoy/fleet` starts it.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use testbed::ports::{free_ports, local};

use crate::until;

const PROGRAM: &str = "redis-server";

/// A redis-server. Dropping it kills it.
pub(crate) struct Redis {
    child: Child,
    directory: TempDir,
    pub(crate) address: SocketAddr,
}

// === impl Redis ===

impl Redis {
    pub(crate) fn is_installed() -> bool {
        Command::new(PROGRAM).arg("--version").stdout(Stdio::null()).status().is_ok()
    }

    pub(crate) fn start() -> Self {
        let [port] = free_ports().expect("a port");
        let directory = TempDir::new().expect("a directory");
        let child = spawn(&directory, port);
        let redis = Self { child, directory, address: local(port) };
        redis.wait_until_it_serves();
        redis
    }

    /// Kills it and starts it again on the same file.
    pub(crate) fn kill_and_start(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        self.child = spawn(&self.directory, self.address.port());
        self.wait_until_it_serves();
    }

    /// It has read its file, and takes connections.
    fn wait_until_it_serves(&self) {
        let log = self.directory.path().join("redis.log");
        let said = || fs::read_to_string(&log).unwrap_or_default();
        let said = until(said, |said| said.contains("Ready to accept connections"));
        assert!(said.contains("Ready to accept connections"), "{said}");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(directory: &TempDir, port: u16) -> Child {
    let log = File::create(directory.path().join("redis.log")).expect("a log");
    Command::new(PROGRAM)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(log)
        .spawn()
        .expect("redis-server is installed")
}
