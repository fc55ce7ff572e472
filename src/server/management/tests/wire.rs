//! Who is let in, with which requests.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::client::{ADA, EVE, Signer, World, small};

const LIST: &str = "DescribeApiKeysStatus";
const REFUSED: Result<(), &str> = Err("AuthFailure.SignatureFailure");

fn list() -> Signer {
    Signer::new(LIST, &json!({"Limit": 5, "Offset": 0}))
}

fn asked(signer: &Signer) -> Result<(), &'static str> {
    World::new(&small()).ask(&signer.sign()).map(drop)
}

#[test]
fn the_python_sdk_signs_the_host_with_its_port() {
    assert_eq!(asked(&list()), Ok(()));
}

#[test]
fn tccli_sends_and_signs_a_host_with_a_scheme() {
    let host = "http://127.0.0.1:8088";
    assert_eq!(asked(&Signer { host, signed_host: host, ..list() }), Ok(()));
}

#[test]
fn the_node_sdk_signs_the_host_without_its_port_and_its_first_label_as_service() {
    assert_eq!(asked(&Signer { signed_host: "127.0.0.1", service: "127", ..list() }), Ok(()));
    assert_eq!(asked(&Signer { signed_host: "127.0.0.2", service: "127", ..list() }), REFUSED);
}

#[test]
fn other_clients_sign_the_action_as_it_is_or_in_lower_case() {
    let signed = "content-type;host;x-tc-action";
    let content_type = "application/json; charset=utf-8";
    for signed_action in [None, Some(LIST.to_lowercase())] {
        assert_eq!(asked(&Signer { signed, content_type, signed_action, ..list() }), Ok(()));
    }
    let signed_action = Some("DeleteApiKey".to_owned());
    assert_eq!(asked(&Signer { signed, signed_action, ..list() }), REFUSED);
}

#[test]
fn a_get_request_has_its_parameters_in_the_query_that_is_signed() {
    let query = "Limit=5&Filters.0.Name=SecretName&Filters.0.Values.0=acme".to_owned();
    let content_type = "application/x-www-form-urlencoded";
    let get = Signer { method: Method::GET, query, content_type, body: String::new(), ..list() };
    let world = World::new(&small());
    let answer = world.ask(&get.sign()).expect("an answer");
    assert_eq!(answer["Result"]["TotalCount"], 1);
    let mut changed = get.sign();
    changed.query = changed.query.replace("acme", "beta");
    assert_eq!(world.ask(&changed).map(drop), REFUSED);
}

#[test]
fn what_is_signed_cannot_be_changed() {
    let world = World::new(&small());
    let mut call = list().sign();
    call.body = json!({"Limit": 6, "Offset": 0}).to_string().into();
    assert_eq!(world.ask(&call).map(drop), REFUSED);
    let mut call = list().sign();
    call.headers.insert("host", HeaderValue::from_static("example.com"));
    assert_eq!(world.ask(&call).map(drop), REFUSED);
    let mut call = list().sign();
    call.headers.insert("content-type", HeaderValue::from_static("text/plain"));
    assert_eq!(world.ask(&call).map(drop), REFUSED);
    let mut call = list().sign();
    call.method = Method::GET;
    assert_eq!(world.ask(&call).map(drop), REFUSED);
}

#[test]
fn a_request_is_taken_for_five_minutes_and_its_day_is_that_of_its_time() {
    for shift in [-295, 295] {
        assert_eq!(asked(&Signer { shift, ..list() }), Ok(()), "{shift}");
    }
    for shift in [-305, 305, -86_400] {
        assert_eq!(asked(&Signer { shift, ..list() }), Err("AuthFailure.SignatureExpire"), "{shift}");
    }
    assert_eq!(asked(&Signer { date: Some("2020-01-01"), ..list() }), REFUSED);
}

#[test]
fn whoever_is_no_operator_is_not_let_in() {
    let operator = (ADA.0, "another-secret-key-1");
    assert_eq!(asked(&Signer { operator, ..list() }), REFUSED);
    // A key of the document is a caller's.
    let operator = ("AKIDacme01", "acme-secret-key-1");
    assert_eq!(asked(&Signer { operator, ..list() }), Err("AuthFailure.SecretIdNotFound"));
}

#[test]
fn what_leaves_something_unsigned_is_refused() {
    let unsigned = vec![("x-tc-content-sha256", "UNSIGNED-PAYLOAD")];
    assert_eq!(asked(&Signer { more: unsigned, ..list() }), REFUSED);
    assert_eq!(asked(&Signer { more: vec![("authorization", "SKIP")], ..list() }), REFUSED);
    let token = vec![("x-tc-token", "token")];
    assert_eq!(asked(&Signer { more: token, ..list() }), Err("AuthFailure.TokenFailure"));
    let mut call = list().sign();
    call.headers.remove("authorization");
    assert_eq!(World::new(&small()).ask(&call).map(drop), REFUSED);
}

#[test]
fn a_header_that_is_sent_twice_is_not_taken() {
    let world = World::new(&small());
    for name in ["authorization", "x-tc-timestamp", "x-tc-action", "host"] {
        let mut call = list().sign();
        let value = call.headers[name].clone();
        call.headers.append(axum::http::HeaderName::from_static(name), value);
        assert!(world.ask(&call).is_err(), "{name}");
    }
}

#[test]
fn a_version_and_an_action_must_be_known() {
    assert_eq!(asked(&Signer { version: "2017-03-12", ..list() }), Err("NoSuchVersion"));
    assert_eq!(asked(&Signer { action: "DeleteEverything".to_owned(), ..list() }), Err("InvalidAction"));
    let action = "CreatePlugin".to_owned();
    assert_eq!(asked(&Signer { action, ..list() }), Err("UnsupportedOperation.InvalidAction"));
    assert_eq!(asked(&Signer { action: String::new(), ..list() }), Err("MissingParameter"));
    assert_eq!(asked(&Signer { body: "{\"Colour\": 1}".to_owned(), ..list() }), Err("UnknownParameter"));
    assert_eq!(asked(&Signer { body: "[]".to_owned(), ..list() }), Err("InvalidParameter"));
}

#[test]
fn a_request_that_edits_is_taken_once_and_as_no_other_action() {
    let world = World::new(&small());
    let disable = Signer::new("DisableApiKey", &json!({"AccessKeyId": "AKIDacme01"})).sign();
    assert_eq!(world.ask(&disable).map(drop), Ok(()));
    assert_eq!(world.ask(&disable).map(drop), REFUSED, "it is sent again");
    let mut swapped = disable;
    swapped.headers.insert("x-tc-action", HeaderValue::from_static("DeleteApiKey"));
    assert_eq!(world.ask(&swapped).map(drop), REFUSED, "its action is another one");
    let read = Signer::new("DescribeUsagePlan", &json!({"UsagePlanId": "usagePlan-b"})).sign();
    assert_eq!(world.ask(&read).map(drop), Ok(()));
    assert_eq!(world.ask(&read).map(drop), Ok(()), "a read may come again");
    let mut swapped = read;
    swapped.headers.insert("x-tc-action", HeaderValue::from_static("DeleteUsagePlan"));
    assert_eq!(world.ask(&swapped).map(drop), REFUSED, "nor does a read become an edit");
}

#[test]
fn an_answer_is_held_back_while_its_signature_could_be_that_of_another_action() {
    let world = World::new(&small());
    let is_held = |signer: Signer| world.hold(&signer.sign()).until.is_some();
    assert!(is_held(Signer::new("DescribeUsagePlan", &json!({"UsagePlanId": "usagePlan-b"}))));
    assert!(is_held(Signer::new("DisableApiKey", &json!({"AccessKeyId": "AKIDacme01"}))));
    assert!(is_held(Signer::new("CreateApiKey", &json!({"SecretName": "acme"}))), "it may be tried again");
    assert!(!is_held(Signer::new("CreateApiKey", &json!({"SecretName": "beta"}))));
    assert!(!is_held(list()));
    let signed = "content-type;host;x-tc-action";
    let describe = Signer::new("DescribeUsagePlan", &json!({"UsagePlanId": "usagePlan-a"}));
    assert!(!is_held(Signer { signed, ..describe }), "its action is signed");
    let held = world.hold(&Signer::new("DescribeService", &json!({"ServiceId": "service-a"})).sign());
    let wait = held.until.expect("held").saturating_since(super::super::api::now());
    assert!(wait.as_millis() <= 2000, "{wait:?}");
}

#[test]
fn the_same_change_twice_within_a_second_is_made_once_and_told_how_it_is_made_again() {
    let world = World::new(&small());
    let create = Signer::new("CreateApiKey", &json!({"SecretName": "beta"})).sign();
    assert!(world.hold(&create).answer.is_ok());
    let again = world.hold(&create);
    let failure = again.answer.expect_err("refused");
    assert_eq!(failure.code, "AuthFailure.SignatureFailure");
    assert!(failure.message.contains("same call twice within a second"), "{}", failure.message);
    assert!(failure.message.contains("was not made"), "{}", failure.message);
    assert!(again.until.is_some(), "what is sent again at once is signed in another second");
    assert_eq!(world.document()["keys"].as_array().map(Vec::len), Some(2));
}

#[test]
fn an_address_that_fails_too_often_is_refused_unheard() {
    let world = World::new(&small());
    let wrong = Signer { operator: (ADA.0, "another-secret-key-1"), ..list() }.sign();
    let codes: Vec<_> = (0..110).map(|_| world.ask(&wrong).expect_err("refused")).collect();
    assert_eq!(codes[0], "AuthFailure.SignatureFailure");
    assert!(codes.contains(&"RequestLimitExceeded"));
    assert_eq!(world.ask(&list().sign()).map(drop), Err("RequestLimitExceeded"));
    let mut call = list().sign();
    call.from = "192.0.2.7".parse().expect("an address");
    assert_eq!(world.ask(&call).map(drop), Ok(()), "another address may try");
}

#[test]
fn a_viewer_reads_everything_but_secrets_and_edits_nothing() {
    let world = World::new(&small());
    let answer = world.ask(&Signer { operator: EVE, ..list() }.sign()).expect("an answer");
    let key = &answer["Result"]["ApiKeySet"][0];
    assert_eq!((&key["AccessKeyId"], &key["AccessKeySecret"]), (&json!("AKIDacme01"), &json!("********")));
    let filter = json!({"Filters": [{"Name": "AccessKeySecret", "Values": ["acme-secret-key-1"]}]});
    let find = |operator| {
        let answer = world.ask(&Signer { operator, ..Signer::new(LIST, &filter) }.sign());
        answer.expect("an answer")["Result"]["TotalCount"].clone()
    };
    assert_eq!((find(ADA), find(EVE)), (json!(1), json!(0)));
    let disable = Signer::new("DisableApiKey", &json!({"AccessKeyId": "AKIDacme01"}));
    let refused = world.ask(&Signer { operator: EVE, ..disable }.sign());
    assert_eq!(refused.map(drop), Err("AuthFailure.UnauthorizedOperation"));
    assert!(world.document()["keys"][0].get("status").is_none());
}

/// What the server answers to a request as it comes in, with its status and its type.
fn answered(request: axum::http::Request<Body>) -> (u16, String, Value) {
    let world = World::new(&small());
    world.runtime.block_on(async {
        let response = super::super::http::respond(State(Arc::clone(&world.api)), request).await;
        let (status, kind) = (response.status().as_u16(), response.headers()["content-type"].clone());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let kind = kind.to_str().expect("text").to_owned();
        (status, kind, serde_json::from_slice(&body).expect("JSON"))
    })
}

fn request(call: &super::super::wire::Call) -> axum::http::Request<Body> {
    let mut request = axum::http::Request::new(Body::from(call.body.clone()));
    *request.method_mut() = call.method.clone();
    *request.headers_mut() = call.headers.clone();
    request
}

#[test]
fn the_status_is_always_200_and_the_type_exactly_json() {
    let mut get_out = request(&list().sign());
    *get_out.method_mut() = Method::DELETE;
    let wrong = Signer { operator: (ADA.0, "another-secret-key-1"), ..list() };
    for (request, code) in [
        (request(&list().sign()), None),
        (request(&wrong.sign()), Some("AuthFailure.SignatureFailure")),
        (get_out, Some("UnsupportedProtocol")),
    ] {
        let (status, kind, answer) = answered(request);
        assert_eq!((status, kind.as_str()), (200, "application/json"), "{code:?}");
        let response = &answer["Response"];
        let id = response["RequestId"].as_str().expect("an id");
        assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
        assert_eq!(response["Error"]["Code"].as_str(), code);
        let message = response["Error"]["Message"].as_str();
        assert_eq!(message.is_some_and(|message| message.ends_with('.')), code.is_some(), "{message:?}");
        assert_eq!(response.get("Result").is_some(), code.is_none());
    }
}
