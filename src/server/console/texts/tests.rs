//! What holds of every text. That a text has both languages, and that every text is used, the compiler holds.

use std::collections::BTreeSet;

use super::super::text::Text;

fn all() -> impl Iterator<Item = (&'static str, Text)> {
    let groups = [
        super::activity::ALL,
        super::binding::ALL,
        super::document::ALL,
        super::explain::ALL,
        super::frame::ALL,
        super::keys::ALL,
        super::login::ALL,
        super::outcomes::ALL,
        super::overview::ALL,
        super::plans::ALL,
        super::refusals::ALL,
        super::services::ALL,
        super::sign::ALL,
        super::usage::ALL,
    ];
    groups.concat().into_iter()
}

/// The names in braces, and what is in braces but is no name.
fn names(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn both_languages_say_the_same_values() {
    for (name, Text { english, chinese }) in all() {
        assert_eq!(names(english), names(chinese), "{name}");
        for text in [english, chinese] {
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{name}");
            assert!(!text.trim().is_empty() && text.trim() == text, "{name}: space around it");
        }
    }
}

#[test]
fn chinese_texts_are_chinese_unless_they_are_terms() {
    for (name, Text { english, chinese }) in all() {
        let is_chinese = chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(is_chinese || english == chinese, "{name}: {chinese}");
    }
}

#[test]
fn a_text_that_depends_on_a_number_has_two_forms_in_english_and_one_in_chinese() {
    for (name, Text { english, chinese }) in all() {
        let forms: Vec<&str> = english.split('|').collect();
        assert!(forms.len() <= 2, "{name}");
        assert!(!chinese.contains('|'), "{name}");
        if let [one, other] = forms[..] {
            assert!(one.contains("1 ") || one.contains("{n}"), "{name}");
            assert!(other.contains("{n}"), "{name}");
        }
    }
}
