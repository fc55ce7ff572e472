//! What the server of this machine can do with a document of many keys: how often its keys are read, how long
//! an edit takes until Envoys have it in force, and how much memory the server has.
//!
//! `make bench-serve` runs it, and prints a table. Server, Envoys, clients and the command line share the
//! processors.
#![allow(clippy::disallowed_methods, reason = "it measures time")]

#[path = "serve/process.rs"]
mod process;
#[path = "serve/reads.rs"]
mod reads;
#[path = "../server/xds/subscriber.rs"]
mod subscriber;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::{Value, json};
use testbed::ports::{free_ports, local};
use testbed::{Client, Envoy, FilterKind, Request};
use tokio::runtime::Runtime;

use self::subscriber::Subscriber;

/// How many keys the document has.
const KEYS: usize = 10_000;
/// How many subscribe, in a row: real Envoys, and clients.
const ROWS: [(usize, usize); 4] = [(0, 1), (1, 0), (0, 50), (4, 46)];
/// How many edits a row is the middle of.
const EDITS: usize = 5;

/// A running server, which ends when this is dropped.
struct Server {
    child: Child,
    listen: SocketAddr,
    xds: SocketAddr,
}

fn main() {
    let binary = std::env::args().nth(1).expect("the path of usage-plan");
    reads::measure(&binary);
    let directory = tempfile::tempdir_in("target").expect("a directory");
    fs::write(directory.path().join("usage-plans.json"), document().to_string()).expect("written");
    let runtime = Runtime::new().expect("a runtime");
    println!("\nan edit of a document with {KEYS} keys, by the command line, until all have it in force");
    println!(
        "{:>8} {:>8} {:>12} {:>12} {:>12} {:>10} {:>10}",
        "Envoys", "clients", "command ms", "middle ms", "longest ms", "RSS MiB", "peak MiB"
    );
    for (envoys, count) in ROWS {
        let server = Server::start(&binary, directory.path());
        let clients: Vec<Arc<Subscriber>> = runtime.block_on(async {
            let mut started = Vec::new();
            for number in 0..count {
                let client = Subscriber::start(server.xds, &format!("client-{number}"), None).await;
                started.push(client.expect("it is let in"));
            }
            started
        });
        let _envoys: Vec<Envoy> = (0..envoys).map(|_| server.envoy(&binary, directory.path())).collect();
        let subscribers = envoys + count;
        server.wait(|shown| in_force(shown) == subscribers);
        let mut edits: Vec<[Duration; 2]> =
            (0..EDITS).map(|_| server.edit(&binary, directory.path(), subscribers)).collect();
        let last = server.wait(|_| true)["last"]["version"].as_str().map(str::to_owned);
        assert!(clients.iter().all(|client| client.version() == last), "a client has another version");
        edits.sort_unstable_by_key(|[_, all]| *all);
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let [command, middle] = edits[EDITS / 2].map(milliseconds);
        let longest = milliseconds(edits[EDITS - 1][1]);
        let [resident, peak] = ["VmRSS", "VmHWM"].map(|name| server.memory(name));
        println!(
            "{envoys:8} {count:8} {command:12.0} {middle:12.0} {longest:12.0} {resident:10.1} {peak:10.1}"
        );
    }
}

/// A document with many keys on one plan.
fn document() -> Value {
    let ids: Vec<String> = (0..KEYS).map(|number| format!("AKIDbench{number:06}")).collect();
    let key = |id: &String| json!({"name": id, "secret_id": id, "secret_key": format!("secret-of-{id}")});
    json!({
        "services": [{"id": "service-orders", "name": "orders", "domains": ["orders.example.com"],
            "environments": ["release"], "default_environment": "release"}],
        "keys": ids.iter().map(key).collect::<Vec<_>>(),
        "usage_plans": [{"id": "usagePlan-gold", "name": "gold", "keys": ids,
            "environments": [{"service": "service-orders", "environment": "release"}]}],
    })
}

fn in_force(shown: &Value) -> usize {
    let version = &shown["last"]["version"];
    let subscribers = shown["subscribers"].as_array().into_iter().flatten();
    subscribers.filter(|one| one["in_force"]["version"] == *version).count()
}

fn run(binary: &str, directory: &Path, line: &str) -> String {
    let words = line.split_whitespace();
    let output = Command::new(binary).args(words).current_dir(directory).output().expect("it runs");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

impl Server {
    fn start(binary: &str, directory: &Path) -> Self {
        let kind = FilterKind::of_tests();
        let flags = kind.flags().expect("an Envoy");
        let line = format!("serve --listen 127.0.0.1:0 --xds 127.0.0.1:0 {flags} --output json");
        let mut command = Command::new(binary);
        command.args(line.split_whitespace()).arg("--module").arg(kind.module()).current_dir(directory);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let event: Value = serde_json::from_str(&line).expect("an event");
        let address =
            |name: &str| event[name].as_str().and_then(|text| text.parse().ok()).expect("an address");
        Self { child, listen: address("listen"), xds: address("xds") }
    }

    fn envoy(&self, binary: &str, directory: &Path) -> Envoy {
        let [ingress, admin] = free_ports().expect("two ports");
        let kind = FilterKind::of_tests().flags().expect("an Envoy");
        let line = format!(
            "render --to xds {kind} --server {} --listen 127.0.0.1:{ingress} --admin 127.0.0.1:{admin} --upstream \
             127.0.0.1:{admin}",
            self.xds
        );
        let path = directory.join(format!("envoy-{ingress}.yaml"));
        fs::write(&path, run(binary, directory, &line)).expect("written");
        let path = path.canonicalize().expect("a path");
        Envoy::of_file(&path, local(ingress), local(admin)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// How long the command of an edit takes, and how long it is until all have the document in force.
    fn edit(&self, binary: &str, directory: &Path, subscribers: usize) -> [Duration; 2] {
        let before = self.wait(|_| true);
        let start = Instant::now();
        run(binary, directory, "key create --name new");
        let command = start.elapsed();
        self.wait(|shown| {
            shown["last"]["version"] != before["last"]["version"] && in_force(shown) == subscribers
        });
        let all = start.elapsed();
        let before = self.wait(|_| true);
        run(binary, directory, "key disable new");
        run(binary, directory, "key delete new");
        self.wait(|shown| {
            shown["last"]["version"] != before["last"]["version"] && in_force(shown) == subscribers
        });
        [command, all]
    }

    /// Waits until what it shows of Envoys is so.
    fn wait(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        loop {
            let request = Request::get(&self.listen.to_string(), "/envoys");
            let answer = Client::new(self.listen).send(&request).expect("the server answers");
            let shown: Value = serde_json::from_slice(&answer.body).expect("JSON");
            if is_so(&shown) {
                return shown;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The memory of the process, in MiB.
    fn memory(&self, name: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).expect("Linux");
        line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
