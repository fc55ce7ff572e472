//! Sentences that another language can say too: words with places, and the values that stand there.

use std::fmt;

/// Words in English, in which `{0}`, `{1}` and so on are the places of values. They find a translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase(pub &'static str);

/// A phrase with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    phrase: Phrase,
    values: Vec<Value>,
}

/// What stands in a place of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text that is the same in each language, such as a name or a number.
    Text(String),
    /// Words that have a translation themselves.
    Sentence(Sentence),
}

/// Declares phrases, and lists them for whoever translates them.
#[macro_export]
macro_rules! phrases {
    ($($name:ident: $words:literal;)+) => {
        $(#[doc = concat!("`", $words, "`")]
        pub const $name: $crate::sentence::Phrase = $crate::sentence::Phrase($words);)+

        /// Every phrase of this file.
        pub const ALL: &[$crate::sentence::Phrase] = &[$($name),+];
    };
}

// === impl Phrase ===

impl Phrase {
    /// The phrase with its first value.
    pub fn put<V: Into<Value>>(self, value: V) -> Sentence {
        Sentence::from(self).put(value)
    }
}

// === impl Sentence ===

impl Sentence {
    /// The sentence with its next value.
    #[must_use]
    pub fn put<V: Into<Value>>(self, value: V) -> Self {
        self.put_value(value.into())
    }

    /// The phrase.
    pub fn phrase(&self) -> Phrase {
        self.phrase
    }

    /// The values, in the order of their numbers.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    // Values are put in a hundred places, each of which would get a copy of this.
    #[inline(never)]
    fn put_value(mut self, value: Value) -> Self {
        self.values.push(value);
        self
    }
}

impl From<Phrase> for Sentence {
    fn from(phrase: Phrase) -> Self {
        Self { phrase, values: Vec::new() }
    }
}

impl fmt::Display for Sentence {
    /// Writes the sentence in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.phrase.0;
        while let Some((before, after)) = rest.split_once('{') {
            f.write_str(before)?;
            let Some((number, after)) = after.split_once('}') else { break };
            if let Some(value) = number.parse().ok().and_then(|index: usize| self.values.get(index)) {
                fmt::Display::fmt(value, f)?;
            }
            rest = after;
        }
        f.write_str(rest)
    }
}

impl std::error::Error for Sentence {}

// === impl Value ===

impl Value {
    /// Several values as one: `between` joins two of them. None are an empty text.
    pub fn joined<V: Into<Self>>(values: impl IntoIterator<Item = V>, between: Phrase) -> Self {
        let joined = |before, next| between.put::<Self>(before).put::<Self>(next).into();
        values.into_iter().map(V::into).reduce(joined).unwrap_or_else(|| "".into())
    }
}

impl fmt::Display for Value {
    /// Writes the value in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Sentence(sentence) => sentence.fmt(f),
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Text(number.to_string())
    }
}

impl From<Phrase> for Value {
    fn from(phrase: Phrase) -> Self {
        Self::Sentence(phrase.into())
    }
}

impl From<Sentence> for Value {
    fn from(sentence: Sentence) -> Self {
        Self::Sentence(sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_their_places_in_any_order() {
        const EITHER: Phrase = Phrase("{0} or {1}");
        let sentence = Phrase("take {1}, not {0}: {1}").put(7_usize).put(EITHER.put("a").put("{0}"));
        assert_eq!(sentence.to_string(), "take a or {0}, not 7: a or {0}");
        assert_eq!(Value::joined(["a", "b", "c"], EITHER).to_string(), "a or b or c");
        assert_eq!(Value::joined(Vec::<Value>::new(), EITHER).to_string(), "");
    }
}
