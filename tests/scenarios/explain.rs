//! The explanation of a request never disagrees with the filter: both judge each request, at the same time.

mod both;

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use testbed::{Request, Signer};

use self::both::Both;
use crate::caller::{DOCUMENT, document_replacing, document_with, http_date};
use crate::host::START;

const SECOND: u64 = 1_000_000_000;

fn acme() -> Signer {
    Signer::new("AKIDacme0001", "acme-secret-key-0001")
}

fn get(path: &str) -> Request {
    Request::get("orders.example.com", path).header("x-date", http_date(START))
}

/// `request` with `from` in its credential replaced by `to`.
fn with_credential(mut request: Request, from: &str, to: &str) -> Request {
    let (_, credential) = request.headers.last_mut().expect("the credential is the last header");
    let text = String::from_utf8(credential.clone()).expect("text");
    assert!(text.contains(from), "{from} is not in {text}");
    *credential = text.replace(from, to).into_bytes();
    request
}

#[test]
fn on_every_refusal_and_what_comes_before_it() {
    let mut both = Both::start(DOCUMENT);
    let whole = || acme().sign(get("/release/x"));
    let swap = |from: &str, to: &str| with_credential(whole(), from, to);
    let dated = |nanos: u64| {
        acme().sign(Request::get("orders.example.com", "/release/x").header("x-date", http_date(nanos)))
    };
    let signer = |id: &str, key: &str| Signer::new(id, key).sign(get("/release/x"));
    let rows = [
        ("allowed", whole()),
        ("allowed", acme().sign(get("/x?y=/test")).header("x-secret-id", "me").header("x_service_id", "me")),
        ("allowed", acme().headers(&["Host", "X-Date"]).sign(get("/release"))),
        ("allowed", swap("hmac id", "HMAC   id")),
        ("allowed", acme().headers(&["x-date", "x"]).sign(get("/release/x").header("X", b"\xff, b|c \t"))),
        ("allowed", acme().headers(&["x-date", "x"]).sign(get("/release/x").header("X", ""))),
        ("service_not_found", Request::get("a.example:8080", "/")),
        ("service_not_found", Request::bare("GET", "/")),
        ("environment_not_found", acme().sign(get("/live/../x"))),
        ("environment_not_found", acme().sign(get("//release/x"))),
        ("environment_not_found", acme().sign(get("/%72elease/x"))),
        ("credential_missing", get("/release/x")),
        ("credential_missing", get("/release/x").header("authorization", "Basic eDp5")),
        ("credential_missing", get("/release/x").header("proxy-authorization", "hmac id=\"x\"")),
        ("credential_malformed", whole().header("authorization", "hmac id=\"x\"")),
        ("credential_malformed", swap("\"AKIDacme0001\"", "AKIDacme0001")),
        ("credential_malformed", swap("x-date", "x-date X-DATE")),
        ("credential_malformed", swap("x-date", "")),
        ("credential_malformed", swap("hmac id", "hmac \u{e9}id")),
        ("credential_incomplete", swap("id=\"AKIDacme0001\", ", "")),
        ("credential_empty", swap("AKIDacme0001", "")),
        ("algorithm_not_supported", swap("hmac-sha1", "HMAC-SHA1")),
        ("date_not_signed", swap("x-date", "host")),
        ("signed_header_missing", swap("x-date", "x-date source")),
        (
            "signed_header_missing",
            acme().headers(&["x-date", "x"]).sign(get("/release/x").header("x", "x".repeat(4097))),
        ),
        (
            "signed_header_repeated",
            acme().headers(&["x-date", "x"]).sign(get("/release/x").header("x", "1").header("x", "2")),
        ),
        (
            "signature_mismatch",
            acme()
                .headers(&["x-date", "accept"])
                .sign(get("/release/x").header("accept", "1").header("accept", "2")),
        ),
        (
            "date_invalid",
            acme().sign(Request::get("orders.example.com", "/release/x").header("x-date", "soon")),
        ),
        ("date_out_of_range", dated(START - 901 * SECOND)),
        ("date_out_of_range", dated(START + 901 * SECOND)),
        ("allowed", dated(START - 900 * SECOND)),
        ("key_unknown", signer("AKIDnobody", "acme-secret-key-0001")),
        ("key_disabled", signer("AKIDbeta0001", "beta-secret-key-0001")),
        ("key_not_bound", signer("AKIDfree0001", "free-secret-key-0001")),
        ("signature_mismatch", signer("AKIDacme0001", "another-secret-key")),
        ("signature_mismatch", swap("signature=\"", "signature=\" ")),
        ("no_usage_plan", acme().sign(get("/test/x"))),
        ("no_usage_plan", get("/test/x")),
    ];
    for (expected, request) in rows {
        assert_eq!(both.outcome(&request), expected);
    }
}

#[test]
fn on_what_the_document_says_of_services_keys_and_options() {
    let signed = || acme().sign(get("/release/x"));
    let service = |more: &str| document_replacing("\"default_environment\": \"release\"", more);
    let key = |more: &str| document_replacing("\"name\": \"acme\",", &format!("\"name\": \"acme\", {more},"));
    let stale = Request::get("orders.example.com", "/release/x").header("date", http_date(0));
    let stale = acme().headers(&["date"]).sign(stale);
    let mapped = r#""path_mappings": [{"path": "/v1", "environment": "release"}, {"path": "/", "environment": "prepub"}]"#;
    let rotated = r#""previous_secret_key": "older-secret-key-01", "previous_secret_key_not_after": "#;
    let older = || Signer::new("AKIDacme0001", "older-secret-key-01").sign(get("/release/x"));
    let rows: Vec<(&str, String, Request)> = vec![
        (
            "anonymous",
            service("\"authentication\": \"none\""),
            get("/release/x").header("x-service-id", "me"),
        ),
        (
            "anonymous",
            service("\"authentication\": \"none\""),
            get("/test/x").header("authorization", "Bearer x"),
        ),
        ("allowed", service("\"authentication\": \"none\""), signed()),
        (
            "credential_malformed",
            service("\"authentication\": \"none\""),
            get("/release").header("authorization", "hmac"),
        ),
        ("header_not_signed", service("\"required_signed_headers\": [\"host\"]"), signed()),
        (
            "allowed",
            service("\"required_signed_headers\": [\"host\"]"),
            acme().headers(&["x-date", "Host"]).sign(get("/release")),
        ),
        ("environment_not_found", service("\"name\": \"orders\""), acme().sign(get("/x"))),
        ("allowed", service(mapped), acme().sign(get("/v1/x"))),
        ("key_not_bound", service(mapped), signed()),
        ("key_expired", key("\"not_before\": \"2026-01-01T00:00:01Z\""), signed()),
        ("key_expired", key("\"not_after\": \"2025-12-31T23:59:59Z\""), signed()),
        ("allowed", key("\"not_after\": \"2026-01-01T00:00:00Z\""), signed()),
        ("allowed", key(&format!("{rotated}\"2026-01-01T00:00:00Z\"")), older()),
        ("allowed", key(&format!("{rotated}\"2026-01-01T00:00:00Z\"")), signed()),
        ("signature_mismatch", key(&format!("{rotated}\"2025-12-31T23:59:59Z\"")), older()),
        ("date_out_of_range", DOCUMENT.to_owned(), stale.clone()),
        ("allowed", document_with(r#"{"date_header": "unchecked"}"#), stale),
        ("algorithm_not_supported", document_with(r#"{"allowed_algorithms": ["hmac-sha256"]}"#), signed()),
        ("date_out_of_range", document_with(r#"{"clock_skew_seconds": 0}"#), {
            let date = http_date(START + SECOND);
            acme().sign(Request::get("orders.example.com", "/release").header("x-date", date))
        }),
        (
            "credential_malformed",
            document_with(r#"{"legacy_auth_status": 403}"#),
            get("/release").header("authorization", "hmac"),
        ),
        (
            "key_unknown",
            document_with(r#"{"error_format": "problem"}"#),
            with_credential(signed(), "acme", "nobody"),
        ),
        (
            "allowed",
            document_with(r#"{"forward_authorization": true, "forward_environment_prefix": true}"#),
            signed(),
        ),
        ("would_credential_missing", document_with(r#"{"enforcement": "observe"}"#), get("/release/x")),
        ("would_no_usage_plan", document_with(r#"{"enforcement": "observe"}"#), get("/test/x")),
        (
            "would_service_not_found",
            document_with(r#"{"enforcement": "observe"}"#),
            Request::get("a.example", "/x").header("x-secret-id", "me"),
        ),
        (
            "would_environment_not_found",
            document_with(r#"{"enforcement": "observe"}"#),
            Request::get("orders.example.com", "//release/x").header("authorization", "Bearer x"),
        ),
        (
            "would_signature_mismatch",
            document_with(r#"{"enforcement": "observe"}"#),
            with_credential(signed(), "signature=\"", "signature=\"AAAA"),
        ),
        ("allowed", document_with(r#"{"enforcement": "observe"}"#), signed()),
    ];
    for (expected, document, request) in rows {
        assert_eq!(Both::start(&document).outcome(&request), expected, "{document}");
    }
}

/// Pieces of requests that are right, nearly right and wrong, in any combination.
#[test]
fn on_requests_put_together_at_random() {
    // The right one half of the time, for a request to get past the first question.
    let pick = |right: &'static str, others: &'static [&'static str]| {
        prop_oneof![Just(right), prop::sample::select(others)]
    };
    let names = ["x-date", "X-Date", "source", "Host", "date", "accept"];
    let headers =
        [("source", "a, b"), ("source", " c\t"), ("date", "soon"), ("accept", "x"), ("accept", "y")];
    let requests = (
        prop_oneof![3 => Just("orders.example.com"), 1 => Just("ORDERS.example.com:80"), 1 => Just("nobody.example.com")],
        pick(
            "/release/x",
            &["/prepub", "/test/x", "/x", "//release", "/release/%2e%2e/x", "/releasex?/test"],
        ),
        pick("AKIDacme0001", &["AKIDbeta0001", "AKIDfree0001", "AKIDnobody"]),
        pick("acme-secret-key-0001", &["free-secret-key-0001"]),
        prop_oneof![Just(vec!["x-date"]), prop::sample::subsequence(names.to_vec(), 1..5).prop_shuffle()],
        prop::sample::subsequence(headers.to_vec(), 0..4),
        prop_oneof![3 => Just(0u64), 1 => 880u64..920],
        prop::option::weighted(0.2, "[a-z\"=, ]{0,3}"),
    );
    let (both, seen) = (RefCell::new(Both::start(DOCUMENT)), RefCell::new(BTreeSet::new()));
    let mut runner = TestRunner::new(Config { cases: 1000, failure_persistence: None, ..Config::default() });
    let result = runner.run(&requests, |(host, path, id, key, signed, headers, age, insert)| {
        let request = Request::get(host, path).header("x-date", http_date(START - age * SECOND));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let mut request = Signer::new(id, key).headers(&signed).sign(request);
        if let Some(insert) = insert {
            request = with_credential(request, ", ", &format!("{insert}, "));
        }
        let outcome = both.borrow_mut().outcome(&request);
        seen.borrow_mut().insert(outcome);
        Ok(())
    });
    result.expect("both agree");
    let seen = seen.into_inner();
    assert!(seen.contains("allowed") && seen.len() > 5, "{seen:?}");
}
