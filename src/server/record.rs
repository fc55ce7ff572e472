//! The record beside the document: what the management API tells of objects, and the document has no place
//! for.
//!
//! It is a JSON file that has the document's name with `.record.json` after it, and is written under the
//! document's lock, before the document. What changed by other means is noticed: an object that is new has
//! a time from then on, and one that is not as it was has another time of change.

mod notice;
mod objects;

use usage_plan_manage::file::Beside;

pub(crate) use self::notice::version_name;
pub use self::objects::Record;
pub(crate) use self::objects::{DomainRecord, Release, ServiceRecord, Tag, Times};

/// What stands after the document's name.
pub const ENDING: &str = ".record.json";

/// It has the document's descriptions and the times of its keys, so its owner alone may read a new one.
const MODE: u32 = 0o600;

/// A record, and the bytes that it was read from.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) record: Record,
    bytes: Option<Vec<u8>>,
}

// === impl Opened ===

impl Opened {
    /// Reads the record of a document that is locked. The error says what to do.
    pub(crate) fn read(beside: &Beside<'_>) -> Result<Self, String> {
        let path = beside.path(ENDING);
        let bytes = beside.read(ENDING).map_err(|error| format!("{}: {error}", path.display()))?;
        let record = bytes.as_deref().map_or_else(|| Ok(Record::default()), serde_json::from_slice);
        let record = record.map_err(|error| {
            let (path, line, column) = (path.display(), error.line(), error.column());
            format!("{path} is no record (line {line}, column {column}): restore it, or move it away")
        })?;
        Ok(Self { record, bytes })
    }

    /// Replaces the record's file, unless it is as it was.
    pub(crate) fn write(&self, beside: &Beside<'_>) -> Result<(), String> {
        let mut bytes = serde_json::to_vec(&self.record).unwrap_or_default();
        bytes.push(b'\n');
        if self.bytes.as_ref() == Some(&bytes) {
            return Ok(());
        }
        let failed = |error| format!("{}: {error}", beside.path(ENDING).display());
        beside.replace(ENDING, &bytes, MODE).map_err(failed)
    }
}

#[cfg(test)]
mod tests;
