//! Reads the members of a JSON object one by one. A member that is missing, repeated, unknown or of the wrong
//! kind is reported, and reading goes on, so that an operator sees all errors at once.
//! What each field needs is never inlined, because the copies would be much of the module.

mod fields;

pub(super) use self::fields::Fields;
use super::errors::{Path, Report};
use super::json::Json;
use super::names::NameRule;
use super::repeated::repeated;
use super::rules;
use crate::sentence::{Phrase, Sentence, Value};
use crate::timestamp::Timestamp;

/// The largest limit: the largest Integer of Structured Fields (RFC 9651 section 3.3.1), in which the
/// `RateLimit` headers are written.
pub(super) const MAX_LIMIT: i64 = 999_999_999_999_999;

/// A value of the document, with its path.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    json: &'a Json,
    parent: Path<'a>,
    step: Step,
    report: &'a Report,
}

#[derive(Clone, Copy)]
enum Step {
    Whole,
    Member(&'static str),
    Item(usize),
}

// === impl Node ===

impl<'a> Node<'a> {
    /// The document itself.
    pub(super) fn root(json: &'a Json, report: &'a Report) -> Self {
        Self { json, parent: Path::Root, step: Step::Whole, report }
    }

    /// The item at `index` of the list at `list`.
    pub(super) fn item(json: &'a Json, list: Path<'a>, index: usize, report: &'a Report) -> Self {
        Self { json, parent: list, step: Step::Item(index), report }
    }

    /// Reports that the value breaks `rule`.
    #[inline(never)]
    pub(super) fn error(&self, rule: impl Into<Sentence>) {
        self.report.add(self.path(), rule);
    }

    /// A string. Any other value is an error.
    #[inline(never)]
    pub(super) fn string(&self) -> Option<&'a str> {
        match self.json {
            Json::String(text) => Some(text),
            _ => self.mismatch(rules::STRING),
        }
    }

    /// A boolean. Any other value is an error.
    #[inline(never)]
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.json {
            Json::Bool(value) => Some(*value),
            _ => self.mismatch(rules::TRUE_OR_FALSE),
        }
    }

    /// A whole number that fits an `i64`. `1.0` and `1e3` are errors, because they are not written as whole
    /// numbers.
    #[inline(never)]
    pub(super) fn integer(&self) -> Option<i64> {
        match self.json {
            Json::Number(number) => {
                let integer = number.as_i64();
                if integer.is_none() {
                    self.error(rules::BITS);
                }
                integer
            }
            _ => self.mismatch(rules::WHOLE_NUMBER),
        }
    }

    /// Calls `read` for each item of an array. A broken item stays in the list, so that later items keep
    /// their indices.
    pub(super) fn items<T>(&self, mut read: impl FnMut(Node<'_>) -> T) -> Option<Vec<T>> {
        let list = self.list()?;
        let mut items = Vec::with_capacity(list.len());
        self.each(list, &mut |item| items.push(read(item)));
        Some(items)
    }

    /// The items of an array. Any other value is an error.
    #[inline(never)]
    fn list(&self) -> Option<&'a [Json]> {
        match self.json {
            Json::Array(items) => Some(items),
            _ => self.mismatch(rules::ARRAY),
        }
    }

    #[inline(never)]
    fn each(&self, items: &[Json], read: &mut dyn FnMut(Node<'_>)) {
        let path = self.path();
        items.iter().enumerate().for_each(|(i, json)| read(Node::item(json, path, i, self.report)));
    }

    /// Calls `read` with the members of an object, then reports the members that `read` did not use.
    pub(super) fn object<T: Default>(&self, read: impl FnOnce(&mut Fields<'_>) -> T) -> T {
        let Some(members) = self.members() else { return T::default() };
        let mut fields = Fields::new(self.path(), members, self.report);
        let result = read(&mut fields);
        fields.finish();
        result
    }

    /// The members of an object. Any other value is an error.
    #[inline(never)]
    fn members(&self) -> Option<&'a [(String, Json)]> {
        match self.json {
            Json::Object(members) => Some(members),
            _ => self.mismatch(rules::OBJECT),
        }
    }

    /// A string. One that `accepts` rejects is reported with `rule`, and returned nevertheless.
    pub(super) fn text(&self, accepts: impl FnOnce(&str) -> bool, rule: Sentence) -> Option<String> {
        let text = self.string()?;
        if !accepts(text) {
            self.error(rule);
        }
        Some(text.to_owned())
    }

    /// A string that must follow `rule`. One that does not is reported, and returned nevertheless, so that
    /// references to it are not reported as well.
    #[inline(never)]
    pub(super) fn name(&self, rule: &NameRule) -> Option<String> {
        self.text(|text| rule.accepts(text), rule.phrase().into())
    }

    /// The value of one of these words. Any other string is an error.
    pub(super) fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
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
    pub(super) fn owned(&self) -> Option<String> {
        self.string().map(str::to_owned)
    }

    /// The id or the name of a different object. It must not be empty, because an empty string stands for a
    /// reference that could not be read.
    pub(super) fn reference(&self) -> Option<String> {
        self.text(|text| !text.is_empty(), rules::EMPTY.into())
    }

    /// A time in the form of RFC 3339, from 1970 to 2554.
    #[inline(never)]
    pub(super) fn timestamp(&self) -> Option<Timestamp> {
        let timestamp = Timestamp::from_rfc3339(self.string()?);
        if timestamp.is_none() {
            self.error(rules::TIME);
        }
        timestamp
    }

    /// A limit on requests: a whole number from 1 to [`MAX_LIMIT`], or -1 for no limit, which is `None`.
    #[inline(never)]
    pub(super) fn limit(&self) -> Option<u64> {
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
    pub(super) fn not_empty<T>(&self, items: Option<Vec<T>>) -> Vec<T> {
        if items.as_ref().is_some_and(Vec::is_empty) {
            self.error(rules::EMPTY);
        }
        items.unwrap_or_default()
    }

    /// Reports each item of this array that equals an earlier one. `rule` makes the message from the earlier
    /// item's index. Empty items are skipped: they could not be read, which is already reported.
    pub(super) fn unique(&self, items: &[String], rule: impl Fn(usize) -> Sentence) {
        let path = self.path();
        let report = &mut |i, first| self.report.add(path.item(i), rule(first));
        repeated(&mut items.iter().map(String::as_bytes), report);
    }

    /// Like [`unique`](Self::unique), for objects that must differ in their member `name`.
    pub(super) fn unique_members<T>(&self, items: &[T], name: &str, rule: impl Fn(usize) -> Sentence)
    where
        T: AsRef<[u8]>,
    {
        let path = self.path();
        let report = &mut |i, first| self.report.add(path.item(i).member(name), rule(first));
        repeated(&mut items.iter().map(AsRef::as_ref), report);
    }

    /// Reports `rule` for each item of this array that has the same `identity` as an earlier one.
    pub(super) fn distinct<T, I: PartialEq>(&self, items: &[T], identity: impl Fn(&T) -> I, rule: Phrase) {
        let path = self.path();
        for (i, item) in items.iter().enumerate() {
            if items.iter().take(i).any(|before| identity(before) == identity(item)) {
                self.report.add(path.item(i), rule);
            }
        }
    }

    /// Reports that the value is not of the `expected` kind.
    #[inline(never)]
    fn mismatch<T>(&self, expected: Phrase) -> Option<T> {
        self.error(rules::KIND.put(expected).put(self.json.kind()));
        None
    }

    /// The path of this value.
    #[inline(never)]
    fn path(&self) -> Path<'_> {
        match self.step {
            Step::Whole => self.parent,
            Step::Member(name) => self.parent.member(name),
            Step::Item(index) => self.parent.item(index),
        }
    }
}
