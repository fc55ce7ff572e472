//! Words of the document that stand for values.

/// The words of a field, each with the value that it stands for.
pub type Words<T, const N: usize> = [(&'static str, T); N];

/// The word that stands for `value`.
pub fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, meaning)| *meaning == value).map_or("", |(word, _)| word)
}
