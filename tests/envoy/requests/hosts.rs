//! No spelling of a host reaches a laxer service (`docs/rules.md#routing`).

use serde_json::json;
use testbed::{Client, Config, Envoy, Request};

use super::{assert_refused, document};

#[test]
fn no_spelling_of_a_host_reaches_the_service_that_answers_on_any_host() {
    let mut document = document();
    document["services"][1]["domains"] = json!(["*"]);
    let envoy = Envoy::start(&Config::plain().document(document));
    // Each request has a new connection: Envoy ends it when it refuses a request itself.
    let send =
        |host: &str| Client::new(envoy.ingress()).send(&Request::get(host, "/release/x")).expect("an answer");
    assert_eq!(send("other.example.com").status, 200);
    for host in [
        "orders.example.com",
        "Orders.Example.com",
        "orders.example.com.",
        "orders.example.com.:80",
        "orders.example.com:0080",
        "orders.example.com:",
    ] {
        let response = send(host);
        let message = "HMAC signature cannot be verified, a validate authorization header is required";
        assert_refused(&response, 401, message);
    }
    for host in
        ["orders.example.com:8x", "orders.example.com:80:80", "orders.example.com..", "u@orders.example.com"]
    {
        let response = send(host);
        // Envoy refuses some of these itself.
        assert!(matches!(response.status, 400 | 404), "{host}: {}", response.text());
    }
}
