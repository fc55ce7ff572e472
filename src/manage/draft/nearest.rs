//! Which word somebody may have meant.

/// The word that `written` is a slip of the keys away from: a letter, and one more for each five letters.
/// Upper and lower case are the same.
pub fn word<'w>(written: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let distance = |word: &str| strsim::damerau_levenshtein(&written.to_lowercase(), &word.to_lowercase());
    let words = words.filter(|word| !word.is_empty()).map(|word| (distance(word), word));
    let allowed = written.chars().count() / 5 + 1;
    words
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keys_is_understood_and_another_word_is_not() {
        let words = ["acme", "beta", "", "usagePlan-gold", "usagePlan-i2mqkbjv"];
        for (written, meant) in [
            ("amce", Some("acme")),
            ("ACME", Some("acme")),
            ("bet", Some("beta")),
            ("usageplan-glod", Some("usagePlan-gold")),
            ("usagePlan-x7ffq0zz", None),
            ("gamma", None),
            ("", None),
        ] {
            assert_eq!(word(written, words.into_iter()), meant, "{written}");
        }
    }
}
