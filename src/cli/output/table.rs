//! Aligned tables.

use comfy_table::{
    Cell as GridCell, Color, ColumnConstraint, ContentArrangement, Row, Table as Grid, presets,
};
use serde_json::Value;

use super::print::escape_controls;
use super::style::Style;

/// The most lines of a row of a list on a terminal. What is longer is cut.
const MAX_LINES: usize = 4;

/// Rows under titles, in aligned columns.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    /// A list has titles, and its rows may be cut.
    is_list: bool,
}

/// A column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    title: String,
    shown: Shown,
}

/// In which form of a table a column is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Always,
    /// Without `--output wide`.
    Narrow,
    /// With `--output wide`.
    Wide,
    /// When a row has something in it.
    IfAny,
}

/// A text in a table.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

/// What a state means for whoever reads it. It chooses the colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// It works.
    Good,
    /// It works in part, or not yet.
    Notable,
    /// It does not work.
    Bad,
}

// === impl Table ===

impl Table {
    /// A list without rows.
    pub(crate) fn new(titles: &[&str]) -> Self {
        Self::with_columns(titles.iter().copied().map(Column::always))
    }

    /// A list without rows, some of whose columns are not always shown.
    pub(crate) fn with_columns(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new(), is_list: true }
    }

    /// A table of two columns without titles.
    pub(crate) fn untitled() -> Self {
        Self { columns: vec![Column::always(""), Column::always("")], rows: Vec::new(), is_list: false }
    }

    /// A table with a row for each member of an object: its name and its value.
    pub(crate) fn of_members(object: &Value) -> Self {
        let members = object.as_object().into_iter().flatten();
        Self::untitled().with(members.map(|(name, value)| vec![name.clone(), plain(value)]))
    }

    /// The same table with these rows.
    pub(crate) fn with(mut self, rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        rows.into_iter().for_each(|row| self.row(row));
        self
    }

    /// Adds a row; it is as high as the cell with the most lines.
    pub(crate) fn row<T: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The table's lines, without blanks at their ends.
    pub(crate) fn laid_out(&self, style: Style) -> String {
        let shown = self.shown(style);
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).force_no_tty();
        if style.color {
            crossterm::style::force_color_output(true);
            grid.enforce_styling().style_text_only();
        }
        if let Some(width) = style.width {
            grid.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        if self.is_list {
            grid.set_header(shown.iter().map(|(_, column)| column.title.as_str()));
        }
        for cells in &self.rows {
            let cells = shown
                .iter()
                .map(|(index, _)| cells.get(*index).map_or_else(|| GridCell::new(""), Cell::to_grid));
            let mut row = Row::from(cells.collect::<Vec<_>>());
            if self.is_list && style.width.is_some() {
                row.max_height(MAX_LINES);
            }
            grid.add_row(row);
        }
        self.fit(&mut grid, style);
        grid.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    /// The columns that are shown, each with its index.
    fn shown(&self, style: Style) -> Vec<(usize, &Column)> {
        let is_used = |index: usize| {
            let cells = self.rows.iter().filter_map(|cells| cells.get(index));
            { cells }.any(|cell| !cell.text.is_empty())
        };
        let is_shown = |index: usize, column: &Column| match column.shown {
            Shown::Always => true,
            Shown::Narrow => !style.wide,
            Shown::Wide => style.wide,
            Shown::IfAny => is_used(index),
        };
        self.columns.iter().enumerate().filter(|(index, column)| is_shown(*index, column)).collect()
    }

    /// Separates the columns. The first one says what a row is about, so it is not broken when a terminal is
    /// narrow, unless it alone would fill half of it.
    fn fit(&self, grid: &mut Grid, style: Style) {
        let widths = grid.column_max_content_widths();
        let last = widths.len().saturating_sub(1);
        for (index, column) in grid.column_iter_mut().enumerate() {
            column.set_padding((0, if index == last { 0 } else { 2 }));
            let is_first = index == 0 && index != last;
            if is_first
                && let (Some(width), Some(content)) = (style.width, widths.first())
                && *content <= width / 2
            {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
    }
}

// === impl Column ===

impl Column {
    /// A column that is always shown.
    pub(crate) fn always(title: &str) -> Self {
        Self { title: title.to_owned(), shown: Shown::Always }
    }

    /// A column that `--output wide` leaves out.
    pub(crate) fn narrow(title: &str) -> Self {
        Self { title: title.to_owned(), shown: Shown::Narrow }
    }

    /// A column of `--output wide` alone.
    pub(crate) fn wide(title: &str) -> Self {
        Self { title: title.to_owned(), shown: Shown::Wide }
    }

    /// A column that is shown when a row has something in it.
    pub(crate) fn if_any(title: &str) -> Self {
        Self { title: title.to_owned(), shown: Shown::IfAny }
    }
}

// === impl Cell ===

impl Cell {
    /// A state, in the colour of what it means.
    pub(crate) fn state(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    fn to_grid(&self) -> GridCell {
        let cell = GridCell::new(escape_controls(&self.text).replace('\t', " "));
        match self.tone {
            Tone::Plain => cell,
            Tone::Good => cell.fg(Color::DarkGreen),
            Tone::Notable => cell.fg(Color::DarkYellow),
            Tone::Bad => cell.fg(Color::DarkRed),
        }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::state(text, Tone::Plain)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns =
            [Column::always("NAME"), Column::wide("ID"), Column::always("KEYS"), Column::if_any("UNTIL")];
        let mut table = Table::with_columns(columns);
        table.row(["gold", "usagePlan-gold", "acme beta gamma delta epsilon", ""]);
        table.row(["silver", "usagePlan-silver", "", ""]);
        table
    }

    fn lines(table: &Table) -> String {
        table.laid_out(Style::default())
    }

    fn on_terminal(width: u16) -> Style {
        Style { width: Some(width), ..Style::default() }
    }

    #[test]
    fn without_a_terminal_no_row_is_broken() {
        assert_eq!(lines(&table()), "NAME    KEYS\ngold    acme beta gamma delta epsilon\nsilver");
    }

    #[test]
    fn the_wide_form_has_more_columns() {
        let wide = table().laid_out(Style { wide: true, ..Style::default() });
        assert_eq!(wide.lines().next(), Some("NAME    ID                KEYS"));
    }

    #[test]
    fn a_column_without_anything_in_it_can_be_left_out() {
        let mut table = table();
        assert!(!lines(&table).contains("UNTIL"));
        table.row(["bronze", "", "", "tomorrow"]);
        assert!(lines(&table).contains("UNTIL"));
    }

    #[test]
    fn on_a_terminal_no_line_is_wider_than_it_and_the_first_column_is_whole() {
        for width in 14..60 {
            let text = table().laid_out(on_terminal(width));
            assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}:\n{text}");
            assert!(text.contains("silver"), "{width}:\n{text}");
        }
        assert_eq!(
            table().laid_out(on_terminal(20)),
            "NAME    KEYS\ngold    acme beta\n        gamma delta\n        epsilon\nsilver"
        );
    }

    #[test]
    fn a_row_that_would_be_very_high_is_cut_and_the_cut_is_seen() {
        let mut table = Table::new(&["NAME", "REMARK"]);
        table.row(["gold".to_owned(), "word ".repeat(40)]);
        let text = table.laid_out(on_terminal(20));
        assert_eq!(text.lines().count(), 1 + MAX_LINES, "{text}");
        assert!(text.ends_with('…'), "{text}");
    }

    #[test]
    fn a_state_has_a_colour_only_where_the_stream_has_colours() {
        let mut table = Table::new(&["NAME", "STATUS"]);
        table.row([Cell::from("acme"), Cell::state("expired", Tone::Bad)]);
        assert_eq!(lines(&table), "NAME  STATUS\nacme  expired");
        let colored = table.laid_out(Style { color: true, ..Style::default() });
        assert!(colored.contains("\u{1b}[") && colored.contains("expired\u{1b}["), "{colored:?}");
    }

    #[test]
    fn a_cell_changes_no_colour_and_breaks_no_column() {
        let mut table = Table::new(&["NAME", "REMARK"]);
        table.row(["a\tb", "\u{1b}[31mred"]);
        assert_eq!(lines(&table), "NAME  REMARK\na b   \\u{1b}[31mred");
    }
}
