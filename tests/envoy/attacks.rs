//! The corpus of attacks (`tests/vectors/attacks/`) on a real Envoy, over HTTP/1.1 and HTTP/2, with the
//! shipped configurations.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};
use testbed::attacks::{Corpus, Observed, Target, faults};
use testbed::{
    Algorithm, Client, Config, Envoy, Http2Client, Recorder, Request, Response, Signer, Verdict, Version,
};

/// The header that shows a caller of these tests the filter's outcome.
const OUTCOME: &str = "x-outcome";

#[test]
fn every_attack_gets_what_the_corpus_says_over_http_1_and_http_2() {
    let corpus = Corpus::read();
    let cases = corpus.by_document();
    let recorder = Recorder::start();
    let version = Version::of_envoy().expect("an Envoy");
    let mut wrong = Vec::new();
    // One document is in Envoy's configuration, the others come one after the other through a watched file.
    let (main, others): (Vec<&str>, Vec<&str>) = cases.keys().copied().partition(|name| *name == "main");
    for (config, names) in [(Config::plain(), main), (Config::hot_reload(), others)] {
        let first = &corpus.documents[names[0]];
        let envoy = Envoy::start(&shown(recorder.behind(config.document(first))));
        let mut callers = Callers::of(&envoy);
        let spent = Signer::new("AKIDspent001", "spent-secret-key-0001").algorithm(Algorithm::Sha256);
        let once = spent.sign(Request::get("orders.example.com", "/release/x"));
        assert_eq!(callers.send(Target::Http1, &once).map(|response| response.status), Some(200));
        assert_eq!(recorder.take().len(), 1);
        for name in names {
            let document = &corpus.documents[name];
            if document != first {
                assert_eq!(envoy.publish(document).expect("a verdict"), Verdict::Accepted, "{name}");
            }
            for case in cases[name].iter().filter(|case| case.emulator_only.is_none()) {
                for target in [Target::Http1, Target::Http2] {
                    let request = case.request(document, SystemTime::now());
                    let response = callers.send(target, &request);
                    let observed = observed(response, &recorder);
                    let found = faults(&case.on(version), target, &observed);
                    wrong.extend(found.into_iter().map(|fault| format!("{target:?} {}: {fault}", case.name)));
                }
            }
        }
        assert_eq!(envoy.filter_failures(), 0, "a request brought the filter down");
        let spent = envoy.metric("usage_plan_requests", &[("plan", "spent"), ("outcome", "allowed")]);
        assert_eq!(spent, 1.0, "a quota of one request admitted more");
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_attack_gets_past_the_guard_when_the_filter_does_not_run() {
    let corpus = Corpus::read();
    let recorder = Recorder::start();
    let deaf = recorder.behind(Config::plain().document(&corpus.documents["main"])).deaf();
    let envoy = Envoy::start(&shown(deaf));
    let mut callers = Callers::of(&envoy);
    let mut seen = BTreeMap::new();
    for case in corpus.by_document().remove("main").expect("cases") {
        for target in [Target::Http1, Target::Http2] {
            let request = case.request(&corpus.documents["main"], SystemTime::now());
            let status = callers.send(target, &request).map(|response| response.status);
            let by_envoy = status.is_none_or(|status| matches!(status, 400 | 403 | 404 | 431 | 501 | 503));
            assert!(by_envoy, "{target:?} {}: {status:?}", case.name);
            *seen.entry(status).or_insert(0) += 1;
            assert_eq!(recorder.take(), [], "{target:?} {}", case.name);
        }
    }
    assert!(seen.get(&Some(503)).is_some_and(|times| *times > 200), "{seen:?}");
}

/// The listener reads trailers of HTTP/1.1, and each answer shows the filter's outcome.
fn shown(config: Config) -> Config {
    config.edit(|tree| {
        let ingress = &mut tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
        let manager = &mut ingress["typed_config"];
        manager["http_protocol_options"] = json!({"enable_trailers": true});
        // A connection whose request the codec refuses stays open for this long: by default a second.
        manager["delayed_close_timeout"] = json!("0.01s");
        let value = "%FILTER_STATE(wasm.usage_plan_outcome:PLAIN)%";
        let header = json!([{"header": {"key": OUTCOME, "value": value},
            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}]);
        manager["route_config"]["response_headers_to_add"] = header.clone();
        // The answers that no upstream gave. The guard's own mapper comes first.
        let any = json!({"status_code_filter": {"comparison":
            {"op": "GE", "value": {"default_value": 100, "runtime_key": "tests.any_status"}}}});
        let mappers: &mut Value = &mut manager["local_reply_config"]["mappers"];
        let mappers = mappers.as_array_mut().expect("the guard's mapper is shipped");
        mappers.push(json!({"filter": any, "headers_to_add": header}));
    })
}

/// A connection for each protocol.
struct Callers {
    http1: Client,
    http2: Http2Client,
}

// === impl Callers ===

impl Callers {
    fn of(envoy: &Envoy) -> Self {
        Self { http1: Client::new(envoy.ingress()), http2: Http2Client::new(envoy.ingress()) }
    }

    /// The answer; `None` when Envoy ends the stream or the connection without one.
    fn send(&mut self, target: Target, request: &Request) -> Option<Response> {
        match target {
            Target::Http2 => self.http2.send(request).expect("Envoy speaks HTTP/2"),
            _ => self.http1.send(request).ok(),
        }
    }
}

fn observed(response: Option<Response>, recorder: &Recorder) -> Observed {
    let upstream = recorder.take();
    let Some(response) = response else { return Observed { upstream, ..Observed::default() } };
    let shown = response.header(OUTCOME).filter(|outcome| outcome != "-");
    let text =
        |(name, value): &(String, Vec<u8>)| (name.clone(), String::from_utf8_lossy(value).into_owned());
    Observed {
        status: Some(response.status),
        outcome: shown,
        answer: response.headers.iter().map(text).collect(),
        body: response.body,
        upstream,
    }
}
