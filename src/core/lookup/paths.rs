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
mod tests {
    use super::*;
    use crate::document::{is_mapping, is_pattern};

    fn by_name(default: Option<usize>) -> Paths<usize> {
        Paths::by_name(["release", "prepub", "test"].into_iter().zip(0..), default)
    }

    fn find(paths: &Paths<usize>, path: &str) -> Option<(usize, String)> {
        let found = paths.find(path.as_bytes())?;
        let upstream = without_prefix(path.as_bytes(), found.prefix_len);
        Some((found.environment, String::from_utf8(upstream).expect("text")))
    }

    #[test]
    fn the_first_segment_names_the_environment_and_is_removed() {
        let paths = by_name(None);
        for (path, upstream) in [
            ("/release/x", "/x"),
            ("/release", "/"),
            ("/release/", "/"),
            ("/release?x=1", "/?x=1"),
            ("/release/x?/test/..", "/x?/test/.."),
            ("/release/x//y", "/x//y"),
        ] {
            assert_eq!(find(&paths, path), Some((0, upstream.to_owned())), "{path}");
        }
        assert_eq!(find(&paths, "/test/x"), Some((2, "/x".to_owned())));
    }

    #[test]
    fn a_path_that_names_no_environment_has_the_default_or_none() {
        for path in ["/", "/releasex", "/RELEASE/x", "/release;a/x", "/orders/release", "/caf%C3%A9/x"] {
            assert_eq!(find(&by_name(None), path), None, "{path}");
            assert_eq!(find(&by_name(Some(1)), path), Some((1, path.to_owned())), "{path}");
        }
    }

    #[test]
    fn a_spelling_that_normalisation_would_change_names_no_environment_and_no_default() {
        for path in [
            "/test/../release/x",
            "//release/x",
            "/%72elease/x",
            "/release%2Fx",
            "/release%5cx",
            "/release/./x",
            "/release/%2e%2e/test/x",
            "/release/.%2E",
            "/release/x/..",
            "/release/x\\..\\y",
            "/release\\x",
            "/\\release/x",
            "/test/..;/release/x",
            "/test/%2e%2e;a=b/release/x",
            "/%2e/release",
            "*",
            "",
            "release/x",
        ] {
            assert_eq!(find(&by_name(Some(2)), path), None, "{path}");
        }
    }

    #[test]
    fn dots_and_escapes_without_a_second_meaning_are_accepted() {
        for path in ["/release/a..b", "/release/...", "/release/%7Euser", "/release/%zz%2", "/release/a%2Fb"]
        {
            assert!(find(&by_name(None), path).is_some(), "{path}");
        }
    }

    #[test]
    fn the_longest_mapping_wins_by_whole_segments() {
        let mappings = [("/v1", 0), ("/v1/beta", 1), ("/", 2)];
        let paths = Paths::by_mapping(mappings.into_iter(), None);
        assert_eq!(find(&paths, "/v1/x"), Some((0, "/x".to_owned())));
        assert_eq!(find(&paths, "/v1/beta"), Some((1, "/".to_owned())));
        assert_eq!(find(&paths, "/v1/beta2"), Some((0, "/beta2".to_owned())));
        assert_eq!(find(&paths, "/v10"), Some((2, "/v10".to_owned())));
        assert_eq!(find(&paths, "/v1/%62eta/x"), None);
        assert_eq!(find(&paths, "/v1//beta/x"), None);
        assert_eq!(find(&paths, "/release/x"), Some((2, "/release/x".to_owned())));
    }

    #[test]
    fn a_mapping_must_be_in_normal_form() {
        for good in ["/", "/v1", "/v1/beta", "/caf%C3%A9"] {
            assert!(is_mapping(good), "{good}");
        }
        for bad in
            ["", "v1", "/v1/", "//", "/a//b", "/a/../b", "/.", "/a?b", "/a#b", "/%61", "/a b", "/é", "/a;b"]
        {
            assert!(!is_mapping(bad), "{bad}");
        }
    }

    #[test]
    fn a_pattern_names_a_path_or_all_below_it_by_whole_segments() {
        let matches = |pattern: &str, path: &str| {
            assert!(is_pattern(pattern), "{pattern}");
            matches_pattern(pattern, path.as_bytes())
        };
        assert!(matches("/orders", "/orders") && matches("/orders", "/orders?x=/y"));
        assert!(!matches("/orders", "/orders/") && !matches("/orders", "/orders2"));
        assert!(matches("/orders/*", "/orders/1/2") && matches("/orders/*", "/orders"));
        assert!(!matches("/orders/*", "/orders2/1"));
        assert!(matches("/*", "/") && matches("/*", "/anything") && matches("/", "/?x"));
        for bad in ["orders", "/orders/", "/a/*/b", "/a*", "*", "//*", "/a\"b"] {
            assert!(!is_pattern(bad), "{bad}");
        }
    }

    #[test]
    fn the_first_segment_is_returned_as_it_was_sent() {
        for (path, segment) in [("/a/b", "a"), ("/", ""), ("/a?b", "a"), ("*", "*"), ("", "")] {
            assert_eq!(first_segment(path.as_bytes()), segment.as_bytes());
        }
    }
}
