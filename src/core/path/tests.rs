//! Spellings of paths.

use proptest::prelude::*;

use super::*;

#[test]
fn an_escape_is_the_byte_that_it_stands_for_decoded_once() {
    for (path, expected) in [
        ("/%72elease", "/release"),
        ("/caf%c3%a9", "/caf\u{e9}"),
        ("/v1%3Abeta", "/v1:beta"),
        ("/%2572", "/%72"),
        ("/%25%37%32", "/%72"),
        ("/%zz%2", "/%zz%2"),
        ("/%7%32", "/%72"),
        ("/%%37%32", "/%72"),
        ("/%", "/%"),
        ("/%+1", "/%+1"),
    ] {
        assert_eq!(decoded(path.as_bytes()), expected.as_bytes(), "{path}");
    }
}

#[test]
fn an_escaped_slash_separates_nothing_and_equals_nothing_of_a_document() {
    assert_eq!(&*decoded(b"/a%2Fb%2fc%5Cd%5ce"), br"/a\b\c\d\e");
}

#[test]
fn a_pattern_names_a_path_or_all_below_it_by_whole_segments() {
    let matches = |pattern: &str, path: &str| Pattern::new(pattern).matches(&decoded(path.as_bytes()));
    assert!(matches("/orders", "/orders"));
    assert!(!matches("/orders", "/orders/") && !matches("/orders", "/orders2"));
    assert!(matches("/orders/*", "/orders/1/2") && matches("/orders/*", "/orders"));
    assert!(!matches("/orders/*", "/orders2/1"));
    assert!(matches("/*", "/") && matches("/*", "/anything") && matches("/", "/"));
}

#[test]
fn a_pattern_matches_a_path_in_any_spelling() {
    let matches = |pattern: &str, path: &str| Pattern::new(pattern).matches(&decoded(path.as_bytes()));
    for (pattern, path) in [
        ("/v1/users:search", "/v1/users%3Asearch"),
        ("/v1/users%3asearch", "/v1/users:search"),
        ("/caf%C3%A9/*", "/caf\u{e9}/x"),
        ("/caf%C3%A9", "/ca%66%c3%A9"),
        ("/a%25b", "/a%25b"),
        ("/a/%2A", "/a/*"),
    ] {
        assert!(matches(pattern, path), "{pattern} {path}");
    }
    for (pattern, path) in [
        ("/v1/users", "/v1%2Fusers"),
        ("/v1/*", "/v1%2Fusers"),
        ("/a%252Fb", "/a%2Fb"),
        ("/a/%2A", "/a/b"),
        ("/a", "/%2561"),
    ] {
        assert!(!matches(pattern, path), "{pattern} {path}");
    }
}

#[test]
fn a_dot_segment_is_found_between_slashes_and_backslashes_and_before_parameters() {
    for path in [
        ".",
        "/.",
        "/..",
        "/a/../b",
        "/a/./b",
        "/a/..;/b",
        "/a/.;x=1",
        "\\..\\a",
        "/%2e%2E/a",
        "/..%3b",
        "/a%2F..%2Fb",
        "/%.%2f.%5C",
        "/%%2f%2e",
    ] {
        assert!(has_dot_segment(path.as_bytes()), "{path}");
    }
    for path in ["", "/", "/a.b", "/...", "/..a", "/a..", "/a;..", "/%252e%252e/a", "/.a;b", "/.%2", "/..%"] {
        assert!(!has_dot_segment(path.as_bytes()), "{path}");
    }
}

/// Whether a segment of the decoded path is a dot segment, by definition.
fn by_definition(path: &[u8]) -> bool {
    decoded(path).split(|byte| matches!(byte, b'/' | b'\\')).any(|segment| {
        let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
        name == b"." || name == b".."
    })
}

#[test]
fn an_escaped_separator_or_a_backslash_is_found_in_the_part_that_decides() {
    for path in ["a\\b", "%2f", "a%2Fb", "%5c", "%%5C", "%2%2f", ".%2fa", "..%5Ca", ".\\a", "a/.%2fb"] {
        assert!(is_ambiguous(path.as_bytes(), path.len()), "{path}");
    }
    for path in ["", "a/b", "a//b", "%252f", "%2e%2e%2e", "%", "%5", "%2", "%2/f"] {
        assert!(!is_ambiguous(path.as_bytes(), path.len()), "{path}");
    }
    assert!(!is_ambiguous(b"a/b%2Fc", 1) && is_ambiguous(b"a/b%2Fc", 7));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]
    #[test]
    fn exactly_the_dot_segments_of_the_decoded_path_are_found(
        path in "(/|\\\\|\\.|;|a|%|2|3|5|%2[eEfF5]|%5[cC]|%3[bB]){0,10}",
    ) {
        let path = path.as_bytes();
        prop_assert_eq!(has_dot_segment(path), by_definition(path));
        let has_backslash = decoded(path).contains(&b'\\');
        prop_assert_eq!(is_ambiguous(path, path.len()), has_backslash || by_definition(path));
    }
}

proptest! {
    #[test]
    fn the_start_of_a_path_is_decoded_as_the_whole_is(
        path in "(/|a|%|%2[Ff]|%25|%6){0,12}", len in 0usize..12,
    ) {
        let (start, whole) = (decoded_start(path.as_bytes(), len), decoded(path.as_bytes()));
        prop_assert_eq!(start.get(..len).unwrap_or(&start), whole.get(..len).unwrap_or(&whole));
    }

    #[test]
    fn the_spelled_length_is_that_of_the_bytes_that_are_decoded(
        path in "(/|a|é|%|%2[Ff]|%25|%[cC]3|%6){0,12}",
    ) {
        let whole = decoded(path.as_bytes());
        for len in 0..=whole.len() {
            let spelled = spelled_len(path.as_bytes(), len);
            prop_assert_eq!(&*decoded(&path.as_bytes()[..spelled]), &whole[..len]);
            prop_assert_eq!(&*decoded(&path.as_bytes()[spelled..]), &whole[len..]);
        }
    }
}
