//! The file that holds the document.

mod beside;
mod locked;
mod replace;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use self::beside::Beside;
pub use self::locked::FileNote;
use self::locked::{Locked, is_read_only};
pub use self::replace::LockedDirectory;
use crate::audit::{self, Author, History, Place, UndoError, Undone};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::refusal::Refusal;

/// The file that holds the document.
#[derive(Clone, Debug)]
pub struct DocumentFile {
    path: PathBuf,
    /// Whose the edits are. Without an author, no log is kept.
    author: Option<Author>,
    log: Place,
}

/// Whether an edit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The file is replaced, unless it is read-only.
    Write,
    /// The file is replaced even if it is read-only, and stays read-only.
    Force,
    /// The file stays as it is; only the difference is computed.
    DryRun,
}

/// What to do when there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The edit fails with [`Error::NoDocument`].
    IsAnError,
    /// The edit begins with an empty document.
    IsEmpty,
}

/// The result of an edit.
#[derive(Debug)]
pub struct Edited<T> {
    /// What the edit returned.
    pub value: T,
    /// What happened to the file.
    pub change: Change,
}

/// What an edit did to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing: the document already was as the edit leaves it.
    None,
    /// The file was replaced.
    Written {
        /// What somebody should know about the file as it is now.
        notes: Vec<FileNote>,
    },
    /// The file stays as it is, because the edit was a dry run.
    WouldWrite {
        /// What would change, as `diff -u` shows it, without secrets.
        difference: String,
    },
}

// === impl DocumentFile ===

impl DocumentFile {
    /// The document in the file `path`, which need not exist.
    pub fn new(path: PathBuf) -> Self {
        Self { path, author: None, log: Place::default() }
    }

    /// The same document, edited by `author`, whose edits are in the log.
    #[must_use]
    pub fn edited_by(&self, author: Author) -> Self {
        Self { author: Some(author), ..self.clone() }
    }

    /// The same document, whose log is in another place.
    #[must_use]
    pub fn logged_in(&self, place: Place) -> Self {
        Self { log: place, ..self.clone() }
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory in which the file lies.
    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        fs::read(&self.path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::NoDocument { path: self.path.clone(), error },
            _ => Error::unreachable(self.path.display(), error),
        })
    }

    /// Reads and validates the document.
    pub fn read(&self) -> Result<Draft> {
        self.parse(&self.bytes()?)
    }

    /// Edits the document under a lock, and replaces the file if the document has changed and is valid.
    ///
    /// Nothing is written when `edit` fails or when the edited document would break a rule
    /// ([`Refusal::Rule`]).
    pub fn edit<T, E: From<Error>>(
        &self,
        mode: Mode,
        missing: Missing,
        edit: impl FnOnce(&mut Draft) -> std::result::Result<T, E>,
    ) -> std::result::Result<Edited<T>, E> {
        self.edit_locked(&self.lock()?, mode, missing, |draft, _| edit(draft))
    }

    /// The same, and `edit` may write what belongs to the document and is no part of it into files beside it,
    /// under the same lock. It writes before the document is replaced, so what it writes may be ahead of it.
    pub fn edit_beside<T, E: From<Error>>(
        &self,
        mode: Mode,
        missing: Missing,
        edit: impl FnOnce(&mut Draft, &Beside<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<Edited<T>, E> {
        self.edit_locked(&self.lock()?, mode, missing, edit)
    }

    /// Looks at the files beside the document, and may write them, while nobody edits it.
    pub fn beside<T, E: From<Error>>(
        &self,
        look: impl FnOnce(&Beside<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        look(&self.lock()?.beside())
    }

    /// Takes back an edit that is in the log: the one with this id, or the last one.
    pub fn undo(&self, mode: Mode, id: Option<&str>) -> std::result::Result<Edited<Undone>, UndoError> {
        let locked = self.lock()?;
        let history = self.read_history(&locked)?;
        self.edit_locked(&locked, mode, Missing::IsAnError, |draft, _| audit::undo(draft, &history, id))
    }

    /// What the log says about the document.
    pub fn history(&self) -> Result<History> {
        // Under the lock, so that no edit is between the log and the document.
        let history = self.read_history(&self.lock()?)?;
        // The log of a document that is gone says what there was. Without a log, the name may be wrong.
        if history.entries.is_empty() {
            self.bytes()?;
        }
        Ok(history)
    }

    fn read_history(&self, locked: &Locked<'_>) -> Result<History> {
        let text = fs::read(locked.path()).unwrap_or_default();
        History::read(locked.path(), &self.log, &text)
            .map_err(|error| Error::unreachable(format_args!("the log of {}", self.path.display()), error))
    }

    fn edit_locked<T, E: From<Error>>(
        &self,
        locked: &Locked<'_>,
        mode: Mode,
        missing: Missing,
        edit: impl FnOnce(&mut Draft, &Beside<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<Edited<T>, E> {
        let text = match (missing, fs::exists(locked.path())) {
            (Missing::IsEmpty, Ok(false)) => b"{}".to_vec(),
            _ => self.bytes()?,
        };
        let mut draft = self.parse(&text)?;
        let value = edit(&mut draft, &locked.beside())?;
        draft.validate().map_err(|errors| Error::from(Refusal::Rule(errors)))?;
        let change = match mode {
            _ if !draft.is_changed() => Change::None,
            Mode::DryRun => Change::WouldWrite { difference: draft.difference() },
            Mode::Write | Mode::Force => {
                let notes = locked.write(&text, draft.text().as_bytes(), &draft, mode == Mode::Force)?;
                Change::Written { notes }
            }
        };
        Ok(Edited { value, change })
    }

    /// Replaces the whole text, as somebody wrote it, unless the file is not as it was `before`. A read-only
    /// file is replaced only by `force`.
    pub fn replace_text(&self, before: &[u8], text: &[u8], force: bool) -> Result<Change> {
        let draft = Draft::parse(text).map_err(Refusal::Rule)?;
        let locked = self.lock()?;
        if self.bytes()? != before {
            return Err(Error::ChangedMeanwhile(self.path.clone()));
        }
        locked.write(before, text, &draft, force).map(|notes| Change::Written { notes })
    }

    /// Refuses a file that cannot be replaced because it is read-only.
    pub fn check_writable(&self) -> Result<()> {
        if is_read_only(&self.target()?) { Err(Error::ReadOnly(self.path.clone())) } else { Ok(()) }
    }

    /// The file to replace. If the path is a link, it is the file behind it: a rename would replace the link
    /// itself.
    fn target(&self) -> Result<PathBuf> {
        let path = match fs::canonicalize(&self.path) {
            Ok(path) => path,
            Err(_) if self.path.is_symlink() => {
                let why = "is a link to a file that is not there";
                return Err(Error::unreachable(self.path.display(), why));
            }
            Err(_) => self.path.clone(),
        };
        match path.metadata() {
            Ok(metadata) if !metadata.is_file() => {
                Err(Error::unreachable(self.path.display(), "is not a regular file, so it cannot be edited"))
            }
            _ => Ok(path),
        }
    }

    fn lock(&self) -> Result<Locked<'_>> {
        let record = self.author.clone().map(|author| (author, self.log.clone()));
        Locked::new(&self.path, self.target()?, record)
    }

    fn parse(&self, text: &[u8]) -> Result<Draft> {
        Draft::parse(text).map_err(|errors| Error::Invalid { path: self.path.clone(), errors })
    }
}

#[cfg(test)]
mod tests;
