//! The record beside the document: what the management API tells of objects, and the document has no place
//! for.
//!
//! It is a JSON file that has the document's name with `.record.json` after it, and is written under the
//! document's lock, before the document. What changed by other means is noticed: an object that is new has
//! a time from then on, and one that is not as it was has another time of change.

mod notice;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use usage_plan_manage::file::Beside;

pub(crate) use self::notice::version_name;

/// What stands after the document's name.
pub const ENDING: &str = ".record.json";

/// It has the document's descriptions and the times of its keys, so its owner alone may read a new one.
const MODE: u32 = 0o600;

/// What is recorded of each object, by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    pub(crate) keys: BTreeMap<String, KeyRecord>,
    pub(crate) usage_plans: BTreeMap<String, PlanRecord>,
    pub(crate) services: BTreeMap<String, ServiceRecord>,
}

/// When an object was created and last changed, in the form of RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) created: String,
    pub(crate) modified: String,
    /// By which a change of the object is noticed.
    digest: String,
}

/// A label of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// What is recorded of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    #[serde(flatten)]
    pub(crate) times: Times,
    /// Whether its secret was given, and not drawn here.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) is_manual: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) tags: Vec<Tag>,
}

/// What is recorded of a usage plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanRecord {
    #[serde(flatten)]
    pub(crate) times: Times,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) tags: Vec<Tag>,
}

/// What is recorded of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceRecord {
    #[serde(flatten)]
    pub(crate) times: Times,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) description: String,
    /// Empty if nobody said it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) protocol: String,
    /// Empty if nobody said it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) net_types: Vec<String>,
    /// The limit per second that somebody set for an environment. No Envoy holds callers to it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) strategies: BTreeMap<String, i64>,
    /// What was published to the environments, the oldest first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) releases: Vec<Release>,
    /// The version that is published to each environment.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) current: BTreeMap<String, String>,
    /// What was said of a host when it was bound.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) domains: BTreeMap<String, DomainRecord>,
}

/// A version of a service that was published to an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Release {
    pub(crate) environment: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) time: String,
}

/// What was said of a host when it was bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DomainRecord {
    pub(crate) certificate_id: String,
    pub(crate) protocol: String,
    pub(crate) net_type: String,
    pub(crate) is_forced_https: bool,
}

/// A record, and the bytes that it was read from.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) record: Record,
    bytes: Option<Vec<u8>>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
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
