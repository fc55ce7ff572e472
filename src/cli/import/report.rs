//! What an import came to.

use serde_json::{Map, Value, json};

use super::proposal::{Notes, Part};
use crate::answer::{Answer, Table};

/// How many of each kind were carried over.
#[derive(Default)]
pub(super) struct Report {
    added: Vec<Part>,
    kept: Vec<Part>,
}

// === impl Report ===

impl Report {
    /// One is in the document now that was not.
    pub(super) fn added(&mut self, part: Part) {
        self.added.push(part);
    }

    /// One was in the document already.
    pub(super) fn kept(&mut self, part: Part) {
        self.kept.push(part);
    }

    /// A table of how many.
    pub(super) fn answer(&self, notes: &Notes) -> Answer {
        let mut table = Table::new(&["", "ADDED", "KEPT", "LEFT OUT"]);
        let mut json = Map::new();
        let count = |list: &[Part], part| list.iter().filter(|of| **of == part).count();
        for part in Part::ALL {
            let counts = [count(&self.added, part), count(&self.kept, part), notes.count(part)];
            let title = part.list().replace('_', " ");
            table.row([title].into_iter().chain(counts.map(|count| count.to_string())));
            let [added, kept, left_out] = counts;
            let counts = json!({"added": added, "kept": kept, "left_out": left_out});
            json.insert(part.list().to_owned(), counts);
        }
        Answer::new(table.lines(), json.into())
    }
}

/// `answer` with everything that was not carried over as it was: also that of a dry run.
pub(super) fn with_notes(mut answer: Answer, notes: &Notes) -> Answer {
    for note in notes.iter() {
        // A name of the source may have line breaks; a warning is one line.
        let line = format!("{}: {}", note.object, note.reason).replace(char::is_control, " ");
        answer = answer.warn(line);
    }
    let list = notes.iter().map(|note| json!({"object": note.object, "reason": note.reason}));
    let list: Value = list.collect();
    if let Some(json) = answer.json.as_object_mut() {
        json.insert("not_carried_over".to_owned(), list);
    }
    answer
}
