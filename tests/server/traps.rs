//! What the official clients need of the wire, and no standard says: each a test of its own.

use serde_json::json;
use testbed::operator::{now, unsigned};
use testbed::{Client, Operator, Request, Response};

use crate::attacks::document;
use crate::fixture::{Place, Server, admin};

fn serve() -> (Place, Server) {
    let place = Place::new(&document());
    let server = place.serve(&[]);
    (place, server)
}

fn send(server: &Server, request: &Request) -> Response {
    Client::new(server.address).send(request).expect("the server answers")
}

/// A request that is signed for the host `signed` and sent to the host `sent`.
fn answer(server: &Server, operator: &Operator, signed: &str, sent: &str) -> String {
    let mut request = operator.sign(unsigned(signed, "DescribeApiKeysStatus", &json!({})), now());
    request.headers[0].1 = sent.as_bytes().to_vec();
    send(server, &request).text()
}

#[test]
fn the_host_that_tccli_sends_is_a_url() {
    let (_place, server) = serve();
    let host = format!("http://{}", server.address);
    let answer = answer(&server, &admin(), &host, &host);
    assert!(answer.contains("\"TotalCount\":2"), "{answer}");
}

#[test]
fn the_host_that_the_node_sdk_signs_has_no_port() {
    let (_place, server) = serve();
    let answer = answer(&server, &admin(), &server.address.ip().to_string(), &server.address.to_string());
    assert!(answer.contains("\"TotalCount\":2"), "{answer}");
}

#[test]
fn the_service_that_is_signed_is_any_word() {
    let (_place, server) = serve();
    let operator = Operator { service: "127".to_owned(), ..admin() };
    let host = server.address.to_string();
    let answer = answer(&server, &operator, &host, &host);
    assert!(answer.contains("\"TotalCount\":2"), "{answer}");
}

#[test]
fn an_error_has_the_status_and_the_very_type_of_a_success() {
    let (_place, server) = serve();
    let host = server.address.to_string();
    let good = unsigned(&host, "DescribeApiKeysStatus", &json!({}));
    let refused = unsigned(&host, "DescribeApiKey", &json!({"AccessKeyId": "AKIDnobody"}));
    for request in [admin().sign(good.clone(), now()), admin().sign(refused, now()), good] {
        let response = send(&server, &request);
        assert_eq!(response.status, 200);
        assert_eq!(response.all("content-type"), ["application/json"]);
    }
}

#[test]
fn the_action_may_be_signed_in_lower_case() {
    let (_place, server) = serve();
    let mut operator = admin();
    operator.headers.push("x-tc-action".to_owned());
    let host = server.address.to_string();
    let answer = answer(&server, &operator, &host, &host);
    assert!(answer.contains("\"TotalCount\":2"), "{answer}");
}

/// Terraform disables a key and deletes it: two requests with the same body, and the action is not signed.
#[test]
fn a_client_that_waits_for_answers_never_makes_a_signature_twice() {
    let (_place, server) = serve();
    let id = json!({"AccessKeyId": "AKIDbeta0001"});
    for action in ["DescribeApiKey", "EnableApiKey", "DisableApiKey", "DeleteApiKey"] {
        let answer = server.ask(action, &id);
        assert!(answer["Error"].is_null(), "{action}: {answer}");
    }
}
