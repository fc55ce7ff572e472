//! `usage-plan undo`: a new edit that takes one back.

use clap::Args;
use serde_json::json;
use usage_plan_manage::audit::{Later, Obstacle, UndoError, Undone, Unknown};
use usage_plan_manage::draft::Named;
use usage_plan_manage::file::{DocumentFile, Edited};

use super::{EditOptions, complete};
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};

/// What to take back.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The edit's id in the log, or the beginning of it; without it, the last edit
    #[arg(add = complete::entries())]
    entry: Option<String>,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let entry = self.entry.as_deref();
        let undone = self.edit.log.of_log(file)?.undo(self.edit.mode(), entry);
        let Edited { value, change } = undone.map_err(|error| refused(file, entry, error))?;
        Ok(self.edit.answer(file, Edited { value: answer(&value), change }))
    }
}

fn answer(Undone { id, what, objects }: &Undone) -> Answer {
    let lines = objects.iter().map(|object| format!("\n{object} is as before"));
    let text = format!("{id} is taken back: {what}{}", lines.collect::<String>());
    let objects: Vec<String> = objects.iter().map(ToString::to_string).collect();
    Answer::new(text, json!({"undo_of": id, "what": what, "objects": objects}))
}

/// The error about an entry that is named wrongly.
pub(super) fn unknown(entry: Option<&str>, unknown: &Unknown) -> Error {
    let entry = entry.unwrap_or_default();
    Error::refused(match unknown {
        Unknown::Empty => "the log has no edit yet".to_owned(),
        Unknown::NotFound => {
            format!("no entry of the log has an id that begins with \"{entry}\": `usage-plan log` lists them")
        }
        Unknown::Ambiguous(ids) => {
            format!(
                "more than one entry of the log has an id that begins with \"{entry}\": {}",
                ids.join(", ")
            )
        }
    })
}

fn refused(file: &DocumentFile, entry: Option<&str>, error: UndoError) -> Error {
    match error {
        UndoError::Document(error) => Error::of_edit(file.path(), error),
        UndoError::Unknown(reason) => unknown(entry, &reason),
        UndoError::NoKey => Error::refused(
            "the log's key is not there, or not for you to read: without it, undo cannot tell which secrets changed",
        ),
        UndoError::DidNotHappen(id) => {
            Error::refused(format!("{id} did not happen, so there is nothing to take back"))
        }
        UndoError::Begins(id) => {
            Error::refused(format!("the log begins with {id}, and has nothing from before"))
        }
        UndoError::Changed { id, obstacles } => {
            let lines: Vec<String> = obstacles.iter().map(obstacle).collect();
            Error::refused(format!(
                "{id} is not taken back, because what it changed was changed again:\n  {}",
                lines.join("\n  ")
            ))
            .hint("take back the later edits first, the last one first; or make the edit that you want")
        }
        UndoError::SecretIsGone { id, key, member, is_deleted } => {
            Error::refused(secret_is_gone(&id, &key, &member, is_deleted))
        }
        UndoError::Rule { id, errors, by } => {
            let message = format!(
                "{id} is not taken back, because these later edits need it: {}. Without it, {} would break \
                 these rules:",
                list(&by),
                file.path().display()
            );
            Error::invalid(message, &errors)
        }
    }
}

fn obstacle(Obstacle { object, members, by }: &Obstacle) -> String {
    let what =
        if members.is_empty() { object.to_string() } else { format!("{object}: {}", members.join(", ")) };
    let by = if by.is_empty() { "somebody who is not in the log".to_owned() } else { list(by) };
    format!("{what}; by {by}")
}

fn list(later: &[Later]) -> String {
    let entries = later.iter().map(|Later { id, what }| format!("{id} ({what})"));
    entries.collect::<Vec<_>>().join(", ")
}

fn secret_is_gone(id: &str, key: &Named, member: &str, is_deleted: bool) -> String {
    let secret_id = &key.id;
    if is_deleted {
        return format!(
            "{id} is not taken back: it deleted key {key}, and the log has no secrets. Whoever has its secret \
             makes the key again with `usage-plan key create --secret-id {secret_id} --secret-key -`; \
             `usage-plan log {id}` shows its other members"
        );
    }
    let advice = if member == "secret_key" {
        format!(
            ". Whoever has it sets it with `usage-plan key rotate {secret_id} --secret-key -`; \
             `usage-plan key rotate {secret_id}` makes a new one"
        )
    } else {
        String::new()
    };
    format!(
        "{id} is not taken back: the log has no secrets, and the {member} that key {key} had before is no longer \
         in the document{advice}"
    )
}
