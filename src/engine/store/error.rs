//! Why the store cannot be used.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use redb::{DatabaseError, TableError};

/// Why the store cannot be used.
#[derive(Debug)]
pub enum Error {
    /// Another process has it open.
    InUse(PathBuf),
    /// It was not closed, and only who may write to it can repair it.
    NotClosed(PathBuf),
    /// A later version wrote it.
    Format(u64),
    /// It cannot be read or written, or it is no store.
    Failed(String),
}

/// The result of using the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

// === impl Error ===

impl Error {
    pub(super) fn of_open(path: &Path, error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => Self::InUse(path.to_owned()),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(path) => write!(f, "another process has {} open", path.display()),
            Self::NotClosed(path) => write!(
                f,
                "{} was not closed when its engine ended; the engine repairs it when it is started again",
                path.display()
            ),
            Self::Format(format) => write!(f, "a later version wrote the store (format {format})"),
            Self::Failed(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Errors of redb that say nothing else than that the store does not work.
macro_rules! failed {
    ($($error:ty),*) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::Failed(error.to_string())
            }
        }
    )*};
}

failed!(redb::TransactionError, redb::StorageError, redb::CommitError, TableError);
