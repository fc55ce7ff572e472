//! `demo run`, which is what `make run` runs.
#![allow(clippy::disallowed_methods, reason = "this test waits for a process, and ends")]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use testbed::ports::local;
use testbed::process::end;
use testbed::{Client, Ports, Request, Response, Signer};

/// How long an edit may take to be in force: longer than any machine needs.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long the process has to end: longer than it gives to the processes that it has started.
const GRACE: Duration = Duration::from_secs(60);

/// The process. It is ended also when the test fails, and Envoy ends with it.
struct Run(Child);

impl Drop for Run {
    fn drop(&mut self) {
        if let Err(error) = end(&mut self.0, Signal::INT, GRACE) {
            eprintln!("{error}");
        }
    }
}

#[test]
fn it_serves_an_example_takes_up_edits_and_ends_with_all_that_it_started() {
    let directory = tempfile::tempdir().expect("a directory");
    let document = directory.path().join("usage-plans.json");
    let ports = Ports::free().expect("ports");
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.arg("run").env("DOCUMENT", &document).env_remove("ACME_SECRET_KEY");
    for (name, port) in
        [("INGRESS_PORT", ports.ingress), ("ADMIN_PORT", ports.admin), ("UPSTREAM_PORT", ports.upstream)]
    {
        command.env(name, port.to_string());
    }
    command.env("SERVER_PORT", "0");
    let out = fs::File::create(directory.path().join("out")).expect("a file");
    let mut run = Run(command.stdin(Stdio::null()).stdout(out).spawn().expect("started"));

    let caller = Signer::new("AKIDtrial001", "trial-secret-key-0001");
    let call = || {
        Client::new(local(ports.ingress)).send(&caller.sign(Request::get("orders.example.com", "/test/x")))
    };
    let limit = |response: &Response| response.header("x-usageplan-ratelimit");
    let wait_for = |run: &mut Run, expected: &str| {
        let start = Instant::now();
        while call().ok().and_then(|response| limit(&response)).is_none_or(|limit| !limit.ends_with(expected))
        {
            assert!(matches!(run.0.try_wait(), Ok(None)), "the process has ended");
            assert!(start.elapsed() < PATIENCE, "no answer shows the limit {expected}");
            std::thread::sleep(Duration::from_millis(300));
        }
    };
    wait_for(&mut run, "/5");
    let text = fs::read_to_string(&document).expect("written from the example");
    let mut edited: Value = serde_json::from_str(&text).expect("JSON");
    edited["usage_plans"][1]["max_requests_per_second"] = 50.into();
    fs::write(&document, edited.to_string()).expect("written");
    wait_for(&mut run, "/50");

    assert!(end(&mut run.0, Signal::INT, GRACE).expect("ended").success());
    assert!(call().is_err(), "Envoy still runs");
    let out = fs::read_to_string(directory.path().join("out")).expect("printed");
    assert!(out.contains("curl -i --path-as-is") && out.contains("in force"), "{out}");
}
