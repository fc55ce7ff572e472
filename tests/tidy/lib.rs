//! House rules that hold by themselves: each rule reads the sources or the docs, and reports every fault.
//!
//! | module | rule |
//! |---|---|
//! | [`members`] | which member may use which, which crates stand behind it; no file is left over |
//! | [`rooms`] | which folder of a crate may use which |
//! | [`circles`] | files do not use each other in a circle |
//! | [`layout`] | module docs, length of files, width of lines, no `mod.rs` |
//! | [`citations`] | every link and every cited anchor has a target |
//! | [`unsafe_code`] | where `unsafe` may be |
//! | [`translation`] | the README in two languages is kept in step |
//! | [`schema`] | the tables of `docs/document.md` have the fields of the JSON Schema |
//! | [`threats`] | the tests that `SECURITY.md` names exist |
//! | [`wording`] | phrases that a reader has to decode, and what to write instead |
//!
//! [`tree`] holds the files, [`modules`] and [`uses`] read Rust, [`markdown`] reads the docs. No product
//! crate is a dependency, so these tests build in seconds. Every rule has a unit test that plants a fault and
//! finds it; `repository.rs` applies the rules to this repository.

use std::fmt;

pub mod circles;
pub mod citations;
pub mod layout;
pub mod markdown;
pub mod members;
pub mod modules;
pub mod rooms;
pub mod schema;
pub mod threats;
pub mod translation;
pub mod tree;
pub mod unsafe_code;
pub mod uses;
pub mod wording;

/// A place that breaks a rule. It is printed as `file:line: what is wrong; what to do`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    file: String,
    line: usize,
    what: String,
    remedy: String,
}

impl Fault {
    /// A fault in a line of a file, counted from 1.
    #[must_use]
    pub fn new(file: &str, line: usize, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file, self.line, self.what, self.remedy)
    }
}

/// The faults as text, for the assertions of unit tests.
#[cfg(test)]
pub(crate) fn printed(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}
