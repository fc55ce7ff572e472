//! `rate_limit_headers`: which response headers show callers what is left of their limits.

use serde_json::Value;

use crate::document::reader::Node;
use crate::document::schema::{array, one_of, with_default};
use crate::document::words::Words;

/// The words for `rate_limit_headers`.
const FAMILIES: Words<Family, 2> = [("tencent", Family::Tencent), ("ietf", Family::Ietf)];

/// Which response headers show callers what is left of their limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitHeaders {
    /// `X-UsagePlan-RateLimit` and `X-UsagePlan-Quota`.
    pub tencent: bool,
    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    pub ietf: bool,
}

/// A family of headers that `rate_limit_headers` can name.
#[derive(Clone, Copy, PartialEq)]
enum Family {
    Tencent,
    Ietf,
}

// === impl RateLimitHeaders ===

impl Default for RateLimitHeaders {
    fn default() -> Self {
        Self { tencent: true, ietf: true }
    }
}

impl RateLimitHeaders {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let families = node.items(|item| item.one_of(&FAMILIES))?;
        Some(Self {
            tencent: families.contains(&Some(Family::Tencent)),
            ietf: families.contains(&Some(Family::Ietf)),
        })
    }

    pub(super) fn schema() -> Value {
        let default = Self::default();
        let is_default = |family: &Family| match family {
            Family::Tencent => default.tencent,
            Family::Ietf => default.ietf,
        };
        let families = FAMILIES.iter().filter(|(_, family)| is_default(family));
        let families: Vec<&str> = families.map(|(word, _)| *word).collect();
        with_default(array(one_of(&FAMILIES)), families)
    }
}
