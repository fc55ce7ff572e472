//! The words by which the document names values, such as `enabled`.

/// The words that a member can have, each with the value that it stands for.
pub type Words<T, const N: usize> = [(&'static str, T); N];

/// The word that stands for `value`; empty when `words` lacks the value.
pub fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, meaning)| *meaning == value).map_or("", |(word, _)| word)
}
