//! Identity fields in trailers do not reach the upstream (`docs/rules.md#identity`).

use serde_json::{Value, json};
use testbed::{Client, Config, Envoy, Http2Client, Recorder, Request};

use super::{acme, document, get};

/// The listener reads trailers of HTTP/1.1 as well.
fn with_trailers(config: Config) -> Config {
    config.edit(|tree| {
        let ingress = &mut tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
        ingress["typed_config"]["http_protocol_options"] = json!({"enable_trailers": true});
    })
}

/// `request` with forged identity fields after its body, and one trailer of its own.
fn forging(request: Request) -> Request {
    let names = [
        "x-usage-plan-id",
        "x-usage-plan-environment",
        "x-secret-id",
        "x-secret-id",
        "x.secret.id",
        "x-service-id",
    ];
    let request = request.method("POST").body("a body").trailer("x-checksum", "1");
    names.into_iter().fold(request, |request, name| request.trailer(name, "forged"))
}

fn observing() -> Value {
    let mut document = document();
    document["options"] = json!({"enforcement": "observe"});
    document
}

#[test]
fn forged_identity_fields_in_trailers_never_reach_the_upstream() {
    let recorder = Recorder::start();
    let enforced = Envoy::start(&recorder.behind(with_trailers(Config::plain().document(document()))));
    let observed = Envoy::start(&recorder.behind(with_trailers(Config::plain().document(observing()))));
    let signed = || forging(acme().sign(get("/release/x")));
    let anonymous = || forging(Request::get("open.example.com", "/release/x"));
    for (envoy, request, outcome) in [
        (&enforced, signed(), "allowed"),
        (&enforced, anonymous(), "anonymous"),
        (&observed, signed(), "allowed"),
        (&observed, forging(get("/release/x")), "would_credential_missing"),
        (&observed, forging(Request::get("a.example.com", "/x")), "would_service_not_found"),
    ] {
        let mut http1 = Client::new(envoy.ingress());
        let mut http2 = Http2Client::new(envoy.ingress());
        for response in
            [http1.send(&request), http2.send(&request).map(|response| response.expect("an answer"))]
        {
            assert_eq!(response.expect("an answer").status, 200, "{outcome}");
        }
        let requests = recorder.take();
        assert_eq!(requests.len(), 2, "{outcome}");
        for request in requests {
            assert_eq!(request.trailers, [(b"x-checksum".to_vec(), b"1".to_vec())], "{outcome}");
        }
    }
}

#[test]
fn trailers_of_a_request_that_is_refused_do_no_harm() {
    let recorder = Recorder::start();
    let envoy = Envoy::start(&recorder.behind(with_trailers(Config::plain().document(document()))));
    let refused = forging(get("/release/x"));
    let mut http2 = Http2Client::new(envoy.ingress());
    for _ in 0..20 {
        // Over HTTP/1.1 Envoy ends the connection of a request that it has answered early.
        let response = Client::new(envoy.ingress()).send(&refused).expect("an answer");
        assert_eq!(response.status, 401, "{}", response.text());
        let response = http2.send(&refused).expect("a connection").expect("an answer");
        assert_eq!(response.status, 401, "{}", response.text());
        let signed = http2.send(&forging(acme().sign(get("/release/x")))).expect("a connection");
        assert_eq!(signed.expect("an answer").status, 200);
    }
    assert_eq!(recorder.take().len(), 20);
    assert_eq!(envoy.filter_failures(), 0, "a request brought the filter down");
}
