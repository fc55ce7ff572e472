//! The file that holds the document.

mod replace;

use std::fs;
use std::io::ErrorKind;
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
        let path = self.target()?;
        let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            return Err(Error::NoFileName(path).into());
        };
        let unwritable = |error| Error::unreachable(self.path.display(), error);
        let directory = LockedDirectory::lock(directory).map_err(unwritable)?;
        let text = match (missing, fs::exists(&path)) {
            (Missing::IsEmpty, Ok(false)) => b"{}".to_vec(),
            _ => self.bytes()?,
        };
        let mut draft = self.parse(&text)?;
        let value = edit(&mut draft)?;
        draft.validate().map_err(|errors| Error::from(Refusal::Rule(errors)))?;
        let change = match mode {
            _ if !draft.is_changed() => Change::None,
            Mode::DryRun => Change::WouldWrite { difference: draft.difference() },
            Mode::Write if is_read_only(&path) => return Err(Error::ReadOnly(self.path.clone()).into()),
            Mode::Write | Mode::Force => {
                let owner = || path.metadata().ok().map(|metadata| metadata.uid());
                let before = owner();
                let text = draft.text();
                directory.replace_keeping_access(name, text.as_bytes(), MODE).map_err(unwritable)?;
                let is_changed = before.is_some() && owner() != before;
                Change::Written { notes: notes(&path, &draft, is_changed) }
            }
        };
        Ok(Edited { value, change })
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

    fn parse(&self, text: &[u8]) -> Result<Draft> {
        Draft::parse(text).map_err(|errors| Error::Invalid { path: self.path.clone(), errors })
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
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::draft::{KEYS, set};

    const DOCUMENT: &str = r#"{"keys": [{"secret_id": "AKIDacme0001", "secret_key": "acme-secret-key"}]}"#;

    fn file(text: Option<&str>) -> (TempDir, DocumentFile) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("usage-plans.json");
        if let Some(text) = text {
            fs::write(&path, text).expect("written");
        }
        (directory, DocumentFile::new(path))
    }

    fn set_member(file: &DocumentFile, mode: Mode, member: &str, value: &str) -> Result<Change> {
        let edit = |draft: &mut Draft| {
            set(draft.find_mut(KEYS, "AKIDacme0001")?, member, Some(value.into()));
            Ok(())
        };
        file.edit::<_, Error>(mode, Missing::IsAnError, edit).map(|edited| edited.change)
    }

    #[test]
    fn an_edit_says_what_became_of_the_file() {
        let (_directory, file) = file(Some(DOCUMENT));
        let text = || fs::read_to_string(file.path()).expect("there");
        let unchanged = set_member(&file, Mode::Write, "secret_key", "acme-secret-key").expect("edited");
        assert_eq!((unchanged, text().as_str()), (Change::None, DOCUMENT));

        let dry_run = set_member(&file, Mode::DryRun, "secret_key", "another-secret-key").expect("edited");
        let Change::WouldWrite { difference } = dry_run else { panic!("{dry_run:?}") };
        assert!(difference.contains("-      \"secret_key\": \"(secret 1)\""), "{difference}");
        assert!(!difference.contains("secret-key"), "{difference}");
        assert_eq!(text(), DOCUMENT);

        let written = set_member(&file, Mode::Write, "status", "disabled").expect("edited");
        assert!(matches!(written, Change::Written { .. }) && text().contains("\"disabled\""), "{written:?}");
    }

    #[test]
    fn a_document_that_would_break_a_rule_is_not_written() {
        let (_directory, file) = file(Some(DOCUMENT));
        let error = set_member(&file, Mode::Write, "status", "asleep").expect_err("no such status");
        assert!(
            matches!(&error, Error::Refused(refusal) if matches!(**refusal, Refusal::Rule(_))),
            "{error}"
        );
        assert_eq!(fs::read_to_string(file.path()).expect("there"), DOCUMENT);
    }

    #[test]
    fn a_file_that_is_not_there_or_not_valid_is_an_error_of_its_own() {
        let (_directory, missing) = file(None);
        assert!(matches!(missing.read(), Err(Error::NoDocument { .. })));
        let edited =
            missing.edit::<_, Error>(Mode::DryRun, Missing::IsEmpty, |draft| Ok(draft.items(KEYS).len()));
        assert_eq!(edited.expect("an empty document").value, 0);
        assert!(!missing.path().exists());

        let (_directory, invalid) = file(Some(r#"{"keys": 1}"#));
        assert!(matches!(invalid.read(), Err(Error::Invalid { .. })));
    }
}
