//! `init`: a gateway from nothing, with nothing but the command line and Envoy.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use testbed::console::{Ran, Running, words};
use testbed::ports::{Ports, local};
use testbed::{Client, Envoy, Request, Response, Signer, UsagePlan, Version, module};

/// A gateway that `init` made, and an Envoy that serves it from another directory.
pub(super) struct FromNothing {
    directory: TempDir,
    envoy: Envoy,
    admitted: Cell<u64>,
}

// === impl FromNothing ===

impl FromNothing {
    /// Runs `init`, and Envoy on what it made.
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let ports = Ports::free().expect("free ports");
        let (listen, admin, upstream) = (local(ports.ingress), local(ports.admin), upstream());
        let (module, version) = (module(), Version::of_envoy().expect("an Envoy").name());
        let init = format!(
            "init gateway --module '{}' --envoy {version} --listen {listen} --admin {admin} --upstream {upstream}",
            module.display()
        );
        let usage_plan = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), directory.path());
        let ran = usage_plan.run(&words(&init)).expect("run");
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
        let bootstrap = directory.path().join("gateway/envoy.yaml");
        let envoy = Envoy::of_file(&bootstrap, listen, admin).unwrap_or_else(|error| panic!("{error}"));
        Self { directory, envoy, admitted: Cell::new(0) }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("gateway").join(name)
    }

    /// Runs a command in the gateway's directory.
    fn run(&self, command: &str) -> Ran {
        let usage_plan = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), self.path(""));
        usage_plan.run(&words(command)).expect("run")
    }

    /// Runs a command that succeeds without a complaint, and returns its answer.
    pub(super) fn json(&self, command: &str) -> Value {
        let ran = self.run(&format!("{command} --output json"));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{command}: {ran:?}");
        serde_json::from_str(&ran.stdout).expect("JSON")
    }

    /// Publishes without a flag that says where, and asserts that the document is in force.
    fn publish(&self) {
        let answer = self.json("publish --timeout 60s");
        assert_eq!(answer["envoys"][0]["verdict"], "accepted", "{answer}");
    }

    /// The status of a call that this key signs.
    pub(super) fn call(&self, secret_id: &str, secret: &str) -> u16 {
        self.send(secret_id, secret).status
    }

    /// The answer to a call that this key signs.
    pub(super) fn send(&self, secret_id: &str, secret: &str) -> Response {
        let request = Request::get("orders.example.com", "/release/orders/1");
        let request = Signer::new(secret_id, secret).sign(request);
        let response = Client::new(self.envoy.ingress()).send(&request).expect("an answer");
        if response.status == 200 {
            self.admitted.set(self.admitted.get() + 1);
        }
        response
    }

    /// How many calls have passed.
    pub(super) fn admitted(&self) -> u64 {
        self.admitted.get()
    }

    /// Starts a command that runs until it is ended.
    pub(super) fn start(&self, command: &str) -> Running {
        let usage_plan = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), self.path(""));
        usage_plan.start(&words(command)).expect("started")
    }
}

/// A service that answers each connection with 200, until the test ends.
pub(super) fn upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nok\n";
                if stream.read(&mut request).is_ok_and(|length| length > 0) {
                    let _ = stream.write_all(answer);
                }
            });
        }
    });
    address
}

#[test]
fn a_gateway_from_nothing_serves_from_any_directory_and_publish_without_a_flag_reaches_it() {
    let gateway = FromNothing::new();
    // The empty document is in force: it has no service.
    assert_eq!(gateway.call("AKIDacme0001", "acme-secret-key-0001"), 404);
    assert_eq!(gateway.json("publish")["changed"], false, "init has published it");

    gateway.json("service create --name orders --domain orders.example.com");
    let key = gateway.json("key create --name acme");
    gateway.json("plan create --name gold --max-requests-per-second 1000");
    gateway.json("plan bind-key gold acme");
    gateway.json("plan bind-environment gold orders release");
    gateway.publish();
    let text = |member: &str| key[member].as_str().expect("text");
    assert_eq!(gateway.call(text("secret_id"), text("secret_key")), 200);
    assert_eq!(gateway.call(text("secret_id"), "another-secret-key"), 401);
    // Without a flag, usage asks the same Envoy.
    let usage = gateway.json("usage");
    assert_eq!(usage["usage_plans"][0]["admitted"], 1, "{usage}");
}
