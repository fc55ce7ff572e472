//! The numbers of a chart as a table.

use maud::{Markup, html};

/// The numbers of a chart.
pub(in crate::console) struct Table<'a> {
    /// What opens it.
    pub(in crate::console) summary: &'a str,
    /// The head of the column of times.
    pub(in crate::console) from: &'a str,
    /// The heads of the columns of numbers.
    pub(in crate::console) columns: Vec<String>,
    pub(in crate::console) rows: Vec<Row>,
}

/// A row: a time, and its numbers or why there are none.
pub(in crate::console) struct Row {
    pub(in crate::console) time: String,
    pub(in crate::console) numbers: Result<Vec<String>, String>,
}

// === impl Table ===

impl Table<'_> {
    pub(in crate::console) fn render(&self) -> Markup {
        html! {
            details.as-table {
                summary { (self.summary) }
                div.scrolls tabindex="0" role="region" aria-label=(self.summary) {
                    table.table {
                        thead {
                            tr {
                                th scope="col" { (self.from) }
                                @for column in &self.columns { th.num scope="col" { (column) } }
                            }
                        }
                        tbody { @for row in &self.rows { (self.row(row)) } }
                    }
                }
            }
        }
    }

    fn row(&self, row: &Row) -> Markup {
        html! {
            tr {
                th scope="row" { (row.time) }
                @match &row.numbers {
                    Ok(numbers) => @for number in numbers { td.num { (number) } },
                    Err(why) => td.num colspan=(self.columns.len()) { (why) },
                }
            }
        }
    }
}
