//! The rules that a document breaks, each with the path of the value that breaks it.

use std::cell::RefCell;
use std::fmt;

use crate::sentence::Sentence;

/// How many errors of a document are logged. One mistake can be in each of a hundred thousand keys, and every
/// worker logs what it finds.
const MOST_LOGGED: usize = 50;

/// Every rule that a document breaks. It is never empty, and no message contains a secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Errors(Vec<Error>);

/// One broken rule and the path of the value that breaks it.
#[derive(Debug, PartialEq, Eq)]
pub struct Error {
    path: String,
    rule: Sentence,
}

/// Collects errors while a document is read, so that all of them are reported at once.
#[derive(Default)]
pub(crate) struct Report(RefCell<Vec<Error>>);

/// The path of a value in the document, such as `usage_plans[2].keys[0]`. It is written out only when an
/// error needs it.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    Root,
    Member(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

// === impl Errors ===

impl Errors {
    /// One error: the value at `path` breaks `rule`.
    pub(super) fn one(path: Path<'_>, rule: impl Into<Sentence>) -> Self {
        Self(vec![Error { path: path.to_string(), rule: rule.into() }])
    }

    /// The errors, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Error> {
        self.0.iter()
    }

    /// The number of errors.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Gives `log` the lines that whoever refuses the document writes to its log.
    pub fn log(&self, mut log: impl FnMut(&str)) {
        log(&format!("the usage plan document is refused; errors: {}", self.count()));
        self.iter().take(MOST_LOGGED).for_each(|error| log(&error.to_string()));
        if let Some(more @ 1..) = self.count().checked_sub(MOST_LOGGED) {
            log(&format!("and {more} more: `usage-plan check` prints all of them"));
        }
    }
}

impl fmt::Display for Errors {
    /// Writes one line for each error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            let line_break = if i == 0 { "" } else { "\n" };
            write!(f, "{line_break}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

// === impl Error ===

impl Error {
    /// The path of the value, such as `usage_plans[2].keys[0]`; empty for the document itself.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The rule that the value breaks, in English, such as `must not be empty`.
    pub fn rule(&self) -> String {
        self.rule.to_string()
    }

    /// The same for whoever says it in another language; its phrase is one of [`rules`](super::rules).
    pub fn sentence(&self) -> &Sentence {
        &self.rule
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "document" } else { &self.path };
        write!(f, "{path}: {}", self.rule)
    }
}

// === impl Report ===

impl Report {
    /// Adds an error: the value at `path` breaks `rule`.
    pub(crate) fn add(&self, path: Path<'_>, rule: impl Into<Sentence>) {
        self.add_owned(path, rule.into());
    }

    // Errors are added in a hundred places, each of which would get a copy of this.
    #[inline(never)]
    fn add_owned(&self, path: Path<'_>, rule: Sentence) {
        self.0.borrow_mut().push(Error { path: path.to_string(), rule });
    }

    /// Adds the errors of another report after those that this one has.
    pub(crate) fn append(&self, other: Self) {
        self.0.borrow_mut().append(&mut other.0.into_inner());
    }

    /// Returns every error that was added, or `Ok` if there is none.
    pub(crate) fn finish(self) -> Result<(), Errors> {
        let errors = self.0.into_inner();
        if errors.is_empty() { Ok(()) } else { Err(Errors(errors)) }
    }
}

// === impl Path ===

impl<'p> Path<'p> {
    pub(crate) fn member(&'p self, name: &'p str) -> Self {
        Self::Member(self, name)
    }

    pub(crate) fn item(&'p self, index: usize) -> Self {
        Self::Item(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Path::Root, name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules;
    use super::*;

    #[test]
    fn a_path_is_written_with_dots_and_brackets() {
        let plans = Path::Root.member("usage_plans");
        let plan = plans.item(2);
        let keys = plan.member("keys");
        assert_eq!(keys.item(0).to_string(), "usage_plans[2].keys[0]");
    }

    #[test]
    fn each_error_is_one_line() {
        let report = Report::default();
        report.add(Path::Root, rules::KIND.put(rules::OBJECT).put(rules::NULL));
        report.add(Path::Root.member("keys"), rules::KIND.put(rules::ARRAY).put(rules::STRING));
        let errors = report.finish().expect_err("two errors");
        assert_eq!(
            errors.to_string(),
            "document: must be an object, not null\nkeys: must be an array, not a string"
        );
    }
}
