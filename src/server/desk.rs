//! The desk: the one place where the document is read and edited, whoever asks.
//!
//! An edit is done by an operation of [`usage_plan_manage::operations`] on the draft, under the lock of the
//! file, so that a command line that edits at the same time loses nothing.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use usage_plan_manage::Error;
use usage_plan_manage::audit::Author;
use usage_plan_manage::draft::Draft;
use usage_plan_manage::file::{DocumentFile, Edited, Missing, Mode};

/// Where the document is read and edited.
#[derive(Debug)]
pub struct Desk {
    file: DocumentFile,
    /// The document as last read. Whoever asks for it shares it until the file changes.
    last: Mutex<Option<Arc<Read>>>,
}

/// The document, as it was in the file.
#[derive(Debug)]
pub struct Read {
    /// The document, and its text.
    pub draft: Draft,
    /// By which the file is known not to have changed.
    stamp: Stamp,
}

/// When the file was written, and how long it is. The file is always replaced, so a change of both is never
/// seen in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    len: u64,
    inode: u64,
}

// === impl Desk ===

impl Desk {
    /// The desk of the document in the file `path`.
    pub fn new(path: PathBuf) -> Self {
        Self { file: DocumentFile::new(path), last: Mutex::default() }
    }

    /// The file of the document.
    pub fn file(&self) -> &DocumentFile {
        &self.file
    }

    /// The document as it is now. It blocks.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has no valid document.
    pub fn read(&self) -> Result<Arc<Read>, Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.stamp()?;
        if let Some(read) = last.as_ref().filter(|read| read.stamp == stamp) {
            return Ok(Arc::clone(read));
        }
        // A file that is replaced after the stamp was taken is read anew the next time.
        let read = Arc::new(Read { draft: self.file.read()?, stamp });
        *last = Some(Arc::clone(&read));
        Ok(read)
    }

    /// Edits the document in the name of `author`. It blocks.
    ///
    /// # Errors
    ///
    /// Those of `edit`, and those of the file and of the rules of a document.
    pub fn edit<T, E: From<Error>>(
        &self,
        author: Author,
        edit: impl FnOnce(&mut Draft) -> Result<T, E>,
    ) -> Result<Edited<T>, E> {
        self.file.edited_by(author).edit(Mode::Write, Missing::IsAnError, edit)
    }

    fn stamp(&self) -> Result<Stamp, Error> {
        use std::os::unix::fs::MetadataExt;
        let read = || {
            let metadata = std::fs::metadata(self.file.path())?;
            Ok(Stamp { modified: metadata.modified()?, len: metadata.len(), inode: metadata.ino() })
        };
        read().map_err(|error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NoDocument { path: self.file.path().to_owned(), error },
            _ => Error::unreachable(self.file.path().display(), error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(directory: &tempfile::TempDir) -> Desk {
        let path = directory.path().join("usage-plans.json");
        std::fs::write(&path, r#"{"services": []}"#).expect("a file");
        Desk::new(path)
    }

    #[test]
    fn a_document_is_read_once_until_it_changes() {
        let directory = tempfile::tempdir().expect("a directory");
        let desk = desk(&directory);
        let first = desk.read().expect("a document");
        assert!(Arc::ptr_eq(&first, &desk.read().expect("a document")), "it is shared");
        std::fs::write(desk.file().path(), r#"{"services": [], "keys": []}"#).expect("a file");
        let second = desk.read().expect("a document");
        assert!(!Arc::ptr_eq(&first, &second), "it is read anew");
        assert!(second.draft.text().contains("keys"));
    }

    #[test]
    fn a_document_that_is_not_there_is_an_error() {
        let directory = tempfile::tempdir().expect("a directory");
        let desk = Desk::new(directory.path().join("none.json"));
        assert!(matches!(desk.read(), Err(Error::NoDocument { .. })));
    }
}
