//! The log of edits, which anybody may have cut, and documents, which anybody may have written.

use serde_json::{Map, Value};
use usage_plan_manage::audit::{Entry, difference};

/// Reads each line as an entry of the log, and makes each document of the one on the line before it.
pub fn log(text: &[u8]) {
    let lines = || text.split(|byte| *byte == b'\n');
    for entry in lines().filter_map(Entry::read) {
        let json = entry.to_json();
        // A number with a fraction is read as one that is close to it. No document has one.
        if !has_fractions(&json) {
            assert_eq!(Entry::read(json.to_string().as_bytes()), Some(entry.clone()), "{json}");
        }
        for change in entry.changes() {
            let parts = change.parts();
            assert!(
                !change.label().to_string().is_empty()
                    && parts.iter().all(|part| part.len() <= 1 || change.list.is_empty())
            );
        }
    }
    let documents: Vec<Map<String, Value>> =
        lines().filter_map(|line| serde_json::from_slice(line).ok()).filter(is_comparable).collect();
    for pair in documents.windows(2) {
        let [before, after] = pair else { continue };
        let mut made = before.clone();
        for change in difference(before, after) {
            assert!(change.obstacles(&made).is_empty(), "{change:?} in {made:?}");
            change.apply(&mut made);
        }
        assert_eq!(difference(&made, after), Vec::new(), "of {before:?}");
    }
}

/// Whether equal values of a document look equal.
fn is_comparable(document: &Map<String, Value>) -> bool {
    !document.values().any(has_fractions)
}

fn has_fractions(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fractions),
        Value::Object(members) => members.values().any(has_fractions),
        _ => false,
    }
}
