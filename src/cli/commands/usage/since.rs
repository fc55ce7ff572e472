//! Since when an Envoy counts.

use serde_json::{Value, json};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::admin::{self, Admin};
use usage_plan_manage::dates::whole_seconds;
use usage_plan_manage::status::Snapshot;

/// A sentence that is true whatever happened to the Envoy since it started.
pub(super) fn line(admin: &Admin, snapshot: &Snapshot) -> String {
    let started = format!(
        "{}: since Envoy started at {}, {} ago",
        admin.address(),
        snapshot.counts_since().to_rfc3339(),
        humantime::format_duration(snapshot.server.uptime)
    );
    let Some(changed) = snapshot.document_changed() else { return started };
    let last = changed.map(|time| format!(", the last at {}", whole_seconds(time).to_rfc3339()));
    format!(
        "{started}; but from 0 again since a document that named other variables or another module than the \
         one before (documents came later{})",
        last.unwrap_or_default()
    )
}

/// What an Envoy says about its numbers, or why it says nothing.
pub(super) fn json(admin: &Admin, answer: &admin::Result<Snapshot>) -> Value {
    let admin = admin.address();
    match answer {
        Ok(snapshot) => json!({
            "admin": admin, "started_at": snapshot.counts_since().to_rfc3339(),
            "document_in_force": snapshot.has_document(),
            "document_changed": snapshot.document_changed().is_some(),
            "last_document_at": snapshot.document_changed().flatten().map(Timestamp::to_rfc3339),
            "error": null,
        }),
        Err(error) => json!({"admin": admin, "error": error.to_string()}),
    }
}
