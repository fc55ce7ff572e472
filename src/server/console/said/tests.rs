//! What holds of every sentence.

use std::collections::BTreeSet;

use usage_plan_core::document::rules;
use usage_plan_manage::audit;
use usage_plan_manage::draft::Draft;
use usage_plan_manage::explain::{self, Captured};
use usage_plan_manage::secrets;
use usage_plan_manage::sign::{self, Url};

use super::*;

fn phrases() -> Vec<Phrase> {
    [
        rules::ALL,
        explain::phrases::ALL,
        explain::mistake_phrases::ALL,
        sign::phrases::ALL,
        secrets::phrases::ALL,
        audit::phrases::ALL,
    ]
    .concat()
}

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_phrase_has_chinese_words_with_the_same_places() {
    for phrase in phrases() {
        let chinese = chinese(phrase).unwrap_or_else(|| panic!("no Chinese: {}", phrase.0));
        assert_eq!(places(phrase.0), places(chinese), "{}", phrase.0);
        let known: BTreeSet<&str> = PLACES.into_iter().take(places(phrase.0).len()).collect();
        assert_eq!(places(phrase.0), known, "{}", phrase.0);
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let is_word_of_json = [rules::TRUE_OR_FALSE, rules::NULL].contains(&phrase);
        let is_term = [explain::phrases::SECRET, sign::phrases::SECRET_ID, sign::phrases::SECRET_KEY];
        assert!(chinese.contains(is_chinese) || is_word_of_json || is_term.contains(&phrase), "{chinese}");
    }
}

#[test]
fn no_translation_is_without_its_phrase() {
    let groups =
        [rule_texts::CHINESE, steps::CHINESE, mistakes::CHINESE, signing::CHINESE, activity::CHINESE];
    let translated: Vec<Phrase> = groups.concat().into_iter().map(|(phrase, _)| phrase).collect();
    let known = phrases();
    for phrase in &translated {
        assert!(known.contains(phrase), "{}", phrase.0);
        assert_eq!(translated.iter().filter(|other| *other == phrase).count(), 1, "{}", phrase.0);
    }
}

#[test]
fn a_rule_is_said_with_its_values_in_each_language() {
    let text = br#"{"keys": [{"name": 7, "secret_id": "AKIDacme", "secret_key": "acme-secret-key-1"}],
        "usage_plans": [{"id": "p", "name": "p", "keys": ["AKIDgone"]}],
        "options": {"legacy_auth_status": 500}}"#;
    let Err(errors) = Draft::parse(text) else { panic!("accepted") };
    let said = |language: Language| {
        errors.iter().map(|error| language.sentence(error.sentence())).collect::<Vec<String>>()
    };
    assert_eq!(
        said(Language::English),
        errors.iter().map(usage_plan_core::document::Error::rule).collect::<Vec<_>>()
    );
    let chinese = said(Language::Chinese);
    for expected in ["须为字符串，而不是数字", "没有 secret_id 为 \"AKIDgone\" 的密钥", "须为 401 或 403"]
    {
        assert!(chinese.iter().any(|rule| rule == expected), "{expected}: {chinese:?}");
    }
}

#[test]
fn what_parsers_say_is_said_in_each_language() {
    let is_chinese = |text: &str| !text.contains(|c: char| c.is_ascii_lowercase());
    for text in [
        "{",
        "[",
        "\"",
        "{\"a\"",
        "{\"a\" 1}",
        "{\"a\": 1 2}",
        "[1 2]",
        "tru",
        "?",
        "\"\\q\"",
        "1.",
        "1e999",
        "\"\u{1}\"",
        "{1: 2}",
        "\"\\ud800\"",
        "\"\\ud8",
        "[1,]",
        "{} {}",
    ] {
        let Err(errors) = Draft::parse(text.as_bytes()) else { panic!("accepted: {text}") };
        let said: Vec<String> =
            errors.iter().map(|error| Language::Chinese.sentence(error.sentence())).collect();
        assert!(is_chinese(&said.concat().replace("JSON", "")), "{text}: {said:?}");
    }
    for text in ["GET", "GET / HTTP/1.1\nno header", "GET / HTTP/1.1\na: \u{1}\n"] {
        let error = Captured::parse(text.as_bytes()).expect_err("refused");
        let said = Language::Chinese.sentence(&error.sentence());
        assert!(is_chinese(&said), "{text}: {said}");
    }
    for text in ["", "http://a b"] {
        let said = Language::Chinese.sentence(&text.parse::<Url>().expect_err("refused"));
        assert!(is_chinese(&said), "{text}: {said}");
    }
}
