//! What the words and the JSON of an answer are made of, besides an Envoy's status.

use std::path::Path;
use std::time::Duration;

use usage_plan_core::document::Document;
use usage_plan_manage::draft::Named;
use usage_plan_manage::status::Here;

/// What the words and the JSON of an answer are made of, besides an Envoy's status.
pub(super) struct Report<'a> {
    /// The document here, which gives the names; empty if there is none.
    pub(super) document: &'a Document,
    /// The document here, to compare with.
    pub(super) here: Option<&'a Here>,
    /// The directory that Envoy watches, as it was given.
    pub(super) to: Option<&'a Path>,
    /// How long an Envoy was watched.
    pub(super) watch: Duration,
}

// === impl Report ===

impl Report<'_> {
    /// The plan's name, or its id if it has none.
    pub(super) fn plan<'a>(&'a self, id: &'a str) -> &'a str {
        let plan = self.document.usage_plans.iter().find(|plan| plan.id == id);
        plan.map(|plan| plan.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(id)
    }

    /// The key's name and id.
    pub(super) fn key(&self, id: &str) -> String {
        Named::new(id, self.document.key(id).map_or("", |key| &key.name)).to_string()
    }
}
