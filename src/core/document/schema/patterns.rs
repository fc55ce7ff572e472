//! Rules for strings as regular expressions that ECMA-262 and Rust read alike; tests compare each with the reader's rule.

use super::super::names::NameRule;

/// `services[].domains[]`
pub const DOMAIN: &str = r"^(\*|(\*\.)?([0-9A-Za-z_-][0-9A-Za-z._-]*|\[[0-9A-Fa-f:.]+\]))$";

/// `keys[].secret_key_env`
pub const VARIABLE: &str = r"^[^=\u0000]+$";

/// `usage_plans[].quotas[].utc_offset`
pub const UTC_OFFSET: &str = r"^(\+(0[0-9]|1[0-3]):[0-5][0-9]|\+14:00|-(0[0-9]|1[01]):[0-5][0-9]|-12:00)$";

/// The escapes of characters that need none: A-Z a-z 0-9 - . _ ~ / \
const NEEDLESS: &str = "2[D-Fd-f]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[CFcf]|7[Ee]";

/// A segment that is no dot segment, of these characters besides those of all.
fn segment(besides: &str) -> String {
    format!(r"(?!\.\.?(/|$))([!$&'()+,.0-9:<=>@A-Z\[\]^_`a-z{{|}}~{besides}-]|%(?!{NEEDLESS}))+")
}

/// `services[].path_mappings[].path`
pub fn mapping() -> String {
    format!("^/({segment}(/{segment})*)?$", segment = segment("*"))
}

/// `usage_plans[].apis[].path`
pub fn api_path() -> String {
    format!(r"^(/|/\*|(/{segment})+(/\*)?)$", segment = segment(""))
}

/// A name's characters and its length.
pub fn of_name(rule: &NameRule) -> String {
    let all = class(rule.allowed);
    let first = class(|byte| (rule.allowed)(byte) && (rule.first)(byte));
    let NameRule { min, max, .. } = rule;
    if first == all {
        return format!("^{all}{{{min},{max}}}$");
    }
    format!("^{first}{all}{{{},{}}}$", min.saturating_sub(1), max.saturating_sub(1))
}

/// The characters of ASCII that `has` has, as a bracket expression.
fn class(has: impl Fn(u8) -> bool) -> String {
    let mut class = "[".to_owned();
    let mut next = 0;
    while let Some(first) = (next..128).find(|byte| has(*byte)) {
        let last = (first..127).find(|byte| !has(byte.saturating_add(1))).unwrap_or(127);
        for end in if first == last { vec![first] } else { vec![first, last] } {
            if end == last && last.saturating_sub(first) > 1 {
                class.push('-');
            }
            if matches!(end, b'\\' | b'[' | b']' | b'^' | b'-') {
                class.push('\\');
            }
            class.push(end.into());
        }
        next = last.saturating_add(1);
    }
    class.push(']');
    class
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::document::service::is_domain;
    use crate::document::{UtcOffset, is_mapping, is_pattern, names};

    struct Pattern(Validator);

    impl Pattern {
        fn new(pattern: &str) -> Self {
            Self(jsonschema::validator_for(&json!({ "pattern": pattern })).expect("a regular expression"))
        }

        fn accepts(&self, text: &str) -> bool {
            self.0.is_valid(&text.into())
        }
    }

    #[test]
    fn names_have_the_characters_and_lengths_of_their_rules() {
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
    fn an_offset_is_what_the_decoder_reads() {
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
        fn a_domain_is_what_the_decoder_takes_for_one(text in "(\\*\\.)?[\\[]?[aF.*:/_é0-]{0,6}[\\]]?") {
            prop_assert_eq!(Pattern::new(DOMAIN).accepts(&text), is_domain(&text));
        }

        #[test]
        fn a_variable_is_what_the_decoder_takes_for_one(text in "[a=\\x00 é]{0,4}") {
            prop_assert_eq!(Pattern::new(VARIABLE).accepts(&text), names::is_variable(&text));
        }

        #[test]
        fn a_path_is_what_the_decoder_takes_for_one(text in "/?([/.*a~;é?\" ]|\\.\\.?/|%[2-7][0-9A-Fa-fg]|%){0,6}(/\\*)?") {
            prop_assert_eq!(Pattern::new(&mapping()).accepts(&text), is_mapping(&text), "mapping");
            prop_assert_eq!(Pattern::new(&api_path()).accepts(&text), is_pattern(&text), "pattern");
        }

        #[test]
        fn any_character_may_be_in_a_path_or_not(byte in 0..128u8, high in 0..=255u8) {
            for text in [format!("/a{}", char::from(byte)), format!("/%{high:02x}"), format!("/%{high:02X}b")] {
                prop_assert_eq!(Pattern::new(&mapping()).accepts(&text), is_mapping(&text));
                prop_assert_eq!(Pattern::new(&api_path()).accepts(&text), is_pattern(&text));
            }
        }
    }
}
