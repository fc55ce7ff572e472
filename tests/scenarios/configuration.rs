//! Documents handed over by Envoy (`docs/rules.md#document`); every rule has a test beside its code.

use emulator::{Shared, Worker, on_both};
use serde_json::json;

use crate::UsagePlan;
use crate::caller::{acme, get};
use crate::document::{ACME_KEY, DOCUMENT, Document, document_with};

on_both! {
    UsagePlan =>
    a_refused_document_names_every_broken_rule_and_no_secret,
    a_refused_document_leaves_the_last_one_in_force,
    a_binary_protobuf_is_reported_as_such,
    a_secret_is_read_from_the_environment_of_the_vm,
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
        "keys[0].secret_key_env: the VM's environment has no variable \"ACME_SECRET_KEY_IN_A_TEST\", \
         or an empty one"
    );
    shared.set_env("ACME_SECRET_KEY_IN_A_TEST", "acme-secret-key-0001");
    let mut worker = W::start(&shared, &document);
    assert_eq!(worker.request(&acme().sign(get(&shared, "/release"))).status(), 200);
}
