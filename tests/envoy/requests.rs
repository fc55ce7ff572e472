//! What becomes of a request between the wire, Envoy's own rules and the filter.

mod guard;
mod headers;
mod http2;
mod identity;
mod kinds;
mod limit_headers;
mod operator;
mod paths;
mod upstream;

use serde_json::Value;
use testbed::{Client, Envoy, Request, Response, Signer};

/// The environment `release` of orders has plans with limits, the others (`test` is the default) one without; a
/// service that asks for no credential.
const DOCUMENT: &str = r#"{
  "services": [
    { "id": "service-orders", "name": "orders", "domains": ["orders.example.com"], "default_environment": "test" },
    { "id": "service-open", "name": "open", "domains": ["open.example.com"], "authentication": "none" }
  ],
  "keys": [
    { "name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001" },
    { "name": "trial", "secret_id": "AKIDtrial001", "secret_key": "trial-secret-key-0001" }
  ],
  "usage_plans": [
    { "id": "strict", "name": "strict", "max_requests_per_second": 1000, "keys": ["AKIDacme0001"],
      "environments": [
        { "service": "service-orders", "environment": "release" }, { "service": "service-open", "environment": "release" }
      ] },
    { "id": "single", "name": "single", "max_requests_per_second": 1, "keys": ["AKIDtrial001"],
      "environments": [{ "service": "service-orders", "environment": "release" }] },
    { "id": "lax", "name": "lax", "keys": ["AKIDacme0001"],
      "environments": [
        { "service": "service-orders", "environment": "test" }, { "service": "service-orders", "environment": "prepub" }
      ] }
  ]
}"#;

/// The key on the plans `strict` and `lax`.
fn acme() -> Signer {
    Signer::new("AKIDacme0001", "acme-secret-key-0001")
}

/// The key on the plan `single`: one request per second.
fn trial() -> Signer {
    Signer::new("AKIDtrial001", "trial-secret-key-0001")
}

/// `GET target` of the service that asks for a credential.
fn get(target: &str) -> Request {
    Request::get("orders.example.com", target)
}

/// The answer to `request` over HTTP/1.1, on a connection of its own.
fn send(envoy: &Envoy, request: &Request) -> Response {
    Client::new(envoy.ingress()).send(request).expect("an answer")
}

/// What the shipped upstream says it got.
fn received(response: &Response) -> Value {
    assert_eq!(response.status, 200, "{}", response.text());
    serde_json::from_str(&response.text()).expect("the upstream answers in JSON")
}

/// The filter's refusal in its own words.
fn assert_refused(response: &Response, status: u16, message: &str) {
    assert_eq!(response.text(), format!("{{\"message\":\"{message}\"}}\n"));
    assert_eq!(response.status, status, "{message}");
}

/// How many requests Envoy has sent to the upstream.
fn sent_upstream(envoy: &Envoy) -> String {
    let stats = envoy.stats().expect("statistics");
    stats.get("cluster.upstream.upstream_rq_total").expect("the cluster of the shipped configuration").clone()
}
