//! The headers that show the caller to the upstream (`docs/rules.md#identity`). Copies that a caller sends
//! are always removed, so that the upstream can trust these headers.

use crate::document::IdentityHeader;
use crate::lookup::{KeyIndex, PlanIndex, Route};
use crate::request::Headers;

/// A known caller, and the service and environment that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The plan on which the request is counted.
    pub usage_plan: PlanIndex,
    /// The caller's key.
    pub key: KeyIndex,
    /// The service and the environment that the caller calls.
    pub route: Route,
}

// === impl Identity ===

impl Identity {
    /// The names in `headers` that are names of these fields, each as often as it is present.
    #[inline]
    pub fn names_in<'r>(headers: Headers<'r>) -> impl Iterator<Item = &'r str> {
        let named = headers.names().filter(|name| Self::has_field(name));
        named.filter_map(|name| std::str::from_utf8(name).ok())
    }

    /// Whether `name` is one of these headers, also when it is spelled with other punctuation instead of `-`:
    /// upstreams like CGI and PHP make `_` of all of it, so they cannot tell the spellings apart.
    #[inline]
    fn has_field(name: &[u8]) -> bool {
        // All of them begin with x, so one comparison rules out most headers of a request.
        name.first() == Some(&b'x') && is_spelled(name)
    }
}

#[inline(never)]
fn is_spelled(name: &[u8]) -> bool {
    let same = |(a, b): (&u8, u8)| *a == b || (b == b'-' && a.is_ascii_punctuation());
    let is = |field: &str| field.len() == name.len() && name.iter().zip(field.bytes()).all(same);
    IdentityHeader::ALL.iter().any(|(field, _)| is(field))
}
