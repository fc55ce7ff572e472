//! Reads the members of an object by their names. Nothing here is inlined, because each of the hundred members
//! would have a copy.

use super::{Node, Step};
use crate::document::errors::{Path, Report};
use crate::document::json::Json;
use crate::document::names::NameRule;
use crate::document::rules;
use crate::sentence::Sentence;
use crate::timestamp::Timestamp;

/// The members of an object that is being read.
pub(in crate::document) struct Fields<'a> {
    path: Path<'a>,
    members: &'a [(String, Json)],
    known: Vec<&'static str>,
    report: &'a Report,
}

// === impl Fields ===

impl<'a> Fields<'a> {
    pub(super) fn new(path: Path<'a>, members: &'a [(String, Json)], report: &'a Report) -> Self {
        Self { path, members, known: Vec::new(), report }
    }

    /// The value of the member `name`, if the object has it.
    #[inline(never)]
    pub(in crate::document) fn optional(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.known.push(name);
        let mut found = self.members.iter().filter(|(member, _)| member == name);
        let (_, json) = found.next()?;
        if found.next().is_some() {
            self.report.add(self.path.member(name), rules::MORE_THAN_ONCE);
        }
        Some(Node { json, parent: self.path, step: Step::Member(name), report: self.report })
    }

    /// The value of the member `name`; its absence is an error.
    pub(in crate::document) fn required(&mut self, name: &'static str) -> Option<Node<'a>> {
        let value = self.optional(name);
        if value.is_none() {
            self.report.add(self.path.member(name), rules::MISSING);
        }
        value
    }

    /// The string in the member `name`, which must follow `rule`. The member's absence is an error, and gives
    /// an empty string.
    #[inline(never)]
    pub(in crate::document) fn required_name(&mut self, name: &'static str, rule: &NameRule) -> String {
        self.required(name).and_then(|node| node.name(rule)).unwrap_or_default()
    }

    /// The string in the member `name`, which must follow `rule`; empty when the object lacks the member.
    #[inline(never)]
    pub(in crate::document) fn optional_name(&mut self, name: &'static str, rule: &NameRule) -> String {
        self.optional(name).and_then(|node| node.name(rule)).unwrap_or_default()
    }

    /// The items of the array in the member `name`; empty when the object lacks the member.
    pub(in crate::document) fn list<T>(&mut self, name: &'static str, read: fn(Node<'_>) -> T) -> Vec<T> {
        self.optional(name).and_then(|node| node.items(read)).unwrap_or_default()
    }

    /// The string in the member `name`; empty when the object lacks the member.
    #[inline(never)]
    pub(in crate::document) fn text(&mut self, name: &'static str) -> String {
        self.optional(name).and_then(|node| node.owned()).unwrap_or_default()
    }

    /// The boolean in the member `name`, or `default`.
    #[inline(never)]
    pub(in crate::document) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        self.optional(name).and_then(|node| node.boolean()).unwrap_or(default)
    }

    /// The limit in the member `name`, if the object has it.
    #[inline(never)]
    pub(in crate::document) fn limit(&mut self, name: &'static str) -> Option<u64> {
        self.optional(name).and_then(|node| node.limit())
    }

    /// The time in the member `name`, if the object has it.
    #[inline(never)]
    pub(in crate::document) fn timestamp(&mut self, name: &'static str) -> Option<Timestamp> {
        self.optional(name).and_then(|node| node.timestamp())
    }

    /// The reference in the member `name`, if the object has it.
    #[inline(never)]
    pub(in crate::document) fn reference(&mut self, name: &'static str) -> Option<String> {
        self.optional(name).and_then(|node| node.reference())
    }

    /// The value of the word in the member `name`, if the object has it.
    pub(in crate::document) fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        self.optional(name).and_then(|node| node.one_of(choices))
    }

    /// Reports that the member `name` breaks `rule`, which concerns several members.
    #[inline(never)]
    pub(in crate::document) fn member_error(&self, name: &'static str, rule: impl Into<Sentence>) {
        self.report.add(self.path.member(name), rule);
    }

    /// Reports that the object as a whole breaks `rule`.
    #[inline(never)]
    pub(in crate::document) fn error(&self, rule: impl Into<Sentence>) {
        self.report.add(self.path, rule);
    }

    /// Reports every member that was not read, and lists the members that were.
    #[inline(never)]
    pub(super) fn finish(self) {
        for (name, _) in self.members {
            if !self.known.contains(&name.as_str()) {
                let known = self.known.join(", ");
                self.report.add(self.path.member(name), rules::UNKNOWN_FIELD.put(known));
            }
        }
    }
}
