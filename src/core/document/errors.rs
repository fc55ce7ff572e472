//! What is wrong with a document, and where.

use std::cell::RefCell;
use std::fmt;

/// Every rule that a document breaks. Never empty, and never holds a secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Errors(Vec<Error>);

/// One broken rule and the place in the document that breaks it.
#[derive(Debug, PartialEq, Eq)]
pub struct Error {
    path: String,
    rule: String,
}

/// Collects errors while a document is read, so that all of them are reported together.
#[derive(Default)]
pub(crate) struct Report(RefCell<Vec<Error>>);

/// Where in the document: `usage_plans[2].keys[0]`. Costs nothing until an error needs its text.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    Root,
    Member(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

// === impl Errors ===

impl Errors {
    /// The errors, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Error> {
        self.0.iter()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Errors {
    /// A line for each error.
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
    /// The place, as `usage_plans[2].keys[0]`; empty for the document itself.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the place should have been.
    pub fn rule(&self) -> &str {
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
    pub(crate) fn add(&self, path: Path<'_>, rule: impl Into<String>) {
        self.0.borrow_mut().push(Error { path: path.to_string(), rule: rule.into() });
    }

    /// `Err` with everything that was added, if anything was.
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
    use super::*;

    #[test]
    fn a_path_reads_as_one_would_write_it() {
        let plans = Path::Root.member("usage_plans");
        let plan = plans.item(2);
        let keys = plan.member("keys");
        assert_eq!(keys.item(0).to_string(), "usage_plans[2].keys[0]");
    }

    #[test]
    fn errors_print_a_line_each() {
        let report = Report::default();
        report.add(Path::Root, "must be an object, not null");
        report.add(Path::Root.member("keys"), "must be an array, not a string");
        let errors = report.finish().expect_err("two errors");
        assert_eq!(
            errors.to_string(),
            "document: must be an object, not null\nkeys: must be an array, not a string"
        );
    }
}
