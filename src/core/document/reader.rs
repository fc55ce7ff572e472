//! Reads the members of a JSON object one by one, reporting each that is missing, repeated, unknown or of the
//! wrong kind, and going on: an operator wants all errors at once.

use super::errors::{Path, Report};
use super::json::Json;
use super::names::NameRule;

/// The members of an object.
pub(super) struct Fields<'a> {
    path: Path<'a>,
    members: &'a [(String, Json)],
    known: Vec<&'static str>,
    report: &'a Report,
}

/// A value that was present, with its place.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
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

// === impl Fields ===

impl<'a> Fields<'a> {
    /// The value of the member `name`, if it is there.
    pub(super) fn optional(&mut self, name: &'static str) -> Option<Value<'a>> {
        self.known.push(name);
        let mut found = self.members.iter().filter(|(member, _)| member == name);
        let (_, json) = found.next()?;
        if found.next().is_some() {
            self.report.add(self.path.member(name), "is there more than once");
        }
        Some(Value { json, parent: self.path, step: Step::Member(name), report: self.report })
    }

    /// The value of the member `name`; its absence is an error.
    pub(super) fn required(&mut self, name: &'static str) -> Option<Value<'a>> {
        let value = self.optional(name);
        if value.is_none() {
            self.report.add(self.path.member(name), "is missing");
        }
        value
    }

    /// Reports that the object as a whole breaks `rule`.
    pub(super) fn error(&self, rule: impl Into<String>) {
        self.report.add(self.path, rule);
    }

    /// Reports every member that nobody asked for.
    fn report_unknown(&self) {
        for (name, _) in self.members {
            if !self.known.contains(&name.as_str()) {
                let known = self.known.join(", ");
                self.report.add(self.path.member(name), format!("unknown field; known are {known}"));
            }
        }
    }
}

// === impl Value ===

impl<'a> Value<'a> {
    /// The document itself.
    pub(crate) fn root(json: &'a Json, report: &'a Report) -> Self {
        Self { json, parent: Path::Root, step: Step::Whole, report }
    }

    /// Reports that the value breaks `rule`.
    pub(super) fn error(&self, rule: impl Into<String>) {
        self.with_path(|path| self.report.add(path, rule));
    }

    pub(super) fn string(&self) -> Option<&'a str> {
        match self.json {
            Json::String(text) => Some(text),
            _ => self.mismatch("a string"),
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self.json {
            Json::Bool(value) => Some(*value),
            _ => self.mismatch("true or false"),
        }
    }

    /// A whole number; `1.0` and `1e3` are not written as one.
    pub(super) fn integer(&self) -> Option<i64> {
        match self.json {
            Json::Number(number) => {
                let integer = number.as_i64();
                if integer.is_none() {
                    self.error("must be a whole number of at most 63 bits");
                }
                integer
            }
            _ => self.mismatch("a whole number"),
        }
    }

    /// Calls `read` for each item of an array; a broken item keeps its place, so that later ones keep theirs.
    pub(super) fn items<T>(&self, mut read: impl FnMut(Value<'_>) -> T) -> Option<Vec<T>> {
        let Json::Array(items) = self.json else { return self.mismatch("an array") };
        self.with_path(|path| {
            let values = items.iter().enumerate().map(|(i, json)| Value {
                json,
                parent: path,
                step: Step::Item(i),
                report: self.report,
            });
            Some(values.map(&mut read).collect())
        })
    }

    /// Calls `read` with the members of an object, then reports those it did not ask for.
    pub(super) fn object<T: Default>(&self, read: impl FnOnce(&mut Fields<'_>) -> T) -> T {
        let Json::Object(members) = self.json else {
            return self.mismatch("an object").unwrap_or_default();
        };
        self.with_path(|path| {
            let mut fields = Fields { path, members, known: Vec::new(), report: self.report };
            let result = read(&mut fields);
            fields.report_unknown();
            result
        })
    }

    /// A text that `accepts` agrees to, or a report of `rule`.
    pub(super) fn text(&self, accepts: impl FnOnce(&str) -> bool, rule: &str) -> Option<String> {
        let text = self.string()?;
        if !accepts(text) {
            self.error(rule);
        }
        Some(text.to_owned())
    }

    /// A text that keeps to `rule`. One that does not is reported, and returned: what refers to it shall not
    /// be reported as well.
    pub(super) fn name(&self, rule: &NameRule) -> Option<String> {
        self.text(|text| rule.accepts(text), rule.text())
    }

    /// One of a few words, each standing for a value.
    pub(super) fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let text = self.string()?;
        let chosen = choices.iter().find(|(word, _)| *word == text);
        if chosen.is_none() {
            let words: Vec<String> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.error(format!("must be {}", words.join(" or ")));
        }
        chosen.map(|(_, value)| *value)
    }

    fn mismatch<T>(&self, expected: &str) -> Option<T> {
        self.error(format!("must be {expected}, not {}", self.json.kind()));
        None
    }

    fn with_path<T>(&self, use_path: impl FnOnce(Path<'_>) -> T) -> T {
        match self.step {
            Step::Whole => use_path(self.parent),
            Step::Member(name) => use_path(self.parent.member(name)),
            Step::Item(index) => use_path(self.parent.item(index)),
        }
    }
}
