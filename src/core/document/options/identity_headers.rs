//! `identity_headers`: which headers show the caller to the upstream.

use serde_json::Value;

use crate::document::reader::Node;
use crate::document::schema::{array, one_of, with_default};
use crate::document::words::Words;

/// A header that shows the caller to the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityHeader {
    /// The id of the plan.
    UsagePlan,
    /// The environment's name.
    Environment,
    /// The id of the key.
    Key,
    /// The id of the service.
    Service,
    /// All four in one header.
    Joined,
}

/// Which headers show the caller to the upstream: each once, with its name, in the order of
/// [`IdentityHeader::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityHeaders(Vec<(&'static str, IdentityHeader)>);

// === impl IdentityHeader ===

impl IdentityHeader {
    /// Every one of these headers, with its name in lower case. The filter alone sets them, whatever the
    /// options say.
    pub const ALL: Words<Self, 5> = [
        ("x-usage-plan-id", Self::UsagePlan),
        ("x-usage-plan-environment", Self::Environment),
        ("x-secret-id", Self::Key),
        ("x-service-id", Self::Service),
        ("x-usage-plan-identity", Self::Joined),
    ];
}

// === impl IdentityHeaders ===

impl Default for IdentityHeaders {
    fn default() -> Self {
        Self::chosen(|header| header != IdentityHeader::Joined)
    }
}

impl IdentityHeaders {
    fn chosen(is_chosen: impl Fn(IdentityHeader) -> bool) -> Self {
        Self(IdentityHeader::ALL.into_iter().filter(|(_, header)| is_chosen(*header)).collect())
    }

    /// The headers, with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, IdentityHeader)> {
        self.0.iter().copied()
    }

    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let headers = node.items(|item| item.one_of(&IdentityHeader::ALL))?;
        Some(Self::chosen(|header| headers.contains(&Some(header))))
    }

    pub(super) fn schema() -> Value {
        let default: Vec<&str> = Self::default().iter().map(|(name, _)| name).collect();
        with_default(array(one_of(&IdentityHeader::ALL)), default)
    }
}
