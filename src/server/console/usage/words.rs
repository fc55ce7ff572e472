//! How calls ended, in words, by the words of metrics.

use usage_plan_core::telemetry::Outcome;

use crate::console::text::Language;
use crate::console::texts::{outcomes, usage as texts};

/// How calls with this word ended.
pub(super) fn reason(language: Language, word: &str) -> String {
    if let Some(text) = outcomes::of_word(word) {
        return language.say(text).to_owned();
    }
    if word == Outcome::RateLimited.would() {
        language.say(texts::WOULD_RATE_LIMIT).to_owned()
    } else if word == Outcome::QuotaExceeded.would() {
        language.say(texts::WOULD_EXCEED_QUOTA).to_owned()
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_metrics_is_said_in_words_and_one_that_is_not_known_as_it_is() {
        for (word, said) in [
            ("allowed", "Admitted"),
            ("signature_mismatch", "Signature does not match"),
            ("would_rate_limit", "Over the rate, let through"),
            ("would_exceed_quota", "Quota spent, let through"),
            ("of_a_later_version", "of_a_later_version"),
        ] {
            assert_eq!(reason(Language::English, word), said);
        }
    }
}
