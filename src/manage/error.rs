//! Why something could not be done.

use std::fmt;
use std::io;
use std::path::PathBuf;

use usage_plan_core::document::Errors;

use crate::refusal::Refusal;

/// Why something could not be done. Nothing was changed.
#[derive(Debug)]
pub enum Error {
    /// A rule stands in the way, or an object is not there.
    Refused(Box<Refusal>),
    /// The document's file breaks rules, so it cannot be used.
    Invalid {
        /// The document's file.
        path: PathBuf,
        /// The rules that it breaks.
        errors: Errors,
    },
    /// The document's file is not there.
    NoDocument {
        /// The document's file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The document's file is read-only.
    ReadOnly(PathBuf),
    /// The document's file is not as it was when it was read.
    ChangedMeanwhile(PathBuf),
    /// The document's path does not end in the name of a file.
    NoFileName(PathBuf),
    /// An input (a file, an answer, a captured request) is not what it has to be. The text names it and says
    /// why.
    Input(String),
    /// An argument cannot be used as it is, or not together with the others. The text names it and says why.
    Argument(String),
    /// A file, or another system, cannot be reached.
    Unreachable {
        /// What cannot be reached.
        what: String,
        /// The reason.
        why: String,
    },
}

/// The result of something that can fail.
pub type Result<T> = std::result::Result<T, Error>;

// === impl Error ===

impl Error {
    /// An input is not what it has to be; `message` names it and says why.
    pub fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }

    /// An argument cannot be used; `message` names it and says why.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::Argument(message.into())
    }

    /// `what` (a file, an address) cannot be reached.
    pub fn unreachable(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::Unreachable { what: what.to_string(), why: why.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Invalid { path, errors } => write!(f, "{} breaks these rules:\n{errors}", path.display()),
            Self::NoDocument { path, error } => write!(f, "{}: {error}", path.display()),
            Self::ReadOnly(path) => write!(f, "{} is read-only", path.display()),
            Self::ChangedMeanwhile(path) => write!(f, "{} has changed meanwhile", path.display()),
            Self::NoFileName(path) => write!(f, "{} is not the name of a file", path.display()),
            Self::Input(message) | Self::Argument(message) => f.write_str(message),
            Self::Unreachable { what, why } => write!(f, "{what}: {why}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}
