//! The explanation of a request never disagrees with the filter: both judge each request, at the same time.

mod both;

use std::cell::RefCell;
use std::collections::BTreeSet;

use emulator::START;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use testbed::{Request, Signer};

use self::both::Both;
use crate::caller::{acme, get_at, http_date, undated};
use crate::document::{Document, document_with};

const SECOND: u64 = 1_000_000_000;

fn get(path: &str) -> Request {
    get_at(START, path)
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
    let mut both = Both::start(Document::new());
    let whole = || acme().sign(get("/release/x"));
    let swap = |from: &str, to: &str| with_credential(whole(), from, to);
    let dated = |nanos: u64| acme().sign(get_at(nanos, "/release/x"));
    let of_date = |date: &str| acme().sign(undated("/release/x").header("x-date", date));
    let signer = |id: &str, key: &str| Signer::new(id, key).sign(get("/release/x"));
    let rows = [
        ("allowed", whole()),
        ("allowed", acme().sign(get("/x?y=/test")).header("x-secret-id", "me").header("x_service_id", "me")),
        ("allowed", acme().headers(&["Host", "X-Date"]).sign(get("/release"))),
        ("allowed", acme().sign(get("/%72elease/x"))),
        ("allowed", swap("hmac id", "HMAC   id")),
        ("allowed", acme().headers(&["x-date", "x"]).sign(get("/release/x").header("X", b"\xff, b|c \t"))),
        ("allowed", acme().headers(&["x-date", "x"]).sign(get("/release/x").header("X", ""))),
        ("service_not_found", Request::get("a.example:8080", "/")),
        ("service_not_found", Request::bare("GET", "/")),
        ("service_not_found", Request::get("orders.example.com:8x", "/")),
        ("environment_not_found", acme().sign(get("/live/../x"))),
        ("environment_not_found", acme().sign(get("//release/x"))),
        ("environment_not_found", acme().sign(get("/release%2Fx"))),
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
        ("date_invalid", of_date("soon")),
        ("date_out_of_range", dated(START - 901 * SECOND)),
        ("date_out_of_range", dated(START + 901 * SECOND)),
        ("allowed", dated(START - 900 * SECOND)),
        ("allowed", of_date("Mon, 01 Jan 2026 00:00:00 UTC")),
        ("date_invalid", of_date("Thu, 01 Jan 2026 00:00:00 CET")),
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
    let of_both_headers = || acme().headers(&["x-date", "Host"]).sign(get("/release"));
    let stale = || acme().headers(&["date"]).sign(undated("/release/x").header("date", http_date(0)));
    let of_next_second = || acme().sign(get_at(START + SECOND, "/release"));
    let malformed = || get("/release").header("authorization", "hmac");
    let bearer = || get("/test/x").header("authorization", "Bearer x");
    let mapped =
        || json!([{"path": "/v1", "environment": "release"}, {"path": "/", "environment": "prepub"}]);
    let host = json!(["host"]);
    let rows: Vec<(&str, Value, Request, &str)> = vec![
        (
            "/services/0/authentication",
            json!("none"),
            get("/release/x").header("x-service-id", "me"),
            "anonymous",
        ),
        ("/services/0/authentication", json!("none"), bearer(), "anonymous"),
        ("/services/0/authentication", json!("none"), signed(), "allowed"),
        ("/services/0/authentication", json!("none"), malformed(), "credential_malformed"),
        ("/services/0/required_signed_headers", host.clone(), signed(), "header_not_signed"),
        ("/services/0/required_signed_headers", host, of_both_headers(), "allowed"),
        ("/services/0/path_mappings", mapped(), acme().sign(get("/v1/x")), "allowed"),
        ("/services/0/path_mappings", mapped(), signed(), "key_not_bound"),
        ("/keys/0/not_before", json!("2026-01-01T00:00:01Z"), signed(), "key_expired"),
        ("/keys/0/not_after", json!("2025-12-31T23:59:59Z"), signed(), "key_expired"),
        ("/keys/0/not_after", json!("2026-01-01T00:00:00Z"), signed(), "allowed"),
        ("/options", json!({}), stale(), "date_out_of_range"),
        ("/options", json!({"date_header": "unchecked"}), stale(), "allowed"),
        ("/options", json!({"allowed_algorithms": ["hmac-sha256"]}), signed(), "algorithm_not_supported"),
        ("/options", json!({"clock_skew_seconds": 0}), of_next_second(), "date_out_of_range"),
        ("/options", json!({"legacy_auth_status": 403}), malformed(), "credential_malformed"),
        (
            "/options",
            json!({"error_format": "problem"}),
            with_credential(signed(), "acme", "nobody"),
            "key_unknown",
        ),
        (
            "/options",
            json!({"forward_authorization": true, "forward_environment_prefix": true}),
            signed(),
            "allowed",
        ),
        ("/options", json!({"enforcement": "observe"}), get("/release/x"), "would_credential_missing"),
        ("/options", json!({"enforcement": "observe"}), get("/test/x"), "would_no_usage_plan"),
        (
            "/options",
            json!({"enforcement": "observe"}),
            Request::get("a.example", "/x").header("x-secret-id", "me"),
            "would_service_not_found",
        ),
        (
            "/options",
            json!({"enforcement": "observe"}),
            Request::get("orders.example.com", "//release/x").header("authorization", "Bearer x"),
            "would_environment_not_found",
        ),
        (
            "/options",
            json!({"enforcement": "observe"}),
            with_credential(signed(), "signature=\"", "signature=\"AAAA"),
            "would_signature_mismatch",
        ),
        ("/options", json!({"enforcement": "observe"}), signed(), "allowed"),
        ("/options", json!({"usage_path": "/x"}), signed(), "usage_shown"),
        ("/options", json!({"usage_path": "/y"}), signed(), "allowed"),
        ("/options", json!({"usage_path": "/x"}), get("/x"), "credential_missing"),
        ("/options", json!({"usage_path": "/x", "enforcement": "observe"}), get("/x"), "credential_missing"),
    ];
    for (pointer, value, request, expected) in rows {
        let mut document = document_with(pointer, value.clone());
        if pointer.ends_with("path_mappings") {
            document = document.without("/services/0/default_environment");
        }
        assert_eq!(Both::start(document).outcome(&request), expected, "{pointer}: {value}");
    }
    let prefix_only = Document::new().without("/services/0/default_environment");
    assert_eq!(Both::start(prefix_only).outcome(&acme().sign(get("/x"))), "environment_not_found");
}

#[test]
fn on_a_key_that_is_rotated() {
    let older = || Signer::new("AKIDacme0001", "older-secret-key-01").sign(get("/release/x"));
    let current = || acme().sign(get("/release/x"));
    let rows = [
        ("2026-01-01T00:00:00Z", older(), "allowed"),
        ("2026-01-01T00:00:00Z", current(), "allowed"),
        ("2025-12-31T23:59:59Z", older(), "signature_mismatch"),
    ];
    for (not_after, request, expected) in rows {
        let document = document_with("/keys/0/previous_secret_key", "older-secret-key-01")
            .with("/keys/0/previous_secret_key_not_after", not_after);
        assert_eq!(Both::start(document).outcome(&request), expected, "{not_after}");
    }
}

#[test]
fn on_a_date_at_the_edge_of_the_skew_in_any_fraction_of_a_second() {
    let mut both = Both::start(Document::new());
    for fraction in [0, 1, SECOND - 1] {
        both.set_clock(START + fraction);
        for (date, expected) in [
            (START - 901 * SECOND, "date_out_of_range"),
            (START - 900 * SECOND, "allowed"),
            (START + 900 * SECOND, "allowed"),
            (START + 901 * SECOND, "date_out_of_range"),
        ] {
            assert_eq!(both.outcome(&acme().sign(get_at(date, "/release/x"))), expected, "{fraction}");
        }
    }
}

/// Random requests, each put together of parts that are right, nearly right or wrong.
#[test]
fn on_requests_put_together_at_random() {
    // Half of the parts are right: otherwise few requests would get past the first check.
    let pick = |right: &'static str, others: &'static [&'static str]| {
        prop_oneof![Just(right), prop::sample::select(others)]
    };
    let names = ["x-date", "X-Date", "source", "Host", "date", "accept"];
    let headers =
        [("source", "a, b"), ("source", " c\t"), ("date", "soon"), ("accept", "x"), ("accept", "y")];
    let requests = (
        prop_oneof![
            3 => Just("orders.example.com"),
            1 => Just("ORDERS.example.com:80"),
            1 => Just("nobody.example.com"),
        ],
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
    let (both, seen) = (RefCell::new(Both::start(Document::new())), RefCell::new(BTreeSet::new()));
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
