//! `usage-plan log`: who did what.

mod filter;

use std::collections::HashMap;

use clap::Args;
use serde_json::Value;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::audit::{Change, Entry, History, Kind, Recorded};
use usage_plan_manage::dates::now;
use usage_plan_manage::file::DocumentFile;

use self::filter::Filter;
use super::complete;
use super::log_option::LogOption;
use super::undo::unknown;
use crate::output::age::age;
use crate::output::answer::{Answer, Cell, Column, Table, Text, Tone};
use crate::output::error::Result;

/// The objects of an entry that a list names. Further ones are counted.
const NAMED: usize = 3;

/// What of the log to show.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Show this entry as a whole: its id, or the beginning of it
    #[arg(add = complete::entries(), conflicts_with_all = ["key", "plan", "service", "since"])]
    entry: Option<String>,
    #[command(flatten)]
    only: Filter,
    #[command(flatten)]
    log: LogOption,
}

/// The entries that took another one back, by its id.
type UndoneBy<'h> = HashMap<&'h str, &'h str>;

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let file = self.log.of_log(file)?;
        let history = file.history()?;
        let undone_by = undone_by(&history);
        let answer = match self.entry.as_deref() {
            Some(entry) => {
                let index = history.find(Some(entry)).map_err(|reason| unknown(Some(entry), &reason))?;
                // The index is that of an entry.
                let found = history.entries.get(index);
                found.map_or_else(|| Answer::new("", Value::Null), |found| shown(&history, &undone_by, found))
            }
            None => self.list(&file, &history, &undone_by)?,
        };
        Ok(warn(answer, &history))
    }

    fn list(&self, file: &DocumentFile, history: &History, undone_by: &UndoneBy<'_>) -> Result<Answer> {
        let mut table = Table::with_columns([
            Column::always("ID"),
            Column::narrow("AGE"),
            Column::wide("TIME"),
            Column::always("WHO"),
            Column::always("WHAT"),
            Column::if_any("STATE"),
            Column::wide("FROM"),
        ]);
        let now = now();
        let is_meant = self.only.predicate(file, history, now)?;
        let mut json = Vec::new();
        for found in history.entries.iter().filter(|found| is_meant(&found.entry)) {
            let entry = &found.entry;
            let state = state(found, undone_by);
            let tone = if found.happened { Tone::Notable } else { Tone::Bad };
            table.row([
                Cell::from(entry.id.as_str()),
                age(Timestamp::from_rfc3339(&entry.time), now).into(),
                entry.time.as_str().into(),
                entry.author.who.as_str().into(),
                what(history, entry).into(),
                Cell::state(state, tone),
                entry.author.from.as_str().into(),
            ]);
            json.push(json_of(found, undone_by, false));
        }
        if history.entries.is_empty() {
            return Ok(Answer::new("the log is empty: the next edit begins it", Value::Array(json)));
        }
        Ok(Answer::new(table, json.into()))
    }
}

/// What somebody should know about the log.
fn warn(answer: Answer, history: &History) -> Answer {
    let unreadable = match history.unreadable {
        0 => None,
        1 => {
            Some("1 line of the log is no entry: a process or the disk ended in the middle of it".to_owned())
        }
        count => Some(format!("{count} lines of the log are no entries")),
    };
    let changed =
        "the document is not as the last entry leaves it: the next edit records what was changed outside";
    let changed = if history.is_changed_since { Some(changed.to_owned()) } else { None };
    unreadable.into_iter().chain(changed).fold(answer, Answer::warn)
}

/// Which entries took which back, and were not taken back themselves.
fn undone_by(history: &History) -> UndoneBy<'_> {
    let mut undone_by = UndoneBy::new();
    for found in history.entries.iter().filter(|found| found.happened) {
        if let Some(id) = found.entry.undo_of() {
            undone_by.insert(id, &found.entry.id);
            // What the other one took back stands again.
            let other = history.entries.iter().find(|other| other.entry.id == id);
            if let Some(again) = other.and_then(|other| other.entry.undo_of()) {
                undone_by.remove(again);
            }
        }
    }
    undone_by
}

fn state(found: &Recorded, undone_by: &UndoneBy<'_>) -> String {
    match undone_by.get(found.entry.id.as_str()) {
        _ if !found.happened => "did not happen".to_owned(),
        Some(by) => format!("taken back by {by}"),
        None => String::new(),
    }
}

/// What an entry is about, in a line.
fn what(history: &History, entry: &Entry) -> String {
    let what = &entry.author.what;
    match (&entry.kind, entry.undo_of()) {
        (_, Some(id)) => {
            let of = history.what(id).map(|what| format!(": {what}")).unwrap_or_default();
            format!("undo of {id}{of}")
        }
        (Kind::Outside(changes), None) => match &changes[..] {
            [] => format!("{what}: nothing but its order or form"),
            changes => format!("{what}: {}", labels(changes)),
        },
        _ => what.clone(),
    }
}

fn labels(changes: &[Change]) -> String {
    let more = match changes.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let labels: Vec<String> = changes.iter().take(NAMED).map(|change| change.label().to_string()).collect();
    labels.join(", ") + &more
}

fn json_of(found: &Recorded, undone_by: &UndoneBy<'_>, is_whole: bool) -> Value {
    let mut json = found.entry.to_json();
    if let Some(members) = json.as_object_mut().filter(|_| !is_whole) {
        // The whole document, which a list of entries is not about.
        members.shift_remove("document");
    }
    json["happened"] = found.happened.into();
    json["undone_by"] = undone_by.get(found.entry.id.as_str()).map_or(Value::Null, |id| (*id).into());
    json
}

/// An entry as a whole.
fn shown(history: &History, undone_by: &UndoneBy<'_>, found: &Recorded) -> Answer {
    let entry = &found.entry;
    let mut table = Table::untitled();
    let state = state(found, undone_by);
    for (name, value) in [
        ("entry", entry.id.as_str()),
        ("time", &entry.time),
        ("who", &entry.author.who),
        ("from", &entry.author.from),
        ("what", &what(history, entry)),
        ("state", &state),
    ] {
        if !value.is_empty() {
            table.row([name, value]);
        }
    }
    let mut text = Text::from(table);
    let difference = entry.difference();
    if !difference.is_empty() {
        text.push_below(difference.trim_end());
    }
    if matches!(entry.kind, Kind::Begins(_)) {
        text.push_below("--output json shows the document as it was, without secrets");
    }
    Answer::new(text, json_of(found, undone_by, true))
}
