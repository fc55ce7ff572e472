//! How a document reaches the filter: at the start, while Envoy serves, on several listeners, and in what
//! size.

mod large;
mod reload;
mod render;
mod sharing;
mod start;

use serde_json::{Value, json};
use testbed::{Client, Envoy, Request, Response, Signer};

const HOST: &str = "orders.example.com";

/// A key whose plan `shared` admits `limit` requests per second on `host`.
fn document(host: &str, limit: u64) -> Value {
    json!({
        "services": [{"id": "service-orders", "domains": [host], "environments": ["release"]}],
        "keys": [{"secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"}],
        "usage_plans": [{
            "id": "shared", "max_requests_per_second": limit, "keys": ["AKIDacme0001"],
            "environments": [{"service": "service-orders", "environment": "release"}],
        }],
    })
}

/// The same document with a plan that admits `quota` requests in total. What is left of it does not depend on
/// time, and so a test of counters may take as long as it likes.
fn document_with_quota(quota: u64) -> Value {
    let mut document = document(HOST, 1_000_000);
    document["usage_plans"][0]["quotas"] = json!([{"max_requests": quota, "period": "total"}]);
    document
}

/// A call of that key.
fn call() -> Request {
    Signer::new("AKIDacme0001", "acme-secret-key-0001").sign(Request::get(HOST, "/release/x"))
}

/// The answer on a listener of `envoy`.
fn send_to(envoy: &Envoy, listener: usize, request: &Request) -> Response {
    Client::new(envoy.listeners()[listener]).send(request).expect("an answer")
}

/// The status and what is left of the quota, as `remaining/quota`.
fn quota_of(response: &Response) -> (u16, String) {
    (response.status, response.header("x-usageplan-quota").unwrap_or_default())
}

fn admitted(left: &str) -> (u16, String) {
    (200, left.to_owned())
}

fn refused(left: &str) -> (u16, String) {
    (429, left.to_owned())
}
