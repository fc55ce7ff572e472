//! Why a document was not published.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::render;

/// Why a document was not published.
#[derive(Debug)]
pub enum Error {
    /// The file's contents could not be rendered.
    Render(render::Error),
    /// The directory could not be locked.
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file could not be written.
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Envoy reads the file, and skips both spellings of the document.
    Skipped {
        /// The file.
        path: PathBuf,
    },
}

// === impl Error ===

impl From<render::Error> for Error {
    fn from(error: render::Error) -> Self {
        Self::Render(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Render(error) => error.fmt(f),
            Self::Directory { path, error } | Self::File { path, error } => {
                write!(f, "{}: {error}", path.display())
            }
            Self::Skipped { path } => {
                write!(f, "{}: Envoy reads the file and does not try its contents", path.display())
            }
        }
    }
}

impl std::error::Error for Error {}
