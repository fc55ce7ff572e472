//! Finds the environment that a path names, and the path that goes upstream (`docs/rules.md#routing`).
//!
//! A caller must not reach a different environment by spelling a path differently: the path that is matched
//! must be the one that goes upstream. Envoy's `normalize_path`, `merge_slashes` and
//! `path_with_escaped_slashes_action` ensure this. Where they are off, a path names no environment if they
//! would have changed the part of it that names the environment.

use crate::path::{has_dot_segment, is_spelled_otherwise, without_query};

/// The path prefixes that name one service's environments.
#[derive(Clone, Debug)]
pub(super) struct Paths<E> {
    prefixes: Vec<Prefix<E>>,
    default: Option<E>,
    /// The number of leading segments that the longest prefix has; only these must be spelled unambiguously.
    depth: usize,
}

#[derive(Clone, Debug)]
struct Prefix<E> {
    /// The prefix, such as `/segment`; the empty prefix matches every path.
    path: String,
    environment: E,
}

/// The environment that a path names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<E> {
    pub(super) environment: E,
    /// The length in bytes of the prefix that named it; 0 for the default.
    pub(super) prefix_len: usize,
}

/// Whether `path`, which may have a query, matches `pattern`, the path of an API.
pub(super) fn matches_pattern(pattern: &str, path: &[u8]) -> bool {
    let path = without_query(path);
    match pattern.strip_suffix("/*") {
        Some(above) => {
            path.strip_prefix(above.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b'/', ..]))
        }
        None => path == pattern.as_bytes(),
    }
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
    let path = path.strip_prefix(b"/").unwrap_or(path);
    path.split(|byte| *byte == b'/').next().unwrap_or_default()
}

// === impl Paths ===

impl<E: Copy> Paths<E> {
    /// The prefixes `/<environment>`, one for each environment.
    pub(super) fn by_name<'a>(environments: impl Iterator<Item = (&'a str, E)>, default: Option<E>) -> Self {
        let prefixes =
            environments.map(|(name, environment)| Prefix { path: format!("/{name}"), environment });
        Self { prefixes: prefixes.collect(), default, depth: 1 }
    }

    /// The mapped paths as the only prefixes; the longest that matches wins.
    pub(super) fn by_mapping<'a>(mappings: impl Iterator<Item = (&'a str, E)>, default: Option<E>) -> Self {
        let prefix = |(path, environment): (&str, E)| Prefix {
            path: path.trim_end_matches('/').to_owned(),
            environment,
        };
        let mut prefixes: Vec<Prefix<E>> = mappings.map(prefix).collect();
        prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.path.len()));
        let segments = |prefix: &Prefix<E>| prefix.path.matches('/').count();
        let depth = prefixes.iter().map(segments).max().unwrap_or_default().max(1);
        Self { prefixes, default, depth }
    }

    /// The environment that `path`, which may have a query, names, or the default.
    pub(super) fn find(&self, path: &[u8]) -> Option<Named<E>> {
        let path = without_query(path);
        if !self.is_unambiguous(path) {
            return None;
        }
        let named = self.prefixes.iter().find(|prefix| prefix.matches(path));
        let named =
            named.map(|prefix| Named { environment: prefix.environment, prefix_len: prefix.path.len() });
        named.or_else(|| self.default.map(|environment| Named { environment, prefix_len: 0 }))
    }

    /// Whether Envoy's normalisation would leave the part of `path` that can name an environment as it is.
    fn is_unambiguous(&self, path: &[u8]) -> bool {
        let Some(segments) = path.strip_prefix(b"/") else { return false };
        if has_dot_segment(segments) {
            return false;
        }
        let mut segments = segments.split(|byte| *byte == b'/').peekable();
        for _ in 0..self.depth {
            let Some(segment) = segments.next() else { break };
            let slash_follows_slash = segment.is_empty() && segments.peek().is_some();
            if slash_follows_slash || is_spelled_otherwise(segment) {
                return false;
            }
        }
        true
    }
}

// === impl Prefix ===

impl<E> Prefix<E> {
    fn matches(&self, path: &[u8]) -> bool {
        let rest = path.strip_prefix(self.path.as_bytes());
        rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
    }
}

#[cfg(test)]
mod tests;
