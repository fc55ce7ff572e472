//! Where the log of a document is.

use std::path::PathBuf;

/// Where the log is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Beside the document: its name with `.log` after it.
    #[default]
    Beside,
    /// In this file.
    At(PathBuf),
    /// There is none.
    Nowhere,
}
