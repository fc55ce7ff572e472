//! Reads the members of a JSON object one by one. A member that is missing, repeated, unknown or of the wrong
//! kind is reported, and reading goes on, so that an operator sees all errors at once.
//! What each field needs is never inlined, because the copies would be much of the module.

mod values;

use super::errors::{Path, Report};
use super::json::Json;
use super::names::NameRule;
use super::rules;
use crate::sentence::{Phrase, Sentence};
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

/// The members of an object that is being read.
pub(super) struct Fields<'a> {
    path: Path<'a>,
    members: &'a [(String, Json)],
    known: Vec<&'static str>,
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

// === impl Fields ===

impl<'a> Fields<'a> {
    fn new(path: Path<'a>, members: &'a [(String, Json)], report: &'a Report) -> Self {
        Self { path, members, known: Vec::new(), report }
    }

    /// The value of the member `name`, if the object has it.
    #[inline(never)]
    pub(super) fn optional(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.known.push(name);
        let mut found = self.members.iter().filter(|(member, _)| member == name);
        let (_, json) = found.next()?;
        if found.next().is_some() {
            self.report.add(self.path.member(name), rules::MORE_THAN_ONCE);
        }
        Some(Node { json, parent: self.path, step: Step::Member(name), report: self.report })
    }

    /// The value of the member `name`; its absence is an error.
    pub(super) fn required(&mut self, name: &'static str) -> Option<Node<'a>> {
        let value = self.optional(name);
        if value.is_none() {
            self.report.add(self.path.member(name), rules::MISSING);
        }
        value
    }

    /// The string in the member `name`, which must follow `rule`. The member's absence is an error, and gives
    /// an empty string.
    #[inline(never)]
    pub(super) fn required_name(&mut self, name: &'static str, rule: &NameRule) -> String {
        self.required(name).and_then(|node| node.name(rule)).unwrap_or_default()
    }

    /// The string in the member `name`, which must follow `rule`; empty when the object lacks the member.
    #[inline(never)]
    pub(super) fn optional_name(&mut self, name: &'static str, rule: &NameRule) -> String {
        self.optional(name).and_then(|node| node.name(rule)).unwrap_or_default()
    }

    /// The items of the array in the member `name`; empty when the object lacks the member.
    pub(super) fn list<T>(&mut self, name: &'static str, read: fn(Node<'_>) -> T) -> Vec<T> {
        self.optional(name).and_then(|node| node.items(read)).unwrap_or_default()
    }

    /// The string in the member `name`; empty when the object lacks the member.
    #[inline(never)]
    pub(super) fn text(&mut self, name: &'static str) -> String {
        self.optional(name).and_then(|node| node.owned()).unwrap_or_default()
    }

    /// The boolean in the member `name`, or `default`.
    #[inline(never)]
    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        self.optional(name).and_then(|node| node.boolean()).unwrap_or(default)
    }

    /// The limit in the member `name`, if the object has it.
    #[inline(never)]
    pub(super) fn limit(&mut self, name: &'static str) -> Option<u64> {
        self.optional(name).and_then(|node| node.limit())
    }

    /// The time in the member `name`, if the object has it.
    #[inline(never)]
    pub(super) fn timestamp(&mut self, name: &'static str) -> Option<Timestamp> {
        self.optional(name).and_then(|node| node.timestamp())
    }

    /// The reference in the member `name`, if the object has it.
    #[inline(never)]
    pub(super) fn reference(&mut self, name: &'static str) -> Option<String> {
        self.optional(name).and_then(|node| node.reference())
    }

    /// The value of the word in the member `name`, if the object has it.
    pub(super) fn one_of<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        self.optional(name).and_then(|node| node.one_of(choices))
    }

    /// Reports that the member `name` breaks `rule`, which concerns several members.
    #[inline(never)]
    pub(super) fn member_error(&self, name: &'static str, rule: impl Into<Sentence>) {
        self.report.add(self.path.member(name), rule);
    }

    /// Reports that the object as a whole breaks `rule`.
    #[inline(never)]
    pub(super) fn error(&self, rule: impl Into<Sentence>) {
        self.report.add(self.path, rule);
    }

    /// Reports every member that was not read, and lists the members that were.
    #[inline(never)]
    fn finish(self) {
        for (name, _) in self.members {
            if !self.known.contains(&name.as_str()) {
                let known = self.known.join(", ");
                self.report.add(self.path.member(name), rules::UNKNOWN_FIELD.put(known));
            }
        }
    }
}
