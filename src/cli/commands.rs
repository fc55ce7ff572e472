//! The commands, and what they share.

mod admin_options;
pub(crate) mod apply;
pub(crate) mod ask;
pub(crate) mod check;
pub(crate) mod complete;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod edit;
pub(crate) mod engine;
pub(crate) mod explain;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod log;
pub(crate) mod log_option;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod publish;
mod publish_options;
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod secret_input;
pub(crate) mod serve;
pub(crate) mod service;
pub(crate) mod sign;
pub(crate) mod status;
pub(crate) mod undo;
pub(crate) mod usage;

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use clap::Args;
use serde_json::json;
use usage_plan_manage as manage;
use usage_plan_manage::dates::now;
use usage_plan_manage::draft::{Collection, Draft, Members, Named};
use usage_plan_manage::file::{Change, DocumentFile, Edited, FileNote, Missing, Mode};
use usage_plan_manage::operations::NewObject;
use usage_plan_manage::random;

use self::log_option::LogOption;
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};
use crate::output::flags::Flags;

/// The document's file, unless another one is named.
pub(crate) const DEFAULT_FILE: &str = "./usage-plans.json";

/// The variable that names the document's file.
pub(crate) const FILE_VARIABLE: &str = "USAGE_PLAN_FILE";

/// Options of every command that edits the document.
#[derive(Args, Debug)]
pub(crate) struct EditOptions {
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Edit the document even if its file is read-only
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) log: LogOption,
}

// === impl EditOptions ===

impl EditOptions {
    /// Edits the document with `edit`; `answer` makes the command's answer of the result.
    pub(crate) fn edit<T, E: Into<manage::Error>>(
        &self,
        file: &DocumentFile,
        missing: Missing,
        edit: impl FnOnce(&mut Draft) -> std::result::Result<T, E>,
        answer: impl FnOnce(T) -> Answer,
    ) -> Result<Answer> {
        let edited = self
            .logged(file)
            .edit(self.mode(), missing, |draft| edit(draft).map_err(Into::into))
            .map_err(|error| Error::of_edit(file.path(), error))?;
        Ok(self.answer(file, Edited { value: answer(edited.value), change: edited.change }))
    }

    /// The document, whose edits are logged where these options say.
    pub(crate) fn logged(&self, file: &DocumentFile) -> DocumentFile {
        self.log.of(file)
    }

    /// Whether the edit is written.
    pub(crate) fn mode(&self) -> Mode {
        match self {
            Self { dry_run: true, .. } => Mode::DryRun,
            Self { force: true, .. } => Mode::Force,
            Self { .. } => Mode::Write,
        }
    }

    /// The answer of an edit, completed by what happened to the document.
    pub(crate) fn answer(&self, file: &DocumentFile, edited: Edited<Answer>) -> Answer {
        let Edited { value: mut answer, change } = edited;
        let changed = change != Change::None;
        if self.dry_run {
            let difference = match change {
                Change::WouldWrite { difference } => difference,
                Change::None | Change::Written { .. } => String::new(),
            };
            let text = if changed { difference.trim_end() } else { "Nothing would change." };
            answer.text = text.into();
            answer.json = json!({"dry_run": true, "changed": changed, "difference": difference});
            return answer;
        }
        if !changed {
            answer.text.push_str("; nothing changed");
        }
        answer.insert("changed", changed);
        let notes = if let Change::Written { notes } = change { notes } else { Vec::new() };
        notes.into_iter().fold(answer, |answer, note| answer.warn(note_text(file, note)))
    }
}

/// A warning about the document's file.
pub(crate) fn note_text(file: &DocumentFile, note: FileNote) -> String {
    let path = file.path().display();
    match note {
        FileNote::ReadableByAll => {
            format!("{path} holds secrets, and every user of this machine can read it: `chmod o= {path}`")
        }
        FileNote::OwnerChanged => format!(
            "{path} belongs to you now, because only root can write a file for another user: `chown` gives it back"
        ),
        FileNote::NotLogged { path: log, why } => format!(
            "the edit is done, and is not in the log {}: {why}; the next edit records its difference as a change \
             from outside",
            log.display()
        ),
    }
}

/// The answer of a command that has deleted objects.
pub(crate) fn deleted(collection: Collection, objects: &[Named]) -> Answer {
    match objects {
        [object] => Answer::deleted(collection, object),
        _ => {
            let noun = collection.noun;
            let lines: Vec<String> =
                objects.iter().map(|object| format!("{noun} {object} is deleted")).collect();
            Answer::new(lines.join("\n"), json!({collection.list: ids(objects), "deleted": true}))
        }
    }
}

/// The ids of objects.
pub(crate) fn ids(objects: &[Named]) -> Vec<&str> {
    objects.iter().map(|object| object.id.as_str()).collect()
}

/// The object that flags describe, with a random id unless they give one; and those flags, for errors.
pub(crate) fn new_object(
    collection: Collection,
    id: &Option<String>,
    name: &str,
    members: Members,
) -> Result<(NewObject, Flags)> {
    let id_and_name = Members::new().with(collection.id, id.as_deref()).with("name", Some(name));
    let flags = Flags::check(collection, &members.clone().and(id_and_name))?;
    let id = id.clone().map_or_else(|| random::id(collection), Ok)?;
    Ok((NewObject { id, name: name.to_owned(), members, created_at: now() }, flags))
}

/// The name of an input file for messages, and its bytes; `-` is standard input.
pub(crate) fn read_input(path: &Path) -> Result<(String, Vec<u8>)> {
    let (name, read) = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        ("standard input".to_owned(), read.map(|_| bytes))
    } else {
        (path.display().to_string(), fs::read(path))
    };
    match read {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(Error::unreachable(name, error)),
    }
}
