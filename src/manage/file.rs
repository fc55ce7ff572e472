//! The file that holds the document.

mod replace;

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::io::Errno;

pub use self::replace::LockedDirectory;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::refusal::Refusal;

/// The file holds secrets, so only its owner may read a new one.
const MODE: u32 = 0o600;

/// The permission of everybody to read a file.
const READABLE_BY_ALL: u32 = 0o004;

/// The file that holds the document.
#[derive(Debug)]
pub struct DocumentFile {
    path: PathBuf,
}

/// The file to replace, which no other process of this program replaces meanwhile.
struct Locked<'f> {
    file: &'f DocumentFile,
    directory: LockedDirectory,
    path: PathBuf,
    name: String,
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

/// What somebody should know about a file that was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileNote {
    /// It holds secrets, and everybody on this machine may read it, as before.
    ReadableByAll,
    /// It belongs to whoever edited it, because only root can write a file for somebody else.
    OwnerChanged,
}

// === impl DocumentFile ===

impl DocumentFile {
    /// The document in the file `path`, which need not exist.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
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
        let locked = Locked::new(self)?;
        let text = match (missing, fs::exists(&locked.path)) {
            (Missing::IsEmpty, Ok(false)) => b"{}".to_vec(),
            _ => self.bytes()?,
        };
        let mut draft = self.parse(&text)?;
        let value = edit(&mut draft)?;
        draft.validate().map_err(|errors| Error::from(Refusal::Rule(errors)))?;
        let change = match mode {
            _ if !draft.is_changed() => Change::None,
            Mode::DryRun => Change::WouldWrite { difference: draft.difference() },
            Mode::Write | Mode::Force => {
                locked.write(draft.text().as_bytes(), &draft, mode == Mode::Force)?
            }
        };
        Ok(Edited { value, change })
    }

    /// Replaces the whole text, as somebody wrote it, unless the file is not as it was `before`. A read-only
    /// file is replaced only by `force`.
    pub fn replace_text(&self, before: &[u8], text: &[u8], force: bool) -> Result<Change> {
        let draft = Draft::parse(text).map_err(Refusal::Rule)?;
        let locked = Locked::new(self)?;
        if self.bytes()? != before {
            return Err(Error::ChangedMeanwhile(self.path.clone()));
        }
        locked.write(text, &draft, force)
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

    fn unwritable(&self, error: io::Error) -> Error {
        Error::unreachable(self.path.display(), error)
    }

    fn parse(&self, text: &[u8]) -> Result<Draft> {
        Draft::parse(text).map_err(|errors| Error::Invalid { path: self.path.clone(), errors })
    }
}

// === impl Locked ===

impl<'f> Locked<'f> {
    fn new(file: &'f DocumentFile) -> Result<Self> {
        let path = file.target()?;
        let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            return Err(Error::NoFileName(path));
        };
        let directory = LockedDirectory::lock(directory).map_err(|error| file.unwritable(error))?;
        Ok(Self { file, directory, name: name.to_owned(), path })
    }

    /// Replaces the file with `text`, which `draft` was read from or holds.
    fn write(&self, text: &[u8], draft: &Draft, force: bool) -> Result<Change> {
        if !force && is_read_only(&self.path) {
            return Err(Error::ReadOnly(self.file.path.clone()));
        }
        let owner = || self.path.metadata().ok().map(|metadata| metadata.uid());
        let before = owner();
        let written = self.directory.replace_keeping_access(&self.name, text, MODE);
        written.map_err(|error| self.file.unwritable(error))?;
        let is_changed = before.is_some() && owner() != before;
        Ok(Change::Written { notes: notes(&self.path, draft, is_changed) })
    }
}

/// Whether the file is there, and whoever owns it has said that nobody, or not this user, is to write it. A
/// rename would replace it all the same.
fn is_read_only(path: &Path) -> bool {
    let is_for_nobody = path.metadata().is_ok_and(|metadata| metadata.permissions().readonly());
    is_for_nobody || access(path, Access::WRITE_OK) == Err(Errno::ACCESS)
}

fn notes(path: &Path, draft: &Draft, owner_is_changed: bool) -> Vec<FileNote> {
    let is_readable = path.metadata().is_ok_and(|metadata| metadata.mode() & READABLE_BY_ALL != 0);
    let readable = if is_readable && draft.holds_secrets() { Some(FileNote::ReadableByAll) } else { None };
    let owner = if owner_is_changed { Some(FileNote::OwnerChanged) } else { None };
    readable.into_iter().chain(owner).collect()
}

#[cfg(test)]
mod tests;
