//! The document's file under the lock: replaced as a whole, after the log has the edit.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::io::Errno;

use super::beside::Beside;
use super::replace::LockedDirectory;
use crate::audit::{Author, Place, Record};
use crate::draft::Draft;
use crate::error::{Error, Result};

/// The file holds secrets, so only its owner may read a new one.
const MODE: u32 = 0o600;

/// The permission of everybody to read a file.
const READABLE_BY_ALL: u32 = 0o004;

/// The file to replace, which no other process of this program replaces meanwhile.
pub(super) struct Locked<'f> {
    /// The path as it was given, for errors.
    shown: &'f Path,
    directory: LockedDirectory,
    path: PathBuf,
    name: String,
    record: Option<(Author, Place)>,
}

/// What somebody should know about a file that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileNote {
    /// It holds secrets, and everybody on this machine may read it, as before.
    ReadableByAll,
    /// It belongs to whoever edited it, because only root can write a file for somebody else.
    OwnerChanged,
    /// The edit is not in the log.
    NotLogged {
        /// The log's file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// A completed step of [`Locked::write`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The new document is on the disk, under another name.
    Prepared,
    /// The edit is in the log.
    Logged,
    /// The document is the new one.
    Replaced,
}

// === impl Locked ===

impl<'f> Locked<'f> {
    /// Locks the directory of the file `path`. Edits are recorded as `record` says.
    pub(super) fn new(shown: &'f Path, path: PathBuf, record: Option<(Author, Place)>) -> Result<Self> {
        let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            return Err(Error::NoFileName(path));
        };
        let directory =
            LockedDirectory::lock(directory).map_err(|error| Error::unreachable(shown.display(), error))?;
        Ok(Self { shown, directory, name: name.to_owned(), path, record })
    }

    /// The file: if the given path is a link, the one behind it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The files beside it.
    pub(super) fn beside(&self) -> Beside<'_> {
        Beside { directory: &self.directory, document: self.path.clone() }
    }

    /// Replaces the file, whose text is `before`, with `text`, which `draft` was read from or holds.
    pub(super) fn write(
        &self,
        before: &[u8],
        text: &[u8],
        draft: &Draft,
        force: bool,
    ) -> Result<Vec<FileNote>> {
        self.write_stepwise(before, text, draft, force, |_| {})
    }

    pub(super) fn write_stepwise(
        &self,
        before: &[u8],
        text: &[u8],
        draft: &Draft,
        force: bool,
        taken: impl Fn(Step),
    ) -> Result<Vec<FileNote>> {
        if !force && is_read_only(&self.path) {
            return Err(Error::ReadOnly(self.shown.to_owned()));
        }
        let unwritable = |error: io::Error| Error::unreachable(self.shown.display(), error);
        let owner = || self.path.metadata().ok().map(|metadata| metadata.uid());
        let owner_before = owner();
        let prepared = self.directory.prepare_keeping_access(&self.name, text, MODE).map_err(unwritable)?;
        taken(Step::Prepared);
        let record = self.record.as_ref().and_then(|(author, place)| Record::new(&self.path, place, author));
        let logged = record.as_ref().map(|record| record.append(before, text, draft.undo_of()));
        taken(Step::Logged);
        if let Err(error) = prepared.put() {
            if let (Some(record), Some(Ok(written))) = (&record, &logged) {
                // If this fails, too, the next edit does it.
                let _ = record.take_back(written);
            }
            return Err(unwritable(error));
        }
        taken(Step::Replaced);
        let mut notes = self.notes(draft, owner_before.is_some() && owner() != owner_before);
        if let (Some(record), Some(Err(error))) = (record, logged) {
            notes.push(FileNote::NotLogged { path: record.path().to_owned(), why: error.to_string() });
        }
        Ok(notes)
    }

    fn notes(&self, draft: &Draft, owner_is_changed: bool) -> Vec<FileNote> {
        let is_readable = self.path.metadata().is_ok_and(|metadata| metadata.mode() & READABLE_BY_ALL != 0);
        let readable =
            if is_readable && draft.holds_secrets() { Some(FileNote::ReadableByAll) } else { None };
        let owner = if owner_is_changed { Some(FileNote::OwnerChanged) } else { None };
        readable.into_iter().chain(owner).collect()
    }
}

/// Whether the file is there, and whoever owns it has said that nobody, or not this user, is to write it. A
/// rename would replace it all the same.
pub(super) fn is_read_only(path: &Path) -> bool {
    let is_for_nobody = path.metadata().is_ok_and(|metadata| metadata.permissions().readonly());
    is_for_nobody || access(path, Access::WRITE_OK) == Err(Errno::ACCESS)
}
