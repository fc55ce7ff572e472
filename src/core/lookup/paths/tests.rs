//! Paths and the environments that they name.

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
    for path in ["/release/a..b", "/release/...", "/release/%7Euser", "/release/%zz%2", "/release/a%2Fb"] {
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
