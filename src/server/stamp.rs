//! By what a file is known not to have changed since it was read.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

/// When a file was written, how long it is, and which one it is. A file that is replaced, as the document is,
/// is never seen in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: SystemTime,
    len: u64,
    inode: u64,
}

// === impl Stamp ===

impl Stamp {
    /// That of the file as it is now.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self { modified: metadata.modified()?, len: metadata.len(), inode: metadata.ino() })
    }

    /// When the file was written.
    pub(crate) fn modified(&self) -> SystemTime {
        self.modified
    }
}
