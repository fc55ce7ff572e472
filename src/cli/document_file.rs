//! The file that the document is in.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::draft::{self, Draft};
use super::error::{Error, Result};
use super::replace::LockedDirectory;
use usage_plan_core::document::Errors;

/// It holds secrets.
const MODE: u32 = 0o600;

/// The file that the document is in.
#[derive(Debug)]
pub(super) struct DocumentFile {
    path: PathBuf,
}

/// How to edit.
#[derive(Args, Debug)]
pub struct EditOptions {
    /// Show what would change and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What to do when there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// There is nothing to do then.
    IsAnError,
    /// The document begins empty.
    IsEmpty,
}

// === impl DocumentFile ===

impl DocumentFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of the file.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        fs::read(&self.path).map_err(|error| {
            let hint = match error.kind() {
                ErrorKind::NotFound => {
                    ": any `create` command begins one, --file names one that is elsewhere"
                }
                _ => "",
            };
            Error::unreachable(self.path.display(), format!("{error}{hint}"))
        })
    }

    /// The document, valid.
    pub(super) fn read(&self) -> Result<Draft> {
        Draft::parse(&self.bytes()?).map_err(|errors| self.invalid(&errors))
    }

    /// Edits the document, alone, and writes it if it is valid and another than before.
    pub(super) fn edit(
        &self,
        options: &EditOptions,
        missing: Missing,
        edit: impl FnOnce(&mut Draft) -> Result<Answer>,
    ) -> Result<Answer> {
        // The rename that replaces a file would replace a link to it.
        let path = match fs::canonicalize(&self.path) {
            Err(_) if self.path.is_symlink() => {
                let why = "is a link to a file that is not there";
                return Err(Error::unreachable(self.path.display(), why));
            }
            path => path.unwrap_or_else(|_| self.path.clone()),
        };
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Error::unreachable(self.path.display(), "is no regular file, and cannot be edited"));
        }
        let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            return Err(Error::usage(format!("--file {}: is not the name of a file", path.display())));
        };
        let unwritable = |error| Error::unreachable(self.path.display(), error);
        let directory = LockedDirectory::lock(directory).map_err(unwritable)?;
        let text = match (missing, fs::exists(&path)) {
            (Missing::IsEmpty, Ok(false)) => b"{}".to_vec(),
            _ => self.bytes()?,
        };
        let mut draft = Draft::parse(&text).map_err(|errors| self.invalid(&errors))?;
        let mut answer = edit(&mut draft)?;
        let changed = draft.is_changed();
        let text = draft.text();
        draft::read(text.as_bytes()).map_err(|errors| {
            let message = format!("{} stays as it is, for it would break these rules:", self.path.display());
            Error::invalid(message, &errors)
        })?;
        if options.dry_run {
            let difference = draft.difference();
            let text = if changed { difference.trim_end() } else { "Nothing would change." };
            let json = json!({"dry_run": true, "changed": changed, "difference": difference});
            return Ok(Answer { text: text.to_owned(), json, ..answer });
        }
        if changed {
            directory.replace(name, text.as_bytes(), MODE).map_err(unwritable)?;
        } else {
            answer.text.push_str("; nothing changed");
        }
        if let Some(answer) = answer.json.as_object_mut() {
            answer.insert("changed".to_owned(), changed.into());
        }
        Ok(answer)
    }

    /// What stands in the way of using the document.
    pub(super) fn invalid(&self, errors: &Errors) -> Error {
        let message = format!("{} breaks these rules; mend it first:", self.path.display());
        Error::invalid(message, errors)
    }
}
