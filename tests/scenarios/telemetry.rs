//! What the operator sees of the key that a request is of, or claims to be of (`docs/rules.md#telemetry`).

use emulator::{Exchange, Shared, Worker, on_all};
use serde_json::json;
use testbed::{Request, Signer};

use crate::UsagePlan;
use crate::caller::{acme, beta, free, get, get_at, undated};
use crate::document::{DOCUMENT, document_with_options};

on_all! {
    UsagePlan =>
    a_request_that_is_not_allowed_shows_the_key_that_it_is_or_claims_to_be_of,
    no_key_is_shown_of_what_is_allowed_names_no_key_of_the_document_or_is_not_read,
    observing_options_show_whose_requests_would_be_refused,
    each_key_has_a_metric_for_each_outcome_when_the_options_ask_for_it,
    without_the_option_no_metric_names_a_key,
}

const KEY: &str = "wasm.usage_plan_key";

/// The key that a request shows, and its outcome.
fn shown(exchange: &Exchange) -> (Option<String>, String) {
    (exchange.state(KEY), exchange.state("wasm.usage_plan_outcome").unwrap_or_default())
}

/// A call of `acme` whose credential has `from` replaced by `to`.
fn credential_with(shared: &Shared, from: &str, to: &str) -> Request {
    let whole = acme().authorization_with("c2lnbmF0dXJl");
    assert!(whole.contains(from), "{from}");
    get(shared, "/release/x").header("authorization", whole.replace(from, to))
}

/// Signed by keys of the document, and not allowed.
fn refused(shared: &Shared) -> Vec<(Request, &'static str, &'static str)> {
    let now = shared.clock().now();
    let signed = |signer: Signer| signer.sign(get(shared, "/release/x"));
    let forged = |id: &str| Signer::new(id, "not-the-secret-key");
    vec![
        (signed(beta()), "AKIDbeta0001", "key_disabled"),
        (signed(forged("AKIDbeta0001")), "AKIDbeta0001", "key_disabled"),
        (signed(free()), "AKIDfree0001", "key_not_bound"),
        (signed(forged("AKIDacme0001")), "AKIDacme0001", "signature_mismatch"),
        (acme().sign(get_at(now / 2, "/release/x")), "AKIDacme0001", "date_out_of_range"),
        (credential_with(shared, "hmac-sha1", "hmac-md5"), "AKIDacme0001", "algorithm_not_supported"),
        (credential_with(shared, "x-date", "source"), "AKIDacme0001", "date_not_signed"),
        (credential_with(shared, "x-date", "x-date source"), "AKIDacme0001", "signed_header_missing"),
    ]
}

fn a_request_that_is_not_allowed_shows_the_key_that_it_is_or_claims_to_be_of<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for (request, key, outcome) in refused(&shared) {
        let exchange = worker.request(&request);
        assert_eq!(exchange.status(), 401, "{outcome}");
        assert_eq!(shown(&exchange), (Some(key.to_owned()), outcome.to_owned()));
    }
    for _ in 0..3 {
        assert_eq!(worker.request(&acme().sign(get(&shared, "/release/x"))).state(KEY), None);
    }
    let limited = worker.request(&acme().sign(get(&shared, "/release/x")));
    assert_eq!(shown(&limited), (Some("AKIDacme0001".to_owned()), "rate_limited".to_owned()));
}

fn no_key_is_shown_of_what_is_allowed_names_no_key_of_the_document_or_is_not_read<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let signed = |signer: &Signer, path: &str| signer.sign(get(&shared, path));
    let unknown = Signer::new("AKIDnone0001", "none-secret-key-0001");
    for (request, outcome) in [
        (signed(&acme(), "/release/x"), "allowed"),
        (signed(&unknown, "/release/x"), "key_unknown"),
        (undated("/release/x"), "credential_missing"),
        (credential_with(&shared, "hmac-sha1\"", "hmac-sha1\" x"), "credential_malformed"),
        (signed(&acme(), "/test/x"), "no_usage_plan"),
        (signed(&acme(), "/live/../x"), "environment_not_found"),
    ] {
        assert_eq!(shown(&worker.request(&request)), (None, outcome.to_owned()));
    }
}

fn observing_options_show_whose_requests_would_be_refused<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with_options(json!({"enforcement": "observe"})));
    let exchange = worker.request(&beta().sign(get(&shared, "/release/x")));
    assert_eq!(exchange.status(), 200);
    assert_eq!(shown(&exchange), (Some("AKIDbeta0001".to_owned()), "would_key_disabled".to_owned()));
}

/// The value of the metric of a key.
fn of_key(shared: &Shared, key: &str, plan: &str, outcome: &str) -> u64 {
    shared.metric(&format!("wasmcustom.usage_plan_key_requests.key={key}.plan={plan}.outcome={outcome}"))
}

/// How many metrics name a key.
fn named_after_keys(shared: &Shared) -> usize {
    shared.metric_names().iter().filter(|name| name.contains("key=AKID")).count()
}

fn each_key_has_a_metric_for_each_outcome_when_the_options_ask_for_it<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with_options(json!({"metrics_per_key": true})));
    for _ in 0..5 {
        worker.request(&acme().sign(get(&shared, "/release/x")));
    }
    for (request, ..) in refused(&shared) {
        worker.request(&request);
    }
    assert_eq!(of_key(&shared, "AKIDacme0001", "gold", "allowed"), 3);
    assert_eq!(of_key(&shared, "AKIDacme0001", "gold", "rate_limited"), 2);
    assert_eq!(of_key(&shared, "AKIDbeta0001", "", "key_disabled"), 2);
    assert_eq!(of_key(&shared, "AKIDacme0001", "", "signature_mismatch"), 1);
    let named = named_after_keys(&shared);
    // What names no key of the document defines no metric of a key, however many ids there are.
    for i in 0..100 {
        let unknown = Signer::new(&format!("AKIDnone{i:04}"), "none-secret-key-0001");
        worker.request(&unknown.sign(get(&shared, "/release/x")));
    }
    assert_eq!(named_after_keys(&shared), named);
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=.outcome=key_unknown"), 100);
    // The metrics of the plans are the same as without the option.
    assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=gold.outcome=allowed"), 3);
}

fn without_the_option_no_metric_names_a_key<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    worker.request(&acme().sign(get(&shared, "/release/x")));
    worker.request(&beta().sign(get(&shared, "/release/x")));
    assert_eq!(named_after_keys(&shared), 0);
}
