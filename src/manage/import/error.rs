//! Why nothing is imported.

use std::fmt;

use super::compare::Difference;
use super::tencent::ListKind;
use crate::Refusal;

/// Why nothing is imported.
#[derive(Debug)]
pub enum Error {
    /// The input is not what it should be. No value of it is in here: it may be a secret.
    Input {
        /// The file, and the member in it.
        place: String,
        /// What is wrong there, as the rest of a sentence about the place.
        problem: String,
    },
    /// A file is no answer of the cloud API. No value of it is in here: it may be a secret.
    Foreign {
        /// The file.
        place: String,
        /// Why it is none, as the rest of a sentence about the file.
        problem: String,
    },
    /// A list of the cloud API does not say which plan or service it belongs to.
    UnknownOwner {
        /// The file, and the member in it.
        place: String,
        /// The file's path as it was given.
        path: String,
        /// What the list contains.
        kind: ListKind,
    },
    /// Objects of the document that would have to change, and bindings to objects that nobody describes.
    Conflicts(Vec<Conflict>),
    /// The document could not be read or edited.
    Document(crate::Error),
}

/// An object that stands in the way of an import.
#[derive(Debug)]
pub struct Conflict {
    /// The object, such as `key acme (AKIDacme0001)`.
    pub object: String,
    /// How it does.
    pub problem: Problem,
}

/// How an object stands in the way of an import.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// The document's object differs from the imported one.
    Differs(Difference),
    /// Something is bound to the object, and neither the files nor the document describe it.
    Undescribed,
}

/// The result of a part of an import.
pub(super) type Result<T> = std::result::Result<T, Error>;

// === impl Error ===

impl Error {
    /// At `place`, the input has this problem.
    pub(super) fn input(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Input { place: place.into(), problem: problem.into() }
    }

    /// The file at `place` is no answer, for this reason.
    pub(super) fn foreign(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Foreign { place: place.into(), problem: problem.into() }
    }
}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        Self::Document(error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Document(refusal.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { place, problem } | Self::Foreign { place, problem } => {
                write!(f, "{place}: {problem}")
            }
            Self::UnknownOwner { place, kind, .. } => {
                write!(f, "{place}: {kind} does not say which {} it belongs to", kind.owner())
            }
            Self::Conflicts(conflicts) => {
                let objects: Vec<&str> = conflicts.iter().map(|conflict| conflict.object.as_str()).collect();
                write!(f, "the document conflicts with the import in {}", objects.join(", "))
            }
            Self::Document(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}
