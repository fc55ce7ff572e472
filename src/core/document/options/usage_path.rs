//! `usage_path`: the path at which the filter shows callers what is left of their limits.

use serde_json::{Value, json};

use crate::document::reader::Node;
use crate::document::rules;
use crate::document::schema::patterns;
use crate::document::service::is_mapping;

/// Reads the path.
pub(super) fn read(node: Node<'_>) -> Option<String> {
    node.text(is_usage_path, rules::USAGE_PATH.into())
}

pub(super) fn schema() -> Value {
    json!({"type": "string", "pattern": patterns::path()})
}

/// Whether requests to `path` can be answered by the filter: it is in normal form, and not the root, which is
/// the upstream's.
pub fn is_usage_path(path: &str) -> bool {
    path != "/" && is_mapping(path)
}
