//! Text for people. It is laid out when it is known what it is printed on.

use super::print::escape_controls;
use super::style::Style;
use super::table::Table;

/// Lines and tables, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Text(Vec<Part>);

#[derive(Debug)]
enum Part {
    Plain(String),
    Table(Table),
}

// === impl Text ===

impl Text {
    /// `tables` with an empty line between two.
    pub(crate) fn of_tables(tables: impl IntoIterator<Item = Table>) -> Self {
        let mut parts = Vec::new();
        for table in tables {
            if !parts.is_empty() {
                parts.push(Part::Plain("\n\n".to_owned()));
            }
            parts.push(Part::Table(table));
        }
        Self(parts)
    }

    /// Adds another text below the last line.
    pub(crate) fn push_below(&mut self, text: impl Into<Self>) {
        if !self.0.is_empty() {
            self.push_str("\n");
        }
        self.0.extend(text.into().0);
    }

    /// Adds `text` to the last line.
    pub(crate) fn push_str(&mut self, text: &str) {
        self.0.push(Part::Plain(text.to_owned()));
    }

    /// Adds `text` before the first line.
    pub(crate) fn push_front(&mut self, text: &str) {
        self.0.insert(0, Part::Plain(text.to_owned()));
    }

    /// The text as it is printed, without a line feed at its end. What could move a terminal's cursor or
    /// change its colours is escaped, except for the table's own colours.
    pub(crate) fn laid_out(&self, style: Style) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Plain(text) => escape_controls(text),
            Part::Table(table) => table.laid_out(style),
        });
        parts.collect()
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(vec![Part::Plain(text.into())])
    }
}

impl From<Table> for Text {
    fn from(table: Table) -> Self {
        Self(vec![Part::Table(table)])
    }
}
