//! A line of the log.

use serde_json::{Map, Value, json};

use super::author::Author;
use super::change::Change;
use crate::draft;

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// By which people and lines name it: random, so that it stays its own when logs are put together.
    pub id: String,
    /// When it was written, as RFC 3339 has it.
    pub time: String,
    /// Who did it. Of what was changed outside that is not known, and the place says who found it.
    pub author: Author,
    /// What it is about.
    pub kind: Kind,
    /// The fingerprint of the document before it; empty where that is not known.
    pub(super) before: String,
    /// The fingerprint of the document after it.
    pub(super) after: String,
}

/// What a line of the log is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The log begins with this document.
    Begins(Map<String, Value>),
    /// An edit.
    Edit {
        /// What it changes.
        changes: Vec<Change>,
        /// The entry that it takes back.
        undo_of: Option<String>,
    },
    /// The document was found to be changed by somebody who does not write this log.
    Outside(Vec<Change>),
    /// The edit of the entry with this id did not happen: the process ended before.
    DidNotHappen(String),
}

const BEGINS: &str = "begins";
const EDIT: &str = "edit";
const OUTSIDE: &str = "outside";
const DID_NOT_HAPPEN: &str = "did not happen";

// === impl Entry ===

impl Entry {
    /// What the entry changes.
    pub fn changes(&self) -> &[Change] {
        match &self.kind {
            Kind::Edit { changes, .. } | Kind::Outside(changes) => changes,
            Kind::Begins(_) | Kind::DidNotHappen(_) => &[],
        }
    }

    /// The entry that it takes back, if it does.
    pub fn undo_of(&self) -> Option<&str> {
        match &self.kind {
            Kind::Edit { undo_of, .. } => undo_of.as_deref(),
            _ => None,
        }
    }

    /// What the entry changes, as `diff -u` shows it: of each object its id, its name and what differs.
    pub fn difference(&self) -> String {
        let mut sides = [Map::new(), Map::new()];
        for change in self.changes() {
            for (side, part) in sides.iter_mut().zip(change.parts()) {
                for (name, value) in part {
                    match (side.get_mut(&name).and_then(Value::as_array_mut), value) {
                        (Some(list), Value::Array(items)) => list.extend(items),
                        (_, value) => drop(side.insert(name, value)),
                    }
                }
            }
        }
        let [before, after] = sides.map(|side| json!(side).to_string());
        draft::difference(&before, &after, ["before", "after"])
    }

    /// The entry as it is in the log.
    pub fn to_json(&self) -> Value {
        let Author { who, from, what } = &self.author;
        let mut json = json!({
            "id": self.id, "time": self.time, "kind": self.kind.word(),
            "who": who, "from": from, "what": what,
        });
        match &self.kind {
            Kind::Begins(document) => json["document"] = document.clone().into(),
            Kind::Edit { undo_of: Some(id), .. } => json["undo_of"] = id.as_str().into(),
            Kind::DidNotHappen(id) => json["of"] = id.as_str().into(),
            Kind::Edit { .. } | Kind::Outside(_) => {}
        }
        if matches!(self.kind, Kind::Edit { .. } | Kind::Outside(_)) {
            json["changes"] = self.changes().iter().map(Change::to_json).collect();
        }
        json["before"] = self.before.as_str().into();
        json["after"] = self.after.as_str().into();
        json
    }

    /// The entry of a line, if it is one.
    pub fn read(line: &[u8]) -> Option<Self> {
        let json: Value = serde_json::from_slice(line).ok()?;
        let text = |name: &str| json.get(name)?.as_str().map(str::to_owned);
        let changes = || {
            let changes = json.get("changes")?.as_array()?;
            changes.iter().map(Change::read).collect::<Option<Vec<_>>>()
        };
        let kind = match json.get("kind")?.as_str()? {
            BEGINS => Kind::Begins(json.get("document")?.as_object()?.clone()),
            EDIT => Kind::Edit { changes: changes()?, undo_of: text("undo_of") },
            OUTSIDE => Kind::Outside(changes()?),
            DID_NOT_HAPPEN => Kind::DidNotHappen(text("of")?),
            _ => return None,
        };
        Some(Self {
            id: text("id")?,
            time: text("time")?,
            author: Author { who: text("who")?, from: text("from")?, what: text("what")? },
            kind,
            before: text("before")?,
            after: text("after")?,
        })
    }
}

// === impl Kind ===

impl Kind {
    /// The kind in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Begins(_) => BEGINS,
            Self::Edit { .. } => EDIT,
            Self::Outside(_) => OUTSIDE,
            Self::DidNotHappen(_) => DID_NOT_HAPPEN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let changes = json!([
            {"list": "keys", "id": "AKIDa", "name": "a", "index": 1, "created": {"secret_id": "AKIDa"}},
            {"list": "keys", "id": "AKIDb", "index": 0, "deleted": {"secret_id": "AKIDb"}},
            {"list": "usage_plans", "id": "p", "name": "gold", "members": {
                "keys": {"removed": ["x"], "added": ["y"]}, "burst": {"after": 5}, "remark": {"before": "old"}}},
            {"list": "options", "members": {"metrics_per_key": {"before": false, "after": true}}},
        ]);
        let entry = |mut more: Value| {
            let json = json!({
                "id": "f80wcf8n", "time": "2026-11-24T19:02:54Z", "who": "ada", "from": "here", "what": "x",
                "before": "", "after": "00",
            });
            for (name, value) in json.as_object().expect("an object") {
                more[name] = value.clone();
            }
            more
        };
        for json in [
            json!({"kind": "begins", "document": {"keys": []}}),
            json!({"kind": "edit", "changes": changes}),
            json!({"kind": "edit", "changes": [], "undo_of": "f80wcf8o"}),
            json!({"kind": "outside", "changes": changes}),
            json!({"kind": "did not happen", "of": "f80wcf8o"}),
        ] {
            let json = entry(json);
            let read = Entry::read(json.to_string().as_bytes()).expect("an entry");
            assert_eq!(read.to_json(), json);
        }
        for line in ["", "{", "1", "{\"kind\": \"edit\"}"] {
            assert_eq!(Entry::read(line.as_bytes()), None, "{line}");
        }
    }
}
