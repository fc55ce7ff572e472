//! Finds the environment that a path names, and the path that goes upstream (`docs/rules.md#routing`).
//!
//! A caller must not reach a different environment by spelling a path differently. Paths are compared
//! decoded, so all spellings of a path name the same environment. What Envoy's `normalize_path`,
//! `merge_slashes` and `path_with_escaped_slashes_action` resolve or refuse, and an upstream may resolve,
//! names none: dot segments, and in the part that names the environment empty segments, escaped slashes and
//! backslashes.

use std::borrow::Cow;

use crate::path::{
    decoded, decoded_start, is_ambiguous, is_below, spelled_len, split_segment, without_query,
};

/// The path prefixes that name one service's environments.
#[derive(Clone, Debug)]
pub(super) struct Paths<E> {
    prefixes: Vec<Prefix<E>>,
    default: Option<E>,
    /// The number of leading segments that the longest prefix has; only these must be unambiguous.
    depth: usize,
    /// The length of the longest prefix.
    longest: usize,
}

#[derive(Clone, Debug)]
struct Prefix<E> {
    /// The prefix, decoded, such as `/segment`; the empty prefix matches every path.
    path: Vec<u8>,
    environment: E,
}

/// The environment that a path names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<E> {
    pub(super) environment: E,
    /// The length in bytes of the prefix that named it, as it was sent; 0 for the default.
    pub(super) prefix_len: usize,
}

/// `path`, which may have a query, without its first `prefix_len` bytes. The result begins with `/`, even if
/// nothing is left.
pub(super) fn without_prefix(path: &[u8], prefix_len: usize) -> Vec<u8> {
    let rest = path.get(prefix_len..).unwrap_or_default();
    let slash: &[u8] = if rest.first() == Some(&b'/') { b"" } else { b"/" };
    [slash, rest].concat()
}

/// The first segment of a path, spelled as it was sent.
pub(super) fn first_segment(path: &[u8]) -> &[u8] {
    let path = without_query(path);
    split_segment(path.strip_prefix(b"/").unwrap_or(path)).0
}

// === impl Paths ===

impl<E: Copy> Paths<E> {
    /// The prefixes `/<environment>`, one for each environment.
    pub(super) fn by_name<'a>(environments: impl Iterator<Item = (&'a str, E)>, default: Option<E>) -> Self {
        let prefix =
            |(name, environment): (&str, E)| Prefix { path: format!("/{name}").into_bytes(), environment };
        Self::new(environments.map(prefix).collect(), default)
    }

    /// The mapped paths as the only prefixes; the longest that matches wins.
    pub(super) fn by_mapping<'a>(mappings: impl Iterator<Item = (&'a str, E)>, default: Option<E>) -> Self {
        let prefix = |(path, environment): (&str, E)| Prefix {
            path: decoded(path.trim_end_matches('/').as_bytes()).into_owned(),
            environment,
        };
        let mut prefixes: Vec<Prefix<E>> = Vec::new();
        for prefix in mappings.map(prefix) {
            // There are few, and the code of a sort is large.
            let at = prefixes.partition_point(|other| other.path.len() >= prefix.path.len());
            prefixes.insert(at, prefix);
        }
        Self::new(prefixes, default)
    }

    fn new(prefixes: Vec<Prefix<E>>, default: Option<E>) -> Self {
        let segments = |prefix: &Prefix<E>| prefix.path.iter().filter(|byte| **byte == b'/').count();
        let depth = prefixes.iter().map(segments).max().unwrap_or_default().max(1);
        let longest = prefixes.iter().map(|prefix| prefix.path.len()).max().unwrap_or_default();
        Self { prefixes, default, depth, longest }
    }

    /// The environment that `path`, which may have a query, names, or the default.
    pub(super) fn find(&self, path: &[u8]) -> Option<Named<E>> {
        let path = without_query(path);
        if !self.is_unambiguous(path) {
            return None;
        }
        let start = decoded_start(path, self.longest.saturating_add(1));
        let Some(prefix) = self.prefixes.iter().find(|prefix| is_below(&start, &prefix.path)) else {
            return self.default.map(|environment| Named { environment, prefix_len: 0 });
        };
        let prefix_len = match start {
            Cow::Borrowed(_) => prefix.path.len(),
            Cow::Owned(_) => spelled_len(path, prefix.path.len()),
        };
        Some(Named { environment: prefix.environment, prefix_len })
    }

    /// Whether `path` is one path to all that may read it: to Envoy, to this filter and to the upstream.
    fn is_unambiguous(&self, path: &[u8]) -> bool {
        let Some(segments) = path.strip_prefix(b"/") else { return false };
        let mut deciding = segments.len();
        let mut rest = segments;
        for _ in 0..self.depth {
            let (segment, after) = split_segment(rest);
            let Some(after) = after else {
                deciding = segments.len();
                break;
            };
            if segment.is_empty() {
                return false;
            }
            deciding = segments.len().saturating_sub(after.len()).saturating_sub(1);
            rest = after;
        }
        !is_ambiguous(segments, deciding)
    }
}

#[cfg(test)]
mod tests;
