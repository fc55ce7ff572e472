//! `docs/signing.md`, and the service that its programs call.

use std::fs;

use serde_json::{Value, json};
use testbed::repository;

/// The tag of the one program that a browser runs.
pub(super) const PAGE: &str = "html";

pub(super) const SECRET_ID: &str = "AKIDacme0001";
pub(super) const SECRET_KEY: &str = "acme-secret-key-0001";

/// A service on Envoy's own address. Its upstream receives the credential, and answers with it.
pub(super) fn document() -> Value {
    json!({
        "options": {"forward_authorization": true},
        "services": [{"id": "service-orders", "domains": ["127.0.0.1"]}],
        "keys": [{"name": "acme", "secret_id": SECRET_ID, "secret_key": SECRET_KEY}],
        "usage_plans": [{
            "id": "gold", "keys": [SECRET_ID],
            "environments": [{"service": "service-orders", "environment": "release"}],
        }],
    })
}

/// The page about signing.
pub(super) fn read_docs() -> String {
    fs::read_to_string(repository().join("docs/signing.md")).expect("there are docs")
}

/// The code blocks: the tag of each, and its text.
pub(super) fn blocks(docs: &str) -> impl Iterator<Item = (&str, &str)> {
    testbed::markdown::blocks(docs).into_iter().map(|block| (block.language, block.text))
}
