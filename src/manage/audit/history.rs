//! All that the log says, and what of it stands.

use std::io;
use std::path::Path;

use serde_json::{Map, Value};

use super::entry::{Entry, Kind};
use super::lines::Lines;
use super::mask::{Mask, name_of};
use super::place::Place;

/// The log of a document, from its first line to its last.
#[derive(Debug)]
pub struct History {
    /// Every entry that is about the document; those that only say that another one did not happen are not.
    pub entries: Vec<Recorded>,
    /// How many lines are no entries.
    pub unreadable: usize,
    /// Whether the document is not as the log leaves it. Without the log's key that is not known.
    pub is_changed_since: bool,
    pub(super) mask: Option<Mask>,
}

/// An entry, and whether it happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The entry.
    pub entry: Entry,
    /// Whether the document was replaced, which comes after the entry is written.
    pub happened: bool,
}

/// Why an entry is not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// There is no entry.
    Empty,
    /// None has an id that begins so.
    NotFound,
    /// Several have; these are their ids.
    Ambiguous(Vec<String>),
}

// === impl Place ===

impl Place {
    /// The log's file; `None` when there is none.
    pub(super) fn lines(&self, document: &Path) -> Option<Lines> {
        let path = match self {
            Self::Beside => document.with_file_name(format!("{}.log", name_of(document))),
            Self::At(path) => path.clone(),
            Self::Nowhere => return None,
        };
        Some(Lines::new(path))
    }
}

// === impl History ===

impl History {
    /// Reads the log of the document in the file `document`, whose bytes are `text`.
    pub(crate) fn read(document: &Path, place: &Place, text: &[u8]) -> io::Result<Self> {
        let (entries, unreadable) = match place.lines(document) {
            Some(lines) => lines.read()?,
            None => (Vec::new(), 0),
        };
        // Whoever may read the log need not be allowed to read its key.
        let mask = Mask::find(document).unwrap_or_default();
        Ok(Self::of(entries, unreadable, mask, text))
    }

    fn of(entries: Vec<Entry>, unreadable: usize, mask: Option<Mask>, text: &[u8]) -> Self {
        let present = mask.as_ref().map(|mask| mask.of_document(text));
        let last = entries.last().zip(present.as_deref());
        let is_pending = last.is_some_and(|(last, present)| last.is_undone_by(present));
        let is_changed_since = last.is_some_and(|(last, present)| last.after != present) && !is_pending;
        let mut found: Vec<Recorded> = Vec::new();
        for entry in entries {
            if let Kind::DidNotHappen(id) = &entry.kind {
                for other in found.iter_mut().filter(|other| other.entry.id == *id) {
                    other.happened = false;
                }
            } else {
                found.push(Recorded { entry, happened: true });
            }
        }
        if let Some(last) = found.last_mut().filter(|_| is_pending) {
            last.happened = false;
        }
        Self { entries: found, unreadable, is_changed_since, mask }
    }

    /// The index of the entry that is named by its id or by the beginning of it; without a name, of the last
    /// one that can be taken back.
    pub fn find(&self, id: Option<&str>) -> Result<usize, Unknown> {
        let Some(id) = id else {
            let can_be_undone =
                |found: &Recorded| found.happened && !matches!(found.entry.kind, Kind::Begins(_));
            return self.entries.iter().rposition(can_be_undone).ok_or(Unknown::Empty);
        };
        let begin_so: Vec<usize> = self.indices(|found| found.entry.id.starts_with(id)).collect();
        let are_so: Vec<usize> = self.indices(|found| found.entry.id == id).collect();
        match (&are_so[..], &begin_so[..]) {
            ([index], _) | ([], [index]) => Ok(*index),
            ([], []) => Err(Unknown::NotFound),
            (several, _) if !several.is_empty() => Err(Unknown::Ambiguous(self.ids(several))),
            (_, several) => Err(Unknown::Ambiguous(self.ids(several))),
        }
    }

    /// What the entry with this id did, in words, if it is in the log.
    pub fn what(&self, id: &str) -> Option<&str> {
        self.entries.iter().find(|found| found.entry.id == id).map(|found| found.entry.author.what.as_str())
    }

    fn indices(&self, is_meant: impl Fn(&Recorded) -> bool) -> impl Iterator<Item = usize> {
        self.entries.iter().enumerate().filter(move |(_, found)| is_meant(found)).map(|(index, _)| index)
    }

    fn ids(&self, indices: &[usize]) -> Vec<String> {
        indices.iter().filter_map(|index| Some(self.entries.get(*index)?.entry.id.clone())).collect()
    }
}

// === impl Entry ===

impl Entry {
    /// Whether it is an edit that did not happen, because the document still is as before it.
    pub(super) fn is_undone_by(&self, present: &str) -> bool {
        let is_edit = matches!(self.kind, Kind::Edit { .. });
        is_edit && self.before == present && self.after != present
    }
}

/// The document without secrets, as the entries leave it; `None` when they do not say where they begin.
pub(super) fn replay(entries: &[Entry]) -> Option<Map<String, Value>> {
    let begins = entries.iter().rposition(|entry| matches!(entry.kind, Kind::Begins(_)))?;
    let entries = entries.get(begins..)?;
    let mut tree = Map::new();
    for (index, entry) in entries.iter().enumerate() {
        let next = entries.get(index.saturating_add(1)).map(|next| &next.kind);
        match &entry.kind {
            Kind::Begins(document) => tree = document.clone(),
            _ if matches!(next, Some(Kind::DidNotHappen(id)) if *id == entry.id) => {}
            _ => entry.changes().iter().for_each(|change| change.apply(&mut tree)),
        }
    }
    Some(tree)
}
