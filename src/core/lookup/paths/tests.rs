//! Paths and the environments that they name.

use proptest::prelude::*;

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
fn a_path_that_can_be_read_as_another_names_no_environment_and_no_default() {
    for path in [
        "/test/../release/x",
        "//release/x",
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
        "/test/..%3B/release/x",
        "/test/%2E%2e%3ba/release/x",
        "/test/x%2F..%2F../release/x",
        "/release%2F..%2ftest/x",
        "*",
        "",
        "release/x",
    ] {
        assert_eq!(find(&by_name(Some(2)), path), None, "{path}");
    }
}

#[test]
fn dots_and_escapes_without_a_second_meaning_are_accepted() {
    for path in [
        "/release/a..b",
        "/release/...",
        "/release/%7Euser",
        "/release/%zz%2",
        "/release/a%2Fb",
        "/release/a//b",
    ] {
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
    assert_eq!(find(&paths, "/v1/%62eta/x"), Some((1, "/x".to_owned())));
    assert_eq!(find(&paths, "/v1%2Fbeta/x"), None);
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
fn a_pattern_of_an_api_must_be_in_normal_form() {
    for good in ["/", "/*", "/orders", "/orders/*", "/v1/users:search", "/caf%C3%A9/*"] {
        assert!(is_pattern(good), "{good}");
    }
    for bad in ["orders", "/orders/", "/a/*/b", "/a*", "*", "//*", "/a\"b", "/..%3Bx/*"] {
        assert!(!is_pattern(bad), "{bad}");
    }
}

#[test]
fn an_escape_in_the_path_names_the_environment_of_the_byte_that_it_stands_for() {
    let paths = by_name(Some(2));
    for path in ["/%72elease/x", "/releas%65/x", "/%72%65%6c%65%61%73%65/x"] {
        assert_eq!(find(&paths, path), Some((0, "/x".to_owned())), "{path}");
    }
    assert_eq!(find(&paths, "/%2572elease/x"), Some((2, "/%2572elease/x".to_owned())));
    let mappings = [("/caf%C3%A9", 0), ("/v1:beta", 1), ("/50%25", 3), ("/", 2)];
    let paths = Paths::by_mapping(mappings.into_iter(), None);
    for (path, environment, upstream) in [
        ("/caf%C3%A9/x", 0, "/x"),
        ("/caf%c3%a9/x", 0, "/x"),
        ("/c%61f\u{e9}/x?y=%c3", 0, "/x?y=%c3"),
        ("/v1%3Abeta/%3a", 1, "/%3a"),
        ("/v1%253Abeta/x", 2, "/v1%253Abeta/x"),
        ("/50%25", 3, "/"),
        ("/50%/x", 3, "/x"),
        ("/50%2541/x", 2, "/50%2541/x"),
        ("/50%41/x", 2, "/50%41/x"),
    ] {
        assert_eq!(find(&paths, path), Some((environment, upstream.to_owned())), "{path}");
    }
}

/// A path in a random spelling: each byte as it is, escaped in lower case, or escaped in upper case. Slashes
/// stay, because an escaped slash is not the same.
fn spell(path: &str, choices: &[u8]) -> Vec<u8> {
    let spell = |(byte, choice): (u8, &u8)| match choice {
        _ if byte == b'/' => vec![byte],
        1 => format!("%{byte:02x}").into_bytes(),
        2 => format!("%{byte:02X}").into_bytes(),
        _ if b"%?#".contains(&byte) => format!("%{byte:02X}").into_bytes(),
        _ => vec![byte],
    };
    path.bytes().zip(choices.iter().cycle()).flat_map(spell).collect()
}

proptest! {
    #[test]
    fn every_spelling_of_a_path_names_the_environment_of_the_plain_one(
        mapped in prop::collection::hash_set("(/(v1|caf\u{e9}|a:b|50%|\\*)){1,3}", 1..5),
        below in "(/[a\u{e9}%:.]{1,3}){0,3}",
        choices in prop::collection::vec(0u8..3, 1..40),
    ) {
        let mapped: Vec<String> = mapped.into_iter().collect();
        let texts: Vec<String> =
            mapped.iter().map(|path| path.replace('%', "%25").replace('\u{e9}', "%C3%A9")).collect();
        prop_assert!(texts.iter().all(|text| is_mapping(text)));
        let paths = Paths::by_mapping(texts.iter().map(String::as_str).zip(0..), Some(99));
        let plain = format!("{}{below}", mapped[0]);
        let expected = paths.find(&spell(&plain, &[0])).map(|named| named.environment);
        let path = spell(&plain, &choices);
        let named = paths.find(&path);
        prop_assert_eq!(named.as_ref().map(|named| named.environment), expected);
        if let Some(named) = named {
            prop_assert_eq!(&*decoded(&path[..named.prefix_len]), mapped[named.environment].as_bytes());
        }
    }
}

#[test]
fn the_first_segment_is_returned_as_it_was_sent() {
    for (path, segment) in [("/a/b", "a"), ("/", ""), ("/a?b", "a"), ("*", "*"), ("", "")] {
        assert_eq!(first_segment(path.as_bytes()), segment.as_bytes());
    }
}
