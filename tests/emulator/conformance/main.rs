//! The emulator does what Envoy does: a filter that reports what it observes runs on both bindings of the
//! emulator and on a real Envoy, and every answer is compared.

mod envoy;
mod nested;
mod subject;

use std::sync::Arc;
use std::time::{Duration, Instant};

use emulator::{Exchange, Native, Shared, Wasm, Worker};
use probe_filter::VARIABLE;
use serde_json::{Value, json};
use testbed::{Client, Config, Envoy, Request, Verdict};

use self::envoy::{comparable, config, observed};
use self::subject::{METRICS, Observed, Probe, REPORTED, STATES};

fn probe(name: &str) -> Request {
    Request::get("probe.example.com", "/path?query").header("probe", name)
}

fn with_trailers(name: &str) -> Request {
    let request = probe(name).method("POST").body("a body").trailer("x-first", "1").trailer("X-Upper", "2");
    request.trailer("x-twice", "3").trailer("x-bytes", b"\xff\"").trailer("x-twice", "4")
}

/// The requests, in the order in which each proxy gets them.
fn requests() -> Vec<Request> {
    let twice = |name: &str| probe("request-headers").header(name, "1").header("x-b", "2").header(name, "3");
    let joined = include_str!("../../vectors/joined-headers.txt").lines();
    // Envoy overwrites or extends what a caller sends in these.
    let written = ["x-envoy-original-path", "x-forwarded-for", "x-forwarded-proto", "x-request-id"];
    let changed = ["x-first", "accept", "authorization", "x-twice", "x-twice", "x-last"].iter().zip(b'1'..);
    let changed = changed.fold(probe("change-headers"), |probe, (name, value)| probe.header(name, [value]));
    let mut requests = vec![
        probe("history"),
        probe("request-headers")
            .header("X-Upper", "A")
            .header("x-bytes", b"\xff\x80\"")
            .header("x-empty", "")
            .header("cookie", "a=1")
            .header("cookie", "b=2"),
        probe("request-headers").method("POST").body("a body"),
        probe("request-headers").header("host", "probe.example.com"),
        changed,
        probe("clock"),
        probe("forward").header("x-added", "0").header("x-removed", "1"),
        probe("history"),
        probe("request-headers").header("authorization", "").header("authorization", "1"),
        probe("request-headers").header("authorization", "1").header("authorization", ""),
    ];
    requests
        .extend(["forward", "reply-with-headers"].iter().flat_map(|n| [with_trailers(n), probe("history")]));
    let waits = ["wait-resume", "wait-reply", "wait-call"];
    requests.extend(waits.iter().flat_map(|name| [with_trailers(name), probe("history")]));
    let alone = ["configuration", "request-headers", "shared-data", "shared-data", "metrics", "metrics"];
    requests.extend(alone.map(probe));
    requests.extend(joined.filter(|name| !written.contains(name)).map(twice));
    requests.extend(["date", "x-date", "source", "proxy-authorization", "content-md5", "x-a"].map(twice));
    for reply in ["without-a-type", "without-a-body", "with-an-empty-body", "with-headers", "and-continue"] {
        let request = probe(&format!("reply-{reply}"));
        requests.extend([request.clone(), request.method("HEAD"), probe("history")]);
    }
    requests
}

#[test]
fn the_emulator_shows_a_filter_what_envoy_shows_it() {
    let envoy = Envoy::start(&config(Config::plain()).document("a configuration"));
    let mut native = Emulated::<Native<Probe>>::start("a configuration");
    let mut wasm = Emulated::<Wasm<Probe>>::start("a configuration");
    let mut client = Client::new(envoy.ingress());
    let mut differences = Vec::new();
    for request in requests() {
        let expected = observed(&client.send(&request).expect("an answer"));
        assert_ne!(expected.status, 500, "{}", expected.body.concat());
        for (binding, found) in [("natively", native.send(&request)), ("in wasm", wasm.send(&request))] {
            differences.extend(difference(&request, binding, &expected, &found));
        }
    }
    let stats = envoy.stats().expect("statistics");
    for name in METRICS.map(|name| format!("wasmcustom.{name}")) {
        let expected = stats.get(&name).and_then(|value| value.parse().ok());
        assert_ne!(expected, None, "Envoy has no metric {name}");
        for shared in [&native.shared, &wasm.shared] {
            assert_eq!(Some(shared.metric(&name)), expected, "{name}");
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_emulator_refuses_a_configuration_as_envoy_does() {
    for (document, accepted) in [("accept", true), ("refuse", false)] {
        let validation = Envoy::validate(&config(Config::plain()).document(document)).expect("a verdict");
        assert_eq!(validation.accepted, accepted, "{document}: {}", validation.output);
        let shared = Shared::new();
        assert_eq!(Native::<Probe>::boot(&shared).configure(document), accepted, "{document}");
        assert_eq!(Wasm::<Probe>::boot(&shared).configure(document), accepted, "{document}");
    }
}

/// Each new configuration starts a new root context. A refused configuration leaves the previous one in
/// force.
#[test]
fn the_emulator_replaces_a_root_context_as_envoy_does() {
    let envoy = Envoy::start(&config(Config::hot_reload()).document("first"));
    let mut expected = Vec::new();
    let mut client = Client::new(envoy.ingress());
    let mut send = |name: &str| observed(&client.send(&probe(name)).expect("an answer")).body;
    expected.extend(roots(send("history")));
    assert_eq!(envoy.publish("second"), Ok(Verdict::Accepted));
    // The worker takes the configuration up, and ends the first root context, some time later.
    let deadline = Instant::now() + Duration::from_secs(60);
    while !expected.iter().any(|line| line == "root 1 is deleted") {
        assert!(Instant::now() < deadline, "the first root context does not end: {expected:?}");
        std::thread::sleep(Duration::from_millis(5));
        expected.extend(roots(send("history")));
    }
    let verdict = envoy.publish("refuse").expect("a verdict");
    assert!(matches!(verdict, Verdict::Refused(_)), "{verdict:?}");
    let configuration = send("configuration");
    assert_eq!(configuration[0], "configuration: second");

    fn emulated<W: Worker>() -> (Vec<String>, Vec<String>) {
        let mut emulated = Emulated::<W>::start("first");
        let mut history = roots(emulated.send(&probe("history")).body);
        assert!(emulated.worker.configure("second"));
        history.extend(roots(emulated.send(&probe("history")).body));
        assert!(!W::boot(&emulated.shared).configure("refuse"));
        (history, emulated.send(&probe("configuration")).body)
    }
    assert_eq!(emulated::<Native<Probe>>(), (expected.clone(), configuration.clone()));
    assert_eq!(emulated::<Wasm<Probe>>(), (expected, configuration));
}

/// The lines of a history that are about root contexts.
fn roots(history: Vec<String>) -> Vec<String> {
    history.into_iter().filter(|line| line.starts_with("root ")).collect()
}

/// How the answer of a binding of the emulator differs from the answer of Envoy.
fn difference(request: &Request, binding: &str, envoy: &Observed, emulator: &Observed) -> Option<String> {
    if envoy == emulator {
        return None;
    }
    let request = String::from_utf8_lossy(&request.bytes()).replace("\r\n", " | ");
    let lines = |observed: &Observed| [&observed.headers[..], &observed.body[..]].concat();
    let (expected, found) = (lines(envoy), lines(emulator));
    let common = expected.iter().zip(&found).take_while(|(expected, found)| expected == found).count();
    Some(format!(
        "{request}\n  {binding}: status {}, from line {common}: {:#?}\n  Envoy: status {}, {:#?}",
        emulator.status,
        &found[common..],
        envoy.status,
        &expected[common..],
    ))
}

// === The emulator ===

struct Emulated<W> {
    shared: Arc<Shared>,
    worker: W,
}

impl<W: Worker> Emulated<W> {
    fn start(document: &str) -> Self {
        let shared = Shared::new();
        shared.set_env(VARIABLE, "of the VM");
        shared.set_upstream_answer(&[(":status", "200"), ("x-added", "0"), ("x-set", "0")]);
        let worker = W::start(&shared, document);
        Self { shared, worker }
    }

    fn send(&mut self, request: &Request) -> Observed {
        let exchange = self.worker.request(request);
        let body = match &exchange.reply {
            Some(_) if request.method == "HEAD" => String::new(),
            Some(_) => exchange.body(),
            None => upstream_report(&exchange).to_string(),
        };
        let headers = exchange.response.iter().filter(|(name, _)| *name != ":status");
        Observed {
            status: exchange.status(),
            headers: comparable(headers, exchange.reply.is_some()),
            body: body.lines().map(str::to_owned).collect(),
        }
    }
}

/// What the emulator's upstream got, in the form in which the upstream of [`config`] reports it.
fn upstream_report(exchange: &Exchange) -> Value {
    let mut report = json!({});
    for name in REPORTED {
        report[name] = exchange.upstream_header(name).into();
    }
    for name in STATES {
        report[name] = exchange.state(name).into();
    }
    report
}
