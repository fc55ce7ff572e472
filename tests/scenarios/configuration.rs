//! Documents handed over by Envoy (`docs/rules.md#document`); every rule has a test beside its code.

use emulator::{Shared, Status, Worker, on_all};
use serde_json::json;
use usage_plan_core::document::Digest;

use crate::UsagePlan;
use crate::caller::{acme, get};
use crate::document::{ACME_KEY, DOCUMENT, Document, document_with};

on_all! {
    UsagePlan =>
    a_refused_document_names_every_broken_rule_and_no_secret,
    a_document_with_very_many_errors_logs_fifty_and_how_many_more_there_are,
    a_refused_document_leaves_the_last_one_in_force,
    a_binary_protobuf_is_reported_as_such,
    a_secret_is_read_from_the_environment_of_the_vm,
    the_gauge_of_the_digest_shows_the_document_that_was_accepted_last,
    a_document_is_accepted_although_its_digest_cannot_be_shown,
}

fn complaints(shared: &Shared) -> Vec<String> {
    shared.logs().into_iter().map(|(_, line)| line).collect()
}

fn a_refused_document_names_every_broken_rule_and_no_secret<W: Worker>() {
    let shared = Shared::new();
    let document =
        document_with(&format!("{ACME_KEY}/secret_key"), "s3cret").with("/usage_plans/1/keys/0", "AKIDx");
    assert!(!W::boot(&shared).configure(document));
    assert_eq!(
        complaints(&shared),
        [
            "the usage plan document is refused; errors: 2",
            "keys[0].secret_key: must be 10 to 50 of A-Z a-z 0-9 _ -",
            "usage_plans[1].keys[0]: no key has secret_id \"AKIDx\"",
        ]
    );
}

fn a_document_with_very_many_errors_logs_fifty_and_how_many_more_there_are<W: Worker>() {
    for (keys, more) in [(50, None), (51, Some("and 1 more: `usage-plan check` prints all of them"))] {
        let shared = Shared::new();
        let key = |i: u32| json!({"secret_id": format!("AKID{i:04}"), "secret_key": "short"});
        let document = json!({"keys": (0..keys).map(key).collect::<Vec<_>>()}).to_string();
        assert!(!W::boot(&shared).configure(document));
        let lines = complaints(&shared);
        assert_eq!(lines[0], format!("the usage plan document is refused; errors: {keys}"));
        assert_eq!(lines[50], "keys[49].secret_key: must be 10 to 50 of A-Z a-z 0-9 _ -");
        assert_eq!(lines.get(51).map(String::as_str), more);
        assert!(lines.len() <= 52);
    }
}

fn a_refused_document_leaves_the_last_one_in_force<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for broken in ["", "{", "[]", r#"{"services": 1}"#, "\n\u{4}\n\u{2}ab"] {
        assert!(!worker.configure(broken), "{broken}");
    }
    assert_eq!(worker.request(&acme().sign(get(&shared, "/release"))).status(), 200);
    assert!(worker.configure("{}"));
    assert_eq!(worker.request(&acme().sign(get(&shared, "/release"))).status(), 404);
}

fn a_binary_protobuf_is_reported_as_such<W: Worker>() {
    let shared = Shared::new();
    assert!(!W::boot(&shared).configure(b"\x0a\x12\x0a\x08services\x12\x06\x32\x04\x0a\x02\x1a\x00"));
    assert!(complaints(&shared)[1].contains("google.protobuf.StringValue"), "{:?}", complaints(&shared));
}

fn a_secret_is_read_from_the_environment_of_the_vm<W: Worker>() {
    let variable = json!({"secret_key_env": "ACME_SECRET_KEY_IN_A_TEST"});
    let document = Document::new().without(&format!("{ACME_KEY}/secret_key")).with_all(ACME_KEY, variable);
    let shared = Shared::new();
    assert!(!W::boot(&shared).configure(&document));
    assert_eq!(
        complaints(&shared)[1],
        "keys[0].secret_key_env: the filter's environment has no variable \"ACME_SECRET_KEY_IN_A_TEST\", \
         or an empty one"
    );
    shared.set_env("ACME_SECRET_KEY_IN_A_TEST", "acme-secret-key-0001");
    let mut worker = W::start(&shared, &document);
    assert_eq!(worker.request(&acme().sign(get(&shared, "/release"))).status(), 200);
}

/// The digest that the gauge shows, and that of a document.
fn digests(shared: &Shared, document: &str) -> (u64, u64) {
    (shared.metric("wasmcustom.usage_plan_document_digest"), Digest::of(document.as_bytes()).to_gauge())
}

fn the_gauge_of_the_digest_shows_the_document_that_was_accepted_last<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let (shown, digest) = digests(&shared, DOCUMENT);
    assert_eq!(shown, digest);
    assert!(!worker.configure("{\"keys\": 1}"));
    assert_eq!(digests(&shared, DOCUMENT), (digest, digest));
    assert!(worker.configure("{}"));
    let (shown, digest) = digests(&shared, "{}");
    assert_eq!(shown, digest);
}

fn a_document_is_accepted_although_its_digest_cannot_be_shown<W: Worker>() {
    let shared = Shared::new();
    shared.fail_next("proxy_record_metric", 1, Status::InternalFailure);
    let mut worker = W::start(&shared, DOCUMENT);
    let complaints = complaints(&shared);
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(
        complaints[0].starts_with("cannot set the metric usage_plan_document_digest: "),
        "{complaints:?}"
    );
    assert_eq!(worker.request(&acme().sign(get(&shared, "/release"))).status(), 200);
}
