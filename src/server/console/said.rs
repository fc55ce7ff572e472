//! Sentences of the rules, of Explain and of Sign in the reader's language. They come in English, with what
//! stands in them.

use std::fmt::Display;

use usage_plan_core::document::rules;
use usage_plan_core::sentence::{Phrase, Sentence, Value};
use usage_plan_manage::explain::phrases::NOT_HTTP;
use usage_plan_manage::sign::phrases::NO_ADDRESS;

use super::text::{Language, Text};
use super::texts::{activity, mistakes, parsers, rules as rule_texts, signing, steps};

/// The numbers of the places of a phrase.
const PLACES: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

/// The phrases that give a parser's own reason.
const OF_PARSERS: [Phrase; 3] = [rules::NOT_JSON, NOT_HTTP, NO_ADDRESS];

// === impl Language ===

impl Language {
    /// A sentence.
    pub(super) fn sentence(self, sentence: &Sentence) -> String {
        let phrase = sentence.phrase();
        let (Self::Chinese, Some(chinese)) = (self, chinese(phrase)) else { return sentence.to_string() };
        let is_of_parser = OF_PARSERS.contains(&phrase);
        let values = sentence.values().iter().map(|value| match value {
            Value::Text(text) if is_of_parser => parsers::chinese(text).unwrap_or(text).to_owned(),
            value => self.value(value),
        });
        let values: Vec<String> = values.collect();
        let places = PLACES.into_iter().zip(values.iter().map(|value| value as &dyn Display));
        let text = Text { english: phrase.0, chinese };
        self.fill(text, &places.collect::<Vec<_>>())
    }

    /// A value of a sentence, or one that stands alone.
    pub(super) fn value(self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Sentence(sentence) => self.sentence(sentence),
        }
    }
}

/// The phrase in Chinese.
fn chinese(phrase: Phrase) -> Option<&'static str> {
    let groups =
        [rule_texts::CHINESE, steps::CHINESE, mistakes::CHINESE, signing::CHINESE, activity::CHINESE];
    let mut texts = groups.into_iter().flatten();
    texts.find(|(english, _)| *english == phrase).map(|(_, chinese)| *chinese)
}

#[cfg(test)]
mod tests;
