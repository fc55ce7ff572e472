//! Envoy runs with what `usage-plan render` prints.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::{fs, str};

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::console::words;
use testbed::ports::local;
use testbed::{Client, Config, Envoy, FilterKind, Ports, Request, Response, Signer, UsagePlan};

use super::HOST;
use crate::until;

const SECRET: &str = "acme-secret-key-0001";
const OLD_SECRET: &str = "acme-secret-key-0000";

/// Characters with a meaning in YAML, in Envoy's formats or in a header.
const NASTY: &str = "  - a: b # c, {{d}} %REQ(:PATH)% [f] {g} &h *i !j |k >l @m `n` 'o' \" \\ \
    \t\n\r\u{0}\u{7f}\u{85}\u{2028}\u{feff} é 漢 😀 ";

/// A key whose two secrets are in variables.
fn document() -> Value {
    json!({
        "services": [{"id": "service-orders", "domains": [HOST], "environments": ["release"]}],
        "keys": [{
            "secret_id": "AKIDacme0001", "secret_key_env": "RENDERED_NEW_KEY",
            "previous_secret_key_env": "RENDERED_OLD_KEY",
            "previous_secret_key_not_after": "2500-01-01T00:00:00Z",
        }],
        "usage_plans": [{
            "id": "gold", "max_requests_per_second": 1000, "keys": ["AKIDacme0001"], "remark": NASTY,
            "environments": [{"service": "service-orders", "environment": "release"}],
        }],
    })
}

/// A directory with a document and what is rendered from it, and the ports of an Envoy.
struct Rendering {
    directory: TempDir,
    ports: Ports,
}

/// An Envoy that is ended when dropped.
struct Running(Child);

// === impl Rendering ===

impl Rendering {
    fn of(document: &Value) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fs::write(directory.path().join("usage-plans.json"), document.to_string()).expect("written");
        Self { directory, ports: Ports::free().expect("free ports") }
    }

    /// Writes what `render` prints to `file`.
    fn render(&self, file: &str, options: &str) -> PathBuf {
        let usage_plan = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), self.directory.path());
        let kind = FilterKind::of_tests();
        let flags = kind.flags().expect("an Envoy");
        let command = format!("render {options} {flags} --module '{}'", kind.module().display());
        let ran = usage_plan.run(&words(&command)).expect("run");
        assert_eq!(ran.status, 0, "{ran:?}");
        let path = self.directory.path().join(file);
        fs::write(&path, ran.stdout).expect("written");
        path
    }

    fn envoy(&self) -> Command {
        let mut command = Command::new(testbed::envoy::binary().expect("an Envoy"));
        command.current_dir(self.directory.path()).args([
            "--use-dynamic-base-id",
            "--concurrency",
            "1",
            "-c",
        ]);
        command.env("RENDERED_NEW_KEY", SECRET).env("RENDERED_OLD_KEY", OLD_SECRET);
        command.env_remove("ACME_SECRET_KEY");
        command
    }

    /// The output of `envoy --mode validate` for a file.
    fn validate(&self, path: &PathBuf) -> Output {
        self.envoy().arg(path).args(["--mode", "validate"]).output().expect("started")
    }

    /// Starts an Envoy on a file, and waits until it answers.
    fn start(&self, path: &PathBuf) -> Running {
        let log = fs::File::create(self.directory.path().join("envoy.log")).expect("a log");
        let command = &mut self.envoy();
        let child = command.arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let running = Running(child.expect("started"));
        let ready = || Client::new(local(self.ports.admin)).send(&Request::get("admin", "/ready"));
        let answer = until(ready, |answer| answer.as_ref().is_ok_and(|answer| answer.status == 200));
        let is_ready = answer.is_ok_and(|answer| answer.status == 200);
        let log = fs::read_to_string(self.directory.path().join("envoy.log")).expect("a log");
        assert!(is_ready, "{log}");
        running
    }

    /// The address for callers.
    fn ingress(&self) -> SocketAddr {
        local(self.ports.ingress)
    }
}

/// The answer to a call signed with `secret_key`.
fn call(ingress: SocketAddr, secret_key: &str) -> Response {
    let request = Signer::new("AKIDacme0001", secret_key).sign(Request::get(HOST, "/release/orders/1"));
    Client::new(ingress).send(&request).expect("an answer")
}

/// Asserts that calls with either secret reach the echo, and that one with a wrong secret is refused.
fn assert_serves(ingress: SocketAddr) {
    for secret in [SECRET, OLD_SECRET] {
        let answer = until(|| call(ingress, secret), |answer| answer.status == 200);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let seen: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!((&seen["path"], &seen["x-usage-plan-id"]), (&json!("/orders/1"), &json!("gold")));
    }
    let forged = call(ingress, "not-the-secret-key");
    assert_eq!(forged.status, 401, "{}", forged.text());
    assert!(forged.text().contains("HMAC signature does not match"), "{}", forged.text());
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn a_rendered_configuration_is_accepted_serves_a_signed_request_and_refuses_a_forged_one() {
    let rendering = Rendering::of(&document());
    let as_shipped = rendering.render("as-shipped.yaml", "--to envoy");
    let validated = rendering.validate(&as_shipped);
    assert!(validated.status.success(), "{}", text(&validated.stderr));

    // The echo of this Envoy is the upstream of the others.
    let echo = Rendering::of(&document());
    let [listen, admin, upstream] = [echo.ports.ingress, echo.ports.admin, echo.ports.upstream].map(local);
    let path = echo.render("echo.yaml", &format!("--to envoy --listen {listen} --admin {admin}"));
    // The echo's port has no option, and may be in use on this machine.
    let rendered = fs::read_to_string(&path).expect("rendered");
    assert_eq!(rendered.matches("port_value: 10001").count(), 2);
    let moved = rendered.replace("port_value: 10001", &format!("port_value: {}", upstream.port()));
    fs::write(&path, moved).expect("written");
    let _echo = echo.start(&path);
    assert_serves(echo.ingress());

    for host in ["127.0.0.1", "localhost"] {
        let rendering = Rendering::of(&document());
        let [listen, admin] = [rendering.ports.ingress, rendering.ports.admin].map(local);
        let upstream = format!("{host}:{}", upstream.port());
        let options = format!("--to envoy --listen {listen} --admin {admin} --upstream {upstream}");
        let path = rendering.render("envoy.yaml", &options);
        let _envoy = rendering.start(&path);
        assert_serves(rendering.ingress());
    }
}

#[test]
fn a_rendered_configuration_is_refused_without_the_variables_it_names_and_needs_none_that_it_does_not() {
    let rendering = Rendering::of(&document());
    let path = rendering.render("envoy.yaml", "--to envoy");
    let unset =
        rendering.envoy().arg(&path).args(["--mode", "validate"]).env_remove("RENDERED_OLD_KEY").output();
    let unset = unset.expect("started");
    assert!(!unset.status.success());
    let complaint =
        "keys[0].previous_secret_key_env: the filter's environment has no variable \"RENDERED_OLD_KEY\"";
    assert!(text(&unset.stderr).contains(complaint), "{}", text(&unset.stderr));

    let mut without = document();
    without["keys"] = json!([{"secret_id": "AKIDacme0001", "secret_key": SECRET}]);
    let rendering = Rendering::of(&without);
    let path = rendering.render("envoy.yaml", "--to envoy");
    assert!(!fs::read_to_string(&path).expect("rendered").contains("host_env_keys"));
    let validated = rendering.envoy().arg(&path).args(["--mode", "validate"]).env_clear().output();
    let validated = validated.expect("started");
    assert!(validated.status.success(), "{}", text(&validated.stderr));
}

#[test]
fn a_rendered_filter_is_read_by_the_listener_that_watches_for_it() {
    let rendering = Rendering::of(&document());
    let watched = rendering.render("usage-plan.yaml", "--to ecds --vm-id rendered");
    let envoy = Envoy::start(
        &Config::hot_reload()
            .watching(rendering.directory.path())
            .env("RENDERED_NEW_KEY", SECRET)
            .env("RENDERED_OLD_KEY", OLD_SECRET),
    );
    assert_serves(envoy.ingress());

    // A key that is disabled is refused once the file is renamed into place.
    let mut disabled = document();
    disabled["keys"][0]["status"] = "disabled".into();
    fs::write(rendering.directory.path().join("usage-plans.json"), disabled.to_string()).expect("written");
    let next = rendering.render(".next.yaml", "--to ecds --vm-id rendered");
    fs::rename(next, watched).expect("renamed");
    let refused = until(|| call(envoy.ingress(), SECRET), |answer| answer.status == 401);
    assert_eq!(refused.status, 401, "{}", refused.text());
}
