//! The kinds of values that fields have, and what their items must be together.

use super::{MAX_LIMIT, Node};
use crate::document::names::NameRule;
use crate::document::repeated::repeated;
use crate::document::rules;
use crate::sentence::{Phrase, Sentence, Value};
use crate::timestamp::Timestamp;

impl Node<'_> {
    /// A string. One that `accepts` rejects is reported with `rule`, and returned nevertheless.
    pub(in crate::document) fn text(
        &self,
        accepts: impl FnOnce(&str) -> bool,
        rule: Sentence,
    ) -> Option<String> {
        let text = self.string()?;
        if !accepts(text) {
            self.error(rule);
        }
        Some(text.to_owned())
    }

    /// A string that must follow `rule`. One that does not is reported, and returned nevertheless, so that
    /// references to it are not reported as well.
    #[inline(never)]
    pub(in crate::document) fn name(&self, rule: &NameRule) -> Option<String> {
        self.text(|text| rule.accepts(text), rule.phrase().into())
    }

    /// The value of one of these words. Any other string is an error.
    pub(in crate::document) fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let index = self.index_of(&|index| choices.get(index).map(|(word, _)| *word))?;
        choices.get(index).map(|(_, value)| *value)
    }

    /// The index of the word that this string is. Any other string is an error.
    #[inline(never)]
    fn index_of<'w>(&self, word: &dyn Fn(usize) -> Option<&'w str>) -> Option<usize> {
        let text = self.string()?;
        let words = || (0..).map_while(word);
        let index = words().position(|word| word == text);
        if index.is_none() {
            let words = words().map(|word| format!("\"{word}\""));
            self.error(rules::WORD.put(Value::joined(words, rules::OR)));
        }
        index
    }

    /// Any string, as an owned value.
    pub(in crate::document) fn owned(&self) -> Option<String> {
        self.string().map(str::to_owned)
    }

    /// The id or the name of a different object. It must not be empty, because an empty string stands for a
    /// reference that could not be read.
    pub(in crate::document) fn reference(&self) -> Option<String> {
        self.text(|text| !text.is_empty(), rules::EMPTY.into())
    }

    /// A time in the form of RFC 3339, from 1970 to 2554.
    #[inline(never)]
    pub(in crate::document) fn timestamp(&self) -> Option<Timestamp> {
        let timestamp = Timestamp::from_rfc3339(self.string()?);
        if timestamp.is_none() {
            self.error(rules::TIME);
        }
        timestamp
    }

    /// A limit on requests: a whole number from 1 to [`MAX_LIMIT`], or -1 for no limit, which is `None`.
    #[inline(never)]
    pub(in crate::document) fn limit(&self) -> Option<u64> {
        let number = self.integer()?;
        match number {
            -1 => None,
            1..=MAX_LIMIT => u64::try_from(number).ok(),
            _ => {
                self.error(rules::LIMIT.put(MAX_LIMIT.to_string()));
                None
            }
        }
    }

    /// Reports an array without items; returns `items`.
    pub(in crate::document) fn not_empty<T>(&self, items: Option<Vec<T>>) -> Vec<T> {
        if items.as_ref().is_some_and(Vec::is_empty) {
            self.error(rules::EMPTY);
        }
        items.unwrap_or_default()
    }

    /// Reports each item of this array that equals an earlier one. `rule` makes the message from the earlier
    /// item's index. Empty items are skipped: they could not be read, which is already reported.
    pub(in crate::document) fn unique(&self, items: &[String], rule: impl Fn(usize) -> Sentence) {
        let path = self.path();
        let report = &mut |i, first| self.report.add(path.item(i), rule(first));
        repeated(&mut items.iter().map(String::as_bytes), report);
    }

    /// Like [`unique`](Self::unique), for objects that must differ in their member `name`.
    pub(in crate::document) fn unique_members<T>(
        &self,
        items: &[T],
        name: &str,
        rule: impl Fn(usize) -> Sentence,
    ) where
        T: AsRef<[u8]>,
    {
        let path = self.path();
        let report = &mut |i, first| self.report.add(path.item(i).member(name), rule(first));
        repeated(&mut items.iter().map(AsRef::as_ref), report);
    }

    /// Reports `rule` for each item of this array that has the same `identity` as an earlier one.
    pub(in crate::document) fn distinct<T, I: PartialEq>(
        &self,
        items: &[T],
        identity: impl Fn(&T) -> I,
        rule: Phrase,
    ) {
        let path = self.path();
        for (i, item) in items.iter().enumerate() {
            if items.iter().take(i).any(|before| identity(before) == identity(item)) {
                self.report.add(path.item(i), rule);
            }
        }
    }
}
