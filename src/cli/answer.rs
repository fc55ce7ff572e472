//! What a command prints: a text for people, or JSON for programs.

use std::ffi::OsString;

use clap::ValueEnum;
use comfy_table::{Cell, Table as Grid, presets};
use serde_json::Value;

/// `--output`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Text and tables
    #[default]
    Text,
    /// JSON, on standard output; errors as JSON on standard error
    Json,
}

/// What a command has to say.
#[derive(Debug)]
pub struct Answer {
    /// For people.
    pub text: String,
    /// For programs: the same, and more.
    pub json: Value,
    /// What went otherwise than one may think; to standard error.
    pub warnings: Vec<String>,
    /// The command did its work and the work came out wrong: exit code 1.
    pub failed: bool,
}

/// Rows under titles, aligned.
pub struct Table(Grid);

// === impl Output ===

impl Output {
    /// What a command line asks for that cannot be read as a whole.
    pub(super) fn wanted_in(arguments: &[OsString]) -> Self {
        let is_json =
            |pair: &[OsString]| matches!(pair, [flag, json] if flag == "--output" && json == "json");
        let wants_json =
            arguments.windows(2).any(is_json) || arguments.iter().any(|word| word == "--output=json");
        if wants_json { Self::Json } else { Self::Text }
    }
}

// === impl Answer ===

impl Answer {
    /// An answer without a warning.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, warnings: Vec::new(), failed: false }
    }

    /// The same, with a warning.
    #[must_use]
    pub fn warn(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }
}

// === impl Table ===

impl Table {
    /// A table without rows.
    pub fn new(titles: &[&str]) -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_header(titles);
        Self(grid)
    }

    /// A row for each member of an object: its name, its value.
    pub fn of_members(object: &Value) -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING);
        for (name, value) in object.as_object().into_iter().flatten() {
            grid.add_row([name.clone(), plain(value)]);
        }
        Self(grid)
    }

    /// Adds a row; a cell of several lines makes it as tall.
    pub fn row<T: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.0.add_row(cells.into_iter().collect::<Vec<_>>());
    }

    /// The lines, without blanks at their ends.
    pub fn lines(mut self) -> String {
        for column in self.0.column_iter_mut() {
            column.set_padding((0, 2));
        }
        self.0.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// A value as people read it: text as it is, the items of a list below each other.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("\n"),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}: {}", plain(value)));
            members.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
