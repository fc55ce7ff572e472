//! An edit that takes an old one back.
//!
//! It looks at the document, not at the entries in between: what an edit changed can be taken back as long as
//! it is as the edit left it. So an edit and its undo stand in nobody's way.

use std::collections::HashMap;

use serde_json::{Map, Value};
use usage_plan_core::document::Errors;
use usage_plan_core::sentence::Sentence;

use super::change::{Change, What};
use super::entry::Kind;
use super::history::{History, Unknown};
use super::mask::{Mask, is_masked, secrets_in};
use crate::draft::{Draft, Named};
use crate::error::Error;
use crate::refusal::Refusal;

/// An entry that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// Its id.
    pub id: String,
    /// The command that it was.
    pub what: String,
    /// What is as it was before: objects, in words.
    pub objects: Vec<Sentence>,
}

/// Why an entry is not taken back.
#[derive(Debug)]
pub enum UndoError {
    /// The log or the document cannot be used.
    Document(Error),
    /// There is no such entry.
    Unknown(Unknown),
    /// The log's key is not there, so that secrets cannot be compared.
    NoKey,
    /// It did not happen, so that there is nothing to take back.
    DidNotHappen(String),
    /// The log begins with it.
    Begins(String),
    /// What it changed was changed again.
    Changed {
        /// The id of the entry.
        id: String,
        /// What is not as the entry left it.
        obstacles: Vec<Obstacle>,
    },
    /// It replaced or deleted a secret, which the log does not have and the document no longer has.
    SecretIsGone {
        /// The id of the entry.
        id: String,
        /// The key.
        key: Named,
        /// The member that held the secret.
        member: String,
        /// Whether the entry deleted the whole key.
        is_deleted: bool,
    },
    /// The document would break its rules without it.
    Rule {
        /// The id of the entry.
        id: String,
        /// The rules.
        errors: Errors,
        /// Later edits that name what the entry made.
        by: Vec<Later>,
    },
}

/// Something that is not as an entry left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The object, in words.
    pub object: Sentence,
    /// Its members that are others; none when it is the whole object.
    pub members: Vec<String>,
    /// The later entries that changed them. None when somebody did who does not write this log.
    pub by: Vec<Later>,
}

/// An entry that came later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// Its id.
    pub id: String,
    /// The command that it was.
    pub what: String,
}

impl From<Error> for UndoError {
    fn from(error: Error) -> Self {
        Self::Document(error)
    }
}

/// Takes back the entry that is named by its id or the beginning of it; without a name, the last one.
pub fn undo(draft: &mut Draft, history: &History, id: Option<&str>) -> Result<Undone, UndoError> {
    let index = history.find(id).map_err(UndoError::Unknown)?;
    let Some(found) = history.entries.get(index) else { return Err(UndoError::Unknown(Unknown::Empty)) };
    let Some(mask) = &history.mask else { return Err(UndoError::NoKey) };
    let entry = &found.entry;
    let id = || entry.id.clone();
    if !found.happened {
        return Err(UndoError::DidNotHappen(id()));
    }
    if matches!(entry.kind, Kind::Begins(_)) {
        return Err(UndoError::Begins(id()));
    }
    let masked = mask.tree(draft.tree());
    let secrets = secrets(mask, draft.tree());
    // In the order in which they are taken back.
    let mut back: Vec<Change> = entry.changes().iter().rev().cloned().map(Change::inverted).collect();
    let obstacles: Vec<Obstacle> =
        back.iter().filter_map(|change| obstacle(history, index, change, &masked)).collect();
    if !obstacles.is_empty() {
        return Err(UndoError::Changed { id: id(), obstacles });
    }
    for change in &mut back {
        restore(change, &secrets).map_err(|member| UndoError::SecretIsGone {
            id: id(),
            key: change.object.clone(),
            member,
            is_deleted: matches!(change.what, What::Created(..)),
        })?;
    }
    back.iter().for_each(|change| change.apply(draft.tree_mut()));
    draft.takes_back(&entry.id);
    draft.validate().map_err(|errors| {
        let by = naming(history, index, &back);
        if by.is_empty() {
            return UndoError::Document(Refusal::Rule(errors).into());
        }
        UndoError::Rule { id: id(), errors, by }
    })?;
    let objects = back.iter().map(Change::label).collect();
    Ok(Undone { id: id(), what: entry.author.what.clone(), objects })
}

/// The document's secrets by their fingerprints.
fn secrets(mask: &Mask, tree: &Map<String, Value>) -> HashMap<String, Value> {
    let mut tree = tree.clone();
    let secrets = secrets_in(&mut tree);
    secrets.filter_map(|secret| Some((mask.of_secret(secret.as_str()?), secret.clone()))).collect()
}

/// Puts secrets of the document in the place of their fingerprints. The error is the member whose secret the
/// document does not have.
fn restore(change: &mut Change, secrets: &HashMap<String, Value>) -> Result<(), String> {
    let masked = change.new_values().into_iter().filter(|(_, value)| is_masked(value));
    for (member, value) in masked {
        let fingerprint = value.as_str().unwrap_or_default();
        *value = secrets.get(fingerprint).cloned().ok_or(member)?;
    }
    Ok(())
}

/// What stands in the way of a change, and whose it is.
fn obstacle(
    history: &History,
    index: usize,
    change: &Change,
    masked: &Map<String, Value>,
) -> Option<Obstacle> {
    let mut members = change.obstacles(masked);
    if members.is_empty() {
        return None;
    }
    let is_whole = members.iter().all(String::is_empty);
    let touches = |later: &Change| {
        let is_same = (&later.list, &later.object.id) == (&change.list, &change.object.id);
        is_same
            && match &later.what {
                What::Edited(edited) => is_whole || edited.iter().any(|(name, _)| members.contains(name)),
                What::Created(..) | What::Deleted(..) => true,
            }
    };
    let by = later(history, index, touches);
    members.retain(|member| !member.is_empty());
    Some(Obstacle { object: change.label(), members, by })
}

/// The later entries that name an object which is to be deleted.
fn naming(history: &History, index: usize, back: &[Change]) -> Vec<Later> {
    let deleted = back.iter().filter(|change| matches!(change.what, What::Deleted(..)));
    let ids: Vec<String> = deleted.map(|change| Value::from(change.object.id.as_str()).to_string()).collect();
    later(history, index, |later| {
        let text = later.to_json().to_string();
        ids.iter().any(|id| text.contains(id))
    })
}

/// The entries after the one at `index` that happened and have a change which `is_meant`.
fn later(history: &History, index: usize, is_meant: impl Fn(&Change) -> bool) -> Vec<Later> {
    let entries = history.entries.iter().skip(index.saturating_add(1)).filter(|found| found.happened);
    let meant = entries.filter(|found| found.entry.changes().iter().any(&is_meant));
    meant.map(|found| Later { id: found.entry.id.clone(), what: found.entry.author.what.clone() }).collect()
}

#[cfg(test)]
mod tests;
