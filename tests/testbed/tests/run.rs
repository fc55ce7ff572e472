//! `testbed run`, which is `make run`.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use testbed::ports::local;
use testbed::process::end;
use testbed::{Client, Ports, Request, Response, Signer};

const READY: Duration = Duration::from_secs(30);

/// Longer than it gives what it has started.
const GRACE: Duration = Duration::from_secs(60);

/// It must end also when a claim does not hold: Envoy ends with it.
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
    let mut command = Command::new(env!("CARGO_BIN_EXE_testbed"));
    command.arg("run").env("DOCUMENT", &document).env_remove("ACME_SECRET_KEY");
    for (name, port) in
        [("INGRESS_PORT", ports.ingress), ("ADMIN_PORT", ports.admin), ("UPSTREAM_PORT", ports.upstream)]
    {
        command.env(name, port.to_string());
    }
    let out = fs::File::create(directory.path().join("out")).expect("a file");
    let mut run = Run(command.stdin(Stdio::null()).stdout(out).spawn().expect("started"));

    let caller = Signer::new("AKIDtrial001", "trial-secret-key-0001");
    let call = || {
        Client::new(local(ports.ingress)).send(&caller.sign(Request::get("orders.example.com", "/test/x")))
    };
    let limit = |response: &Response| response.header("x-usageplan-ratelimit");
    let told = |limit_told: &str| {
        let start = Instant::now();
        while call().ok().and_then(|response| limit(&response)).is_none_or(|told| !told.ends_with(limit_told))
        {
            assert!(start.elapsed() < READY, "no call is told {limit_told}");
            std::thread::sleep(Duration::from_millis(300));
        }
    };
    told("/5");
    let text = fs::read_to_string(&document).expect("made out of the example");
    let mut edited: Value = serde_json::from_str(&text).expect("JSON");
    edited["usage_plans"][1]["max_requests_per_second"] = 50.into();
    fs::write(&document, edited.to_string()).expect("written");
    told("/50");

    assert!(end(&mut run.0, Signal::INT, GRACE).expect("ended").success());
    assert!(call().is_err(), "Envoy is left behind");
    let out = fs::read_to_string(directory.path().join("out")).expect("printed");
    assert!(out.contains("curl -i --path-as-is") && out.contains("in force"), "{out}");
}
