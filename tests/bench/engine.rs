//! What the engine of this machine can do: how long a commit takes, and how many calls it answers.
//!
//! `make bench-engine` runs it, and prints a table. Callers and engine share the processors.
#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use usage_plan_engine::message::{
    Entry, RateLimitDescriptor, RateLimitOverride, RateLimitRequest, SHOULD_RATE_LIMIT,
};

/// How long each row is measured.
const TIME: Duration = Duration::from_secs(5);

/// What is measured, in a row: its name, connections, calls in flight on each, and the calls' entries.
const ROWS: [(&str, usize, usize, Kind); 8] = [
    ("rate, one after the other", 1, 1, Kind::Rate),
    ("rate, 4 connections", 4, 1, Kind::Rate),
    ("rate, 4 connections, 16 in flight on each", 4, 16, Kind::Rate),
    ("quota, one after the other", 1, 1, Kind::Quota),
    ("quota, 4 connections", 4, 1, Kind::Quota),
    ("quota, 4 connections, 16 in flight on each", 4, 16, Kind::Quota),
    ("quota, 64 connections", 64, 1, Kind::Quota),
    ("quota, 64 connections, a counter for each call", 64, 1, Kind::New),
];

#[derive(Clone, Copy)]
enum Kind {
    Rate,
    Quota,
    /// A quota's counter that no call asked for before.
    New,
}

/// A running engine, which ends when this is dropped.
struct Engine {
    child: Child,
    listen: SocketAddr,
    admin: SocketAddr,
}

fn main() {
    let binary = std::env::args().nth(1).expect("the path of usage-plan");
    let directory = tempfile::tempdir_in("target").expect("a directory");
    let engine = Engine::start(&binary, &directory.path().join("engine.redb").display().to_string());
    let runtime = Runtime::new().expect("a runtime");
    println!(
        "{:46} {:>9} {:>9} {:>9} {:>10} {:>10}",
        "", "calls/s", "p50 ms", "p99 ms", "commits/s", "commit ms"
    );
    for (number, (name, connections, in_flight, kind)) in ROWS.into_iter().enumerate() {
        let before = engine.commits();
        let start = Instant::now();
        let mut times =
            runtime.block_on(load(engine.listen, number, connections * in_flight, in_flight, kind));
        let seconds = start.elapsed().as_secs_f64();
        let after = engine.commits();
        let commits = after.0 - before.0;
        let took = if commits > 0.0 { (after.1 - before.1) / commits * 1000.0 } else { 0.0 };
        times.sort_unstable();
        let at = |part: f64| times[(times.len() as f64 * part) as usize].as_secs_f64() * 1000.0;
        println!(
            "{name:46} {:9.0} {:9.2} {:9.2} {:10.0} {took:10.2}",
            times.len() as f64 / seconds,
            at(0.5),
            at(0.99),
            commits / seconds
        );
    }
    let (memory, counters) = (engine.resident(), engine.metric("quota_counters"));
    let bytes = engine.metric("store_bytes");
    println!("\n{memory} KiB resident; {counters} quotas in a store of {} KiB", bytes / 1024.0);
}

/// Calls for a while; how long each call took.
async fn load(engine: SocketAddr, row: usize, callers: usize, in_flight: usize, kind: Kind) -> Vec<Duration> {
    let mut tasks = JoinSet::new();
    let mut sender = None;
    for number in 0..callers {
        if number % in_flight == 0 {
            let stream = TcpStream::connect(engine).await.expect("the engine listens");
            stream.set_nodelay(true).expect("a socket");
            let connected = handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
            let (connected, connection) = connected.expect("HTTP/2");
            tokio::spawn(connection);
            sender = Some(connected);
        }
        let sender = sender.clone().expect("a connection");
        tasks.spawn(calls(sender, row, number, kind));
    }
    tasks.join_all().await.concat()
}

async fn calls(mut sender: SendRequest<Full<Bytes>>, row: usize, caller: usize, kind: Kind) -> Vec<Duration> {
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < TIME {
        let call = message(row, caller, times.len(), kind);
        let sent = Instant::now();
        let request = Request::post(format!("http://engine{SHOULD_RATE_LIMIT}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Full::from(call))
            .expect("a request");
        sender.ready().await.expect("a connection");
        let answer = sender.send_request(request).await.expect("an answer");
        let body = answer.into_body().collect().await.expect("a body");
        let status = body.trailers().and_then(|trailers| trailers.get("grpc-status")).expect("a status");
        assert_eq!(status, "0");
        times.push(sent.elapsed());
    }
    times
}

fn message(row: usize, caller: usize, call: usize, kind: Kind) -> Vec<u8> {
    let mut entries = vec![("plan", "usagePlan-gold".to_owned()), ("row", row.to_string())];
    let unit = match kind {
        Kind::Rate => {
            entries.push(("w", "second".to_owned()));
            1
        }
        Kind::Quota | Kind::New => {
            entries.extend([("w", "total".to_owned()), ("p", "total".to_owned())]);
            6
        }
    };
    if matches!(kind, Kind::New) {
        entries.push(("part", format!("key/AKID{caller:04}{call:010}")));
    }
    let entry = |(key, value): (&str, String)| Entry { key: key.to_owned(), value };
    let descriptor = RateLimitDescriptor {
        entries: entries.into_iter().map(entry).collect(),
        limit: Some(RateLimitOverride { requests_per_unit: u32::MAX, unit }),
        hits_addend: Some(1),
        is_negative_hits: false,
    };
    let request =
        RateLimitRequest { domain: "usage-plans".to_owned(), descriptors: vec![descriptor], hits_addend: 0 };
    let bytes = request.encode_to_vec();
    let length = u32::try_from(bytes.len()).expect("a short message").to_be_bytes();
    [&[0], &length[..], &bytes].concat()
}

impl Engine {
    fn start(binary: &str, store: &str) -> Self {
        let mut child = Command::new(binary)
            .args(["engine", "--store", store, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(["--output", "json"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("usage-plan can be run");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("a line");
        let event: Value = serde_json::from_str(&line).expect("an event");
        let address = |name: &str| event[name].as_str().expect("an address").parse().expect("an address");
        Self { listen: address("listen"), admin: address("admin"), child }
    }

    /// How many commits there were, and how many seconds they took.
    fn commits(&self) -> (f64, f64) {
        (self.metric("commit_seconds_count"), self.metric("commit_seconds_sum"))
    }

    fn metric(&self, name: &str) -> f64 {
        let request = testbed::Request::get("engine", "/metrics");
        let text = testbed::Client::new(self.admin).send(&request).expect("an answer").text();
        let value = text.lines().find_map(|line| line.strip_prefix(&format!("usage_plan_engine_{name} ")));
        value.expect("a metric").parse().expect("a number")
    }

    /// How many KiB of memory its process has.
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
