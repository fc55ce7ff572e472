//! A request on its way from the wire through Envoy's own rules and the filter.

mod cors;
mod guard;
mod headers;
mod hosts;
mod http2;
mod identity;
mod kinds;
mod limit_headers;
mod operator;
mod paths;
mod trailers;
mod upstream;
mod usage;

use serde_json::{Value, json};
use testbed::{Client, Config, Envoy, Request, Response, Shared, Signer};

/// Two services. The environment `release` of `orders` has plans with limits, its others (`test` is the
/// default) a plan without. `open` asks for no credential.
fn document() -> Value {
    let bound = |service, environment| json!({"service": service, "environment": environment});
    let release = || bound("service-orders", "release");
    json!({
        "services": [
            {"id": "service-orders", "name": "orders", "domains": ["orders.example.com"],
             "default_environment": "test"},
            {"id": "service-open", "name": "open", "domains": ["open.example.com"],
             "authentication": "none"},
        ],
        "keys": [
            {"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"},
            {"name": "trial", "secret_id": "AKIDtrial001", "secret_key": "trial-secret-key-0001"},
        ],
        "usage_plans": [
            {"id": "strict", "name": "strict", "max_requests_per_second": 1000, "keys": ["AKIDacme0001"],
             "environments": [release(), bound("service-open", "release")]},
            {"id": "single", "name": "single", "max_requests_per_second": 1, "keys": ["AKIDtrial001"],
             "environments": [release()]},
            {"id": "lax", "name": "lax", "keys": ["AKIDacme0001"],
             "environments": [bound("service-orders", "test"), bound("service-orders", "prepub")]},
        ],
    })
}

/// The shipped configuration with [`document`], for tests that ask what a request is answered, and nothing
/// that is counted or logged.
static SHIPPED: Shared = Shared::new(|| Config::plain().document(document()));

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

/// The answer to `request` over HTTP/1.1, on a new connection.
fn send(envoy: &Envoy, request: &Request) -> Response {
    Client::new(envoy.ingress()).send(request).expect("an answer")
}

/// What the shipped upstream has received, which is its answer.
fn received(response: &Response) -> Value {
    assert_eq!(response.status, 200, "{}", response.text());
    serde_json::from_str(&response.text()).expect("the upstream answers in JSON")
}

/// Asserts that the filter has refused the request with that status and message.
fn assert_refused(response: &Response, status: u16, message: &str) {
    assert_eq!(response.text(), format!("{{\"message\":\"{message}\"}}\n"));
    assert_eq!(response.status, status, "{message}");
}

/// How many requests Envoy has sent to the upstream.
fn sent_upstream(envoy: &Envoy) -> String {
    let stats = envoy.stats().expect("statistics");
    stats.get("cluster.upstream.upstream_rq_total").expect("the cluster of the shipped configuration").clone()
}

/// The first refusal of the calls that `send` makes on a plan of one request per second.
///
/// On a slow machine a call may come a second after the previous one, and is admitted. Hundreds of calls do
/// not all come so late.
fn first_refusal(mut send: impl FnMut() -> Response, is_refusal: impl Fn(&Response) -> bool) -> Response {
    (0..300).map(|_| send()).find(is_refusal).expect("a plan of one request per second admitted 300 calls")
}
