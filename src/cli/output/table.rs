//! Aligned tables.

use comfy_table::{Cell, Table as Grid, presets};
use serde_json::Value;

/// Rows under titles, in aligned columns.
pub(crate) struct Table(Grid);

// === impl Table ===

impl Table {
    /// A table without rows.
    pub(crate) fn new(titles: &[&str]) -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_header(titles);
        Self(grid)
    }

    /// A table with a row for each member of an object: its name and its value.
    pub(crate) fn of_members(object: &Value) -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING);
        for (name, value) in object.as_object().into_iter().flatten() {
            grid.add_row([name.clone(), plain(value)]);
        }
        Self(grid)
    }

    /// Adds a row; it is as high as the cell with the most lines.
    pub(crate) fn row<T: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.0.add_row(cells.into_iter().collect::<Vec<_>>());
    }

    /// The table's lines, without blanks at their ends.
    pub(crate) fn lines(mut self) -> String {
        for column in self.0.column_iter_mut() {
            column.set_padding((0, 2));
        }
        self.0.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// A value as people read it: strings without quotes, the items of a list one below the other.
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
