//! A server that is measured, in a directory of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::Operator;

/// A running server, which ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    _directory: TempDir,
}

impl Server {
    /// A server of a document with `keys` keys.
    pub(crate) fn start(binary: &str, keys: usize, arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir_in("target").expect("a directory");
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("usage-plans.json"), document(keys).to_string()).expect("a file");
        let operator =
            json!({"secret_id": "AKIDadmin0001", "secret_key": "admin-operator-secret", "role": "admin"});
        std::fs::write(path("operators.json"), json!({"operators": [operator]}).to_string()).expect("a file");
        let binary = Path::new(binary).canonicalize().expect("usage-plan is built");
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--credentials", "operators.json", "--output", "json"])
            .args(arguments)
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("usage-plan can be run");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("a line");
        let event: Value = serde_json::from_str(&line).expect("an event");
        let address = event["listen"].as_str().expect("an address").parse().expect("an address");
        Self { child, address, _directory: directory }
    }

    /// The operator that may edit.
    pub(crate) fn operator() -> Operator {
        Operator::new("AKIDadmin0001", "admin-operator-secret")
    }

    /// How long processors have worked for it.
    pub(crate) fn worked(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("a process");
        // After the name, which ends with a parenthesis: the 12th and 13th fields, in hundredths of a second.
        let (_, fields) = stat.rsplit_once(") ").expect("the form of /proc");
        let fields = fields.split(' ').skip(11).take(2);
        let hundredths: u64 = fields.map(|field| field.parse::<u64>().expect("a number")).sum();
        Duration::from_millis(hundredths * 10)
    }

    /// How many KiB of memory its process has.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The id of a key.
pub(crate) fn id(number: usize) -> String {
    format!("AKID{number:08}")
}

/// A service, and keys of which fifty are bound to each plan.
fn document(keys: usize) -> Value {
    let ids: Vec<String> = (0..keys).map(id).collect();
    let plan = |(number, ids): (usize, &[String])| {
        json!({
            "id": format!("usagePlan-{number:08}"), "name": format!("plan_{number}"), "keys": ids,
            "max_requests_per_second": 100,
            "environments": [{"service": "service-orders", "environment": "release"}],
        })
    };
    let key = |id: &String| {
        let (secret, name) = (format!("secret-of-{id}"), format!("key_{}", &id[4..]));
        json!({"secret_id": id, "secret_key": secret, "name": name})
    };
    json!({
        "services": [{"id": "service-orders", "name": "orders", "domains": ["orders.example.com"]}],
        "keys": ids.iter().map(key).collect::<Vec<_>>(),
        "usage_plans": ids.chunks(50).enumerate().map(plan).collect::<Vec<_>>(),
    })
}
