//! The lines that an edit appends, before it replaces the document.

use std::io;
use std::path::Path;

use serde_json::{Map, Value};

use super::author::Author;
use super::change::{Change, difference};
use super::entry::{Entry, Kind};
use super::history::replay;
use super::lines::Lines;
use super::mask::Mask;
use super::place::Place;
use crate::dates::now;
use crate::random;

/// Where an edit is recorded, and whose it is.
pub(crate) struct Record<'r> {
    document: &'r Path,
    author: &'r Author,
    lines: Lines,
}

/// An entry that is written, for an edit that is about to happen.
pub(crate) struct Written {
    id: String,
    /// The fingerprint of the document before the edit.
    before: String,
}

// === impl Record ===

impl<'r> Record<'r> {
    /// The record of edits to the document in the file `document`; `None` when there is to be none.
    pub(crate) fn new(document: &'r Path, place: &Place, author: &'r Author) -> Option<Self> {
        place.lines(document).map(|lines| Self { document, author, lines })
    }

    /// The log's file.
    pub(crate) fn path(&self) -> &Path {
        self.lines.path()
    }

    /// Appends the entry of an edit that makes `after` of the document `before`, and before it what happened
    /// since the last entry.
    pub(crate) fn append(&self, before: &[u8], after: &[u8], undo_of: Option<&str>) -> io::Result<Written> {
        let found = Mask::find(self.document)?;
        // Fingerprints under another key say nothing, so the log begins again.
        let last = if found.is_some() { self.lines.last()? } else { None };
        let mask = found.map_or_else(|| Mask::create(self.document), Ok)?;
        let [tree_before, tree_after] = [before, after].map(|text| mask.tree(&tree(text)));
        let [before, after] = [before, after].map(|text| mask.of_document(text));
        let mut entries = self.since(last, &before, &tree_before)?;
        let kind = Kind::Edit {
            changes: difference(&tree_before, &tree_after),
            undo_of: undo_of.map(str::to_owned),
        };
        let entry = entry(self.author.clone(), kind, &before, &after)?;
        let written = Written { id: entry.id.clone(), before };
        entries.push(entry);
        self.lines.append(self.document, &entries)?;
        Ok(written)
    }

    /// Appends that the edit did not happen after all.
    pub(crate) fn take_back(&self, written: &Written) -> io::Result<()> {
        let entry = self.did_not_happen(&written.id, &written.before)?;
        self.lines.append(self.document, &[entry])
    }

    /// What happened since the last entry.
    fn since(&self, last: Option<Entry>, present: &str, tree: &Map<String, Value>) -> io::Result<Vec<Entry>> {
        let begins = |before: &str| {
            let kind = Kind::Begins(tree.clone());
            entry(self.says("the log begins"), kind, before, present).map(|entry| vec![entry])
        };
        let Some(last) = last else { return begins("") };
        if last.after == present {
            return Ok(Vec::new());
        }
        if last.is_undone_by(present) {
            return Ok(vec![self.did_not_happen(&last.id, present)?]);
        }
        match replay(&self.lines.read()?.0) {
            Some(left) => {
                // A process may have ended before its edit, and an editor was faster than the next command.
                let is_gone = |change: &Change| change.obstacles(tree).is_empty();
                let is_missing = matches!(last.kind, Kind::Edit { .. })
                    && !last.changes().is_empty()
                    && last.changes().iter().all(is_gone);
                let what = if is_missing {
                    format!("changed outside ({} did not happen, or was taken back by hand)", last.id)
                } else {
                    "changed outside".to_owned()
                };
                let kind = Kind::Outside(difference(&left, tree));
                let Author { who, from, .. } = self.author;
                let author =
                    Author { who: "unknown".to_owned(), from: format!("found by {who}, {from}"), what };
                entry(author, kind, &last.after, present).map(|entry| vec![entry])
            }
            // Its beginning was moved away.
            None => begins(&last.after),
        }
    }

    /// The author of what the log says by itself.
    fn says(&self, what: &str) -> Author {
        Author { what: what.to_owned(), ..self.author.clone() }
    }

    fn did_not_happen(&self, id: &str, present: &str) -> io::Result<Entry> {
        let author = self.says("the edit did not happen");
        entry(author, Kind::DidNotHappen(id.to_owned()), present, present)
    }
}

fn entry(author: Author, kind: Kind, before: &str, after: &str) -> io::Result<Entry> {
    let id = random::entry_id().map_err(io::Error::other)?;
    let (before, after) = (before.to_owned(), after.to_owned());
    Ok(Entry { id, time: now().to_rfc3339(), author, kind, before, after })
}

/// The document's tree; of a text that is none, nothing.
fn tree(text: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(text).unwrap_or_default()
}
