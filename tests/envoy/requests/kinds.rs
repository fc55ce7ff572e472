//! Requests of every kind: HEAD, gRPC, upgrades, CONNECT.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;
use testbed::{Client, Config, Envoy, Request, Response};

use super::upstream::Upstream;
use super::{SHIPPED, acme, assert_refused, document, first_refusal, get, http2, send, trial};
use crate::PATIENCE;

const MISSING: &str = "HMAC signature cannot be verified, a validate authorization header is required";

#[test]
fn a_refused_head_has_headers_and_no_body() {
    let envoy = SHIPPED.envoy();
    let mut client = Client::new(envoy.ingress());
    let head = client.send(&get("/release/x").method("HEAD")).expect("an answer");
    assert_eq!((head.status, head.text().as_str()), (401, ""));
    assert_eq!(head.header("www-authenticate").as_deref(), Some("hmac realm=\"service-orders\""));
    // A body on the connection would be read as the next answer.
    assert_refused(&client.send(&get("/release/x")).expect("an answer"), 401, MISSING);
}

#[test]
fn a_refused_grpc_call_gets_a_grpc_status_and_message() {
    let envoy = SHIPPED.envoy();
    for send in [send, http2::send] {
        let call = |request: Request| {
            send(&envoy, &request.method("POST").header("content-type", "application/grpc"))
        };
        let assert_status = |response: Response, status: &str, message: &str| {
            assert_eq!((response.status, response.text().as_str()), (200, ""));
            assert_eq!(response.header("grpc-status").as_deref(), Some(status), "{message}");
            let shown = response.header("grpc-message").unwrap_or_default();
            assert!(shown.contains(&format!("{{\"message\":\"{message}\"}}")), "{shown}");
        };
        // UNAUTHENTICATED, UNIMPLEMENTED, PERMISSION_DENIED, UNAVAILABLE
        assert_status(call(get("/release/orders.Orders/Get")), "16", MISSING);
        let nowhere = Request::get("a.example.com", "/release/orders.Orders/Get");
        assert_status(call(nowhere), "12", "There is no api match host[a.example.com]");
        let unavailable = |response: &Response| response.header("grpc-status").as_deref() == Some("14");
        let limited = first_refusal(|| call(trial().sign(get("/release/x"))), unavailable);
        assert_eq!(limited.header("retry-after").as_deref(), Some("1"));
        assert_status(limited, "14", "API rate limit exceeded");
    }
}

fn websocket() -> Request {
    let handshake = get("/release/chat").header("connection", "Upgrade").header("upgrade", "websocket");
    handshake.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
}

#[test]
fn a_websocket_is_refused_like_any_request_and_when_signed_reaches_the_upstream_unlike_other_upgrades() {
    let upstream = Upstream::start();
    let envoy = Envoy::start(&upstream.behind(Config::plain().document(document())));
    assert_refused(&send(&envoy, &websocket()), 401, MISSING);
    assert_eq!(upstream.take(), Vec::<String>::new());

    let mut stream = TcpStream::connect(envoy.ingress()).expect("Envoy listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    stream.write_all(&acme().sign(websocket()).bytes()).expect("sent");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("the head of the answer");
        answer.extend(byte);
    }
    let answer = String::from_utf8(answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert!(answer.contains("\r\nx-usageplan-ratelimit: 999/1000\r\n"), "{answer}");
    stream.write_all(b"ping").expect("sent");
    let mut echo = [0; 4];
    stream.read_exact(&mut echo).expect("what the upstream sends back");
    assert_eq!(&echo, b"ping");
    let [head] = &upstream.take()[..] else { panic!("one request went upstream") };
    assert!(head.starts_with("get /chat http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nx-usage-plan-id: strict\r\n"), "{head}");

    // Envoy's own refusal: only WebSockets are configured.
    let other = get("/release/x").header("connection", "Upgrade").header("upgrade", "other");
    assert_eq!(send(&envoy, &acme().sign(other)).status, 403);
    assert_eq!(upstream.take(), Vec::<String>::new());
}

#[test]
fn connect_names_no_environment_even_where_envoy_accepts_it() {
    let connect =
        || Request::bare("CONNECT", "orders.example.com:443").header("host", "orders.example.com:443");
    let message = "There is no api match env_mapping[]";
    let accepting = Config::plain().document(document()).edit(|tree| {
        let ingress = &mut tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
        let manager = &mut ingress["typed_config"];
        manager["upgrade_configs"] = json!([{"upgrade_type": "CONNECT"}]);
        manager["route_config"]["virtual_hosts"][0]["routes"] =
            json!([{"match": {"connect_matcher": {}}, "route": {"cluster": "upstream"}}]);
    });
    for config in [Config::plain().document(document()), accepting] {
        let envoy = Envoy::start(&config);
        assert_refused(&send(&envoy, &connect()), 404, message);
        assert_refused(&send(&envoy, &acme().sign(connect())), 404, message);
        assert_eq!(super::sent_upstream(&envoy), "0");
    }
}
