//! Every refusal (`docs/rules.md#refusals`): its status, text and headers, and what the operator sees of it.

use std::time::Duration;

use emulator::{Exchange, Shared, Worker, on_all};
use serde_json::{Value, json};
use testbed::{Request, Signer};

use crate::UsagePlan;
use crate::caller::{acme, beta, free, get, get_at, http_date, undated};
use crate::document::{DOCUMENT, document_with_options};

on_all! {
    UsagePlan =>
    every_row_of_the_table,
    an_exhausted_plan_is_refused_with_what_the_caller_needs_to_come_back,
    the_older_table_has_403_for_all_but_a_missing_credential,
    text_of_the_request_is_escaped_and_cut_in_a_refusal,
    headers_that_are_not_utf_8_get_an_answer,
}

/// What a refusal must be: its status, its message, its outcome.
type Row = (u16, &'static str, &'static str);

fn assert_refused(exchange: &Exchange, (status, message, outcome): Row) {
    assert_eq!(exchange.body(), format!("{{\"message\":\"{message}\"}}\n"));
    assert_eq!(exchange.status(), status, "{message}");
    assert_eq!(exchange.response_header("content-type").as_deref(), Some("application/json; charset=utf-8"));
    assert_eq!(exchange.state("wasm.usage_plan_outcome").as_deref(), Some(outcome), "{message}");
    assert_eq!(exchange.upstream, None, "{message}");
    let challenge = exchange.response_header("www-authenticate");
    let expected = (status == 401).then_some("hmac realm=\"service-orders\"");
    assert_eq!(challenge.as_deref(), expected, "{message}");
}

/// A call of `acme` whose credential has `from` replaced by `to`.
fn credential_with(shared: &Shared, from: &str, to: &str) -> Request {
    let whole = acme().authorization_with("signature=");
    assert!(whole.contains(from), "{from}");
    get(shared, "/release/x").header("authorization", whole.replace(from, to))
}

fn every_row_of_the_table<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let now = shared.clock().now();
    let at = |nanos: u64| acme().sign(get_at(nanos, "/release/x"));
    let swap = |from: &str, to: &str| credential_with(&shared, from, to);
    let bare = || undated("/release/x");
    const SECOND: u64 = 1_000_000_000;
    let missing: Row = (
        401,
        "HMAC signature cannot be verified, a validate authorization header is required",
        "credential_missing",
    );
    let malformed: Row = (401, "HMAC authorization format error", "credential_malformed");
    let incomplete: Row = (401, "HMAC authorization headers is invalidate", "credential_incomplete");
    let empty: Row = (401, "HMAC id or signature missing", "credential_empty");
    let not_signed: Row = (
        401,
        "HMAC signature cannot be verified, a valid date or x-date header is required",
        "date_not_signed",
    );
    let stale: Row = (
        401,
        "HMAC signature cannot be verified, the x-date header is out of date for HMAC Authentication",
        "date_out_of_range",
    );
    let unknown = "HMAC signature cannot be verified";
    let rows: Vec<(Request, Row)> = vec![
        (
            Request::get("a.example:8080", "/release/x"),
            (404, "There is no api match host[a.example:8080]", "service_not_found"),
        ),
        (undated("/live/../x"), (404, "There is no api match env_mapping[live]", "environment_not_found")),
        (bare(), missing),
        (bare().header("authorization", "Basic eDp5"), missing),
        (bare().header("proxy-authorization", acme().authorization_with("x")), missing),
        (swap("id=\"AKIDacme0001\"", "id=AKIDacme0001"), malformed),
        (swap("algorithm", "id=\"twice\", algorithm"), malformed),
        (swap("x-date", ""), malformed),
        (swap("signature=\"signature=\"", "signature=\"x\" trailing"), malformed),
        (at(now).header("authorization", "hmac id=\"x\""), malformed),
        (swap("id=\"AKIDacme0001\", ", ""), incomplete),
        (swap(", signature=\"signature=\"", ""), incomplete),
        (swap("AKIDacme0001", ""), empty),
        (swap("\"signature=\"", "\"\""), empty),
        (
            swap("hmac-sha1", "hmac-md5"),
            (401, "HMAC algorithm hmac-md5 not supported", "algorithm_not_supported"),
        ),
        (swap("x-date", "source"), not_signed),
        (
            swap("x-date", "x-date source"),
            (
                401,
                "HMAC signature cannot be verified, a valid source header is required",
                "signed_header_missing",
            ),
        ),
        (
            at(now).header("x-date", "again"),
            (401, "HMAC do not support multiple HTTP header", "signed_header_repeated"),
        ),
        (
            swap("x-date", "x-date date").header("date", "soon"),
            (
                401,
                "HMAC signature cannot be verified, a valid date header is required for HMAC Authentication",
                "date_invalid",
            ),
        ),
        (
            swap("x-date", "date").header("date", "x"),
            (
                401,
                "HMAC signature cannot be verified, a valid date header is required for HMAC Authentication",
                "date_invalid",
            ),
        ),
        (at(now - 901 * SECOND), stale),
        (at(now + 901 * SECOND), stale),
        (
            swap("x-date", "date").header("date", http_date(0)),
            (
                401,
                "HMAC signature cannot be verified, the date header is out of date for HMAC Authentication",
                "date_out_of_range",
            ),
        ),
        (
            Signer::new("AKIDnobody", "acme-secret-key-0001").sign(get(&shared, "/release")),
            (401, unknown, "key_unknown"),
        ),
        (beta().sign(get(&shared, "/release")), (401, unknown, "key_disabled")),
        (free().sign(get(&shared, "/release")), (401, unknown, "key_not_bound")),
        (
            Signer::new("AKIDacme0001", "another-secret-key").sign(get(&shared, "/release")),
            (401, "HMAC signature does not match", "signature_mismatch"),
        ),
        (
            swap("signature=\"signature=\"", "signature=\"not base64\""),
            (401, "HMAC signature does not match", "signature_mismatch"),
        ),
        (acme().sign(get(&shared, "/test/x")), (403, "Found no validate usage plan", "no_usage_plan")),
        (undated("/test/x"), (403, "Found no validate usage plan", "no_usage_plan")),
    ];
    for (request, row) in rows {
        let exchange = worker.request(&request);
        assert_refused(&exchange, row);
        assert_eq!(exchange.state("wasm.usage_plan"), None);
        assert!(shared.metric(&format!("wasmcustom.usage_plan_requests.plan=.outcome={}", row.2)) > 0);
    }
    // None of these requests was counted: the plan still admits three.
    for expected in [200, 200, 200, 429] {
        assert_eq!(worker.request(&at(now)).status(), expected);
    }
}

fn an_exhausted_plan_is_refused_with_what_the_caller_needs_to_come_back<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for _ in 0..3 {
        assert_eq!(worker.request(&acme().sign(get(&shared, "/release"))).status(), 200);
    }
    let exchange = worker.request(&acme().sign(get(&shared, "/release")));
    assert_refused(&exchange, (429, "API rate limit exceeded", "rate_limited"));
    assert_eq!(exchange.state("wasm.usage_plan").as_deref(), Some("gold"));
    for (name, value) in [
        ("retry-after", "1"),
        ("x-usageplan-ratelimit", "0/3"),
        ("ratelimit-policy", "\"second\";q=3;w=1"),
        ("ratelimit", "\"second\";r=0;t=1"),
    ] {
        let values: Vec<&[u8]> = exchange.response.all(name).collect();
        assert_eq!(values, [value.as_bytes()], "{name}");
    }
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=rate_limited"), 1);
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=allowed"), 3);
    shared.clock().advance(Duration::from_secs(1));
    assert_eq!(worker.request(&acme().sign(get(&shared, "/release"))).status(), 200);
}

fn the_older_table_has_403_for_all_but_a_missing_credential<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with_options(json!({"legacy_auth_status": 403})));
    let missing = (
        401,
        "HMAC signature cannot be verified, a validate authorization header is required",
        "credential_missing",
    );
    assert_refused(&worker.request(&undated("/release")), missing);
    let malformed = (403, "HMAC authorization format error", "credential_malformed");
    let request = undated("/release").header("authorization", "hmac x");
    assert_refused(&worker.request(&request), malformed);
}

fn text_of_the_request_is_escaped_and_cut_in_a_refusal<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let host = [b"\"\\\n\xff".as_slice(), &[b'x'; 100]].concat();
    let exchange = worker.request(&Request::bare("GET", "/").header("host", host));
    let body: Value = serde_json::from_str(&exchange.body()).expect("JSON");
    let message = body["message"].as_str().expect("text");
    let host = message.strip_prefix("There is no api match host[").expect("the words");
    assert!(host.starts_with("\"\\\n\u{fffd}x") && host.len() <= 65, "{message}");
}

fn headers_that_are_not_utf_8_get_an_answer<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let unsigned = acme().sign(get(&shared, "/release")).header("cookie", b"\xff\xfe");
    assert_eq!(worker.request(&unsigned).status(), 200);
    let request = get(&shared, "/release").header("source", b"\xff, |:\x80");
    let signed = acme().headers(&["x-date", "source"]).sign(request);
    assert_eq!(worker.request(&signed).status(), 200);
    let credential = undated("/release").header("authorization", b"hmac \xff");
    assert_eq!(worker.request(&credential).status(), 401);
    let date = credential_with(&shared, "x-date", "date").header("date", b"\xff");
    assert_eq!(worker.request(&date).status(), 401);
    let host = Request::bare("GET", "/release").header("host", b"\xff");
    assert_eq!(worker.request(&host).status(), 404);
    let path = undated("/").header("x", b"\xff");
    assert_eq!(worker.request(&path).status(), 401);
}
