//! Each regular expression of the schema accepts what the reader's rule accepts.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::json;

use crate::document::schema::patterns::*;
use crate::document::{UtcOffset, is_domain, is_mapping, is_pattern, is_usage_path, names};

struct Pattern(Validator);

// Each is compiled once for all texts: that takes longer than to try thousands of them.
static DOMAIN: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(&domain()));
static MAPPING: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(&mapping()));
static PATH: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(&path()));
static API_PATH: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(&api_path()));

impl Pattern {
    fn new(pattern: &str) -> Self {
        Self(jsonschema::validator_for(&json!({ "pattern": pattern })).expect("a regular expression"))
    }

    fn accepts(&self, text: &str) -> bool {
        self.0.is_valid(&text.into())
    }
}

#[test]
fn the_pattern_of_a_name_accepts_what_its_rule_accepts() {
    let rules = [
        names::KEY_NAME,
        names::SECRET_ID,
        names::SECRET_KEY,
        names::PLAN_NAME,
        names::ID,
        names::ENVIRONMENT,
        names::HEADER_NAME,
        names::METHOD,
    ];
    for rule in rules {
        let pattern = Pattern::new(&of_name(&rule));
        let good = ["A", "a"].into_iter().find(|letter| rule.accepts(&letter.repeat(rule.min.max(1))));
        let good = good.expect("a letter").repeat(rule.min.max(2));
        for byte in 0..=255u8 {
            for text in [format!("{}{good}", char::from(byte)), format!("{good}{}", char::from(byte))] {
                assert_eq!(pattern.accepts(&text), rule.accepts(&text), "{text:?}");
            }
        }
        for length in 0..=rule.max + 1 {
            let text = good.repeat(length)[..length].to_owned();
            assert_eq!(pattern.accepts(&text), rule.accepts(&text), "{text:?}");
        }
    }
}

#[test]
fn the_pattern_of_an_offset_accepts_what_the_reader_accepts() {
    let pattern = Pattern::new(UTC_OFFSET);
    for sign in ["+", "-", "", " "] {
        for (hours, minutes) in (0..=24).flat_map(|hours| (0..=61).map(move |minutes| (hours, minutes))) {
            let text = format!("{sign}{hours:02}:{minutes:02}");
            assert_eq!(pattern.accepts(&text), UtcOffset::parse(&text).is_some(), "{text}");
        }
    }
    for text in ["", "+8:00", "+08", "+0800", "+08:0", "+08:000", "+08:00 ", "Z"] {
        assert!(!pattern.accepts(text) && UtcOffset::parse(text).is_none(), "{text}");
    }
}

proptest! {
    #[test]
    fn the_pattern_of_a_domain_accepts_what_the_reader_accepts(text in "(\\*\\.)?[\\[]?[aF.*:/_é0-]{0,6}[\\]]?\\.?") {
        prop_assert_eq!(DOMAIN.accepts(&text), is_domain(&text));
    }

    #[test]
    fn the_pattern_of_an_address_accepts_what_the_reader_accepts(
        text in "(\\*\\.)?((0|1|9|10|99|199|249|255|256|260|300|01|1a)\\.){0,4}(0|25[0-9]|[0-9]|00)\\.?",
    ) {
        prop_assert_eq!(DOMAIN.accepts(&text), is_domain(&text));
    }

    #[test]
    fn the_pattern_of_an_ipv6_address_accepts_what_the_reader_accepts(
        text in "\\[(([0-9a-fA-F]{1,4}|:|12345|g|1\\.2\\.3\\.4):){0,8}([0-9a-fA-F]{1,4}|:|10\\.0\\.255\\.0|10\\.0\\.1|10.0.0.01)?\\]\\.?",
    ) {
        prop_assert_eq!(DOMAIN.accepts(&text), is_domain(&text));
    }

    #[test]
    fn the_pattern_of_a_domain_limits_its_length_as_the_reader_does(
        start in "(\\*\\.)?", length in 240usize..260, end in "\\.?",
    ) {
        let text = format!("{start}{}{end}", "a".repeat(length));
        prop_assert_eq!(DOMAIN.accepts(&text), is_domain(&text));
    }

    #[test]
    fn the_pattern_of_a_variable_accepts_what_the_reader_accepts(text in "[a=\\x00 é]{0,4}") {
        prop_assert_eq!(Pattern::new(VARIABLE).accepts(&text), names::is_variable(&text));
    }

    #[test]
    fn the_patterns_of_paths_accept_what_the_reader_accepts(text in "/?([/.*a~;é?\" ]|\\.\\.?(/|%3[Bb]|%2[Ee])|%[2-7][0-9A-Fa-fg]|%){0,6}(/\\*)?") {
        prop_assert_eq!(MAPPING.accepts(&text), is_mapping(&text), "mapping");
        prop_assert_eq!(PATH.accepts(&text), is_usage_path(&text), "usage path");
        prop_assert_eq!(API_PATH.accepts(&text), is_pattern(&text), "pattern");
    }

    #[test]
    fn the_patterns_of_paths_treat_every_character_as_the_reader_does(byte in 0..128u8, high in 0..=255u8) {
        for text in [format!("/a{}", char::from(byte)), format!("/%{high:02x}"), format!("/%{high:02X}b")] {
            prop_assert_eq!(MAPPING.accepts(&text), is_mapping(&text));
            prop_assert_eq!(API_PATH.accepts(&text), is_pattern(&text));
        }
    }
}
