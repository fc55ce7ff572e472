//! What charts of samples have in common: marks, sentences, and tables.

use maud::{Markup, html};

use super::span::{part, time};
use crate::console::chart::{Marks, Row, Table};
use crate::console::clock::Reader;
use crate::console::texts::usage as texts;
use crate::samples::{Bucket, Buckets, Range};

/// What each part has besides numbers.
pub(super) fn marks(buckets: &Buckets) -> Vec<Marks> {
    let marks = |bucket: &Bucket| Marks {
        is_gap: bucket.is_gap(),
        is_partial: bucket.misses > 0 && !bucket.is_gap(),
        is_restart: bucket.restarts > 0,
    };
    buckets.list.iter().map(marks).collect()
}

/// What has to be explained of the drawing.
pub(super) fn notes(reader: Reader, marks: &[Marks]) -> Vec<Markup> {
    let has = |is_so: fn(&Marks) -> bool| marks.iter().any(is_so);
    let notes = [
        (has(|marks| marks.is_gap), texts::IS_GAP),
        (has(|marks| marks.is_partial), texts::IS_PARTIAL),
        (has(|marks| marks.is_restart), texts::IS_RESTART),
    ];
    let shown = notes.into_iter().filter(|(is_so, _)| *is_so);
    shown.map(|(_, text)| html! { (reader.language.say(text)) }).collect()
}

/// The numbers of each part; none where nothing is known.
pub(super) fn values(buckets: &Buckets, value: impl Fn(&Bucket) -> u64) -> Vec<Option<u64>> {
    buckets.list.iter().map(|bucket| (!bucket.is_gap()).then(|| value(bucket))).collect()
}

/// The sum of all columns from `first` on.
pub(super) fn sum(bucket: &Bucket, first: usize) -> u64 {
    bucket.amounts.iter().skip(first).fold(0, |sum, amount| sum.saturating_add(amount.calls))
}

/// What a plot shows, in a sentence; with the sum of its numbers if they are a sum's parts.
pub(super) fn label(
    reader: Reader,
    range: Range,
    buckets: &Buckets,
    name: &str,
    values: &[Option<u64>],
    is_sum: bool,
) -> String {
    let language = reader.language;
    let most = values.iter().zip(&buckets.list).filter_map(|(value, bucket)| Some(((*value)?, bucket.start)));
    let all = values.iter().flatten().fold(0_u64, |sum, value| sum.saturating_add(*value));
    let span = part(reader, buckets);
    match most.reduce(|a, b| if b.0 > a.0 { b } else { a }) {
        Some((most @ 1.., start)) => {
            let time = time(reader, range, start);
            let numbers = (language.number(most), language.number(all));
            language.fill(
                if is_sum { texts::AT_MOST_AND_ALL } else { texts::AT_MOST },
                &[
                    ("name", &name),
                    ("span", &span),
                    ("most", &numbers.0),
                    ("time", &time),
                    ("all", &numbers.1),
                ],
            )
        }
        _ => language.fill(texts::NEVER, &[("name", &name), ("span", &span)]),
    }
}

/// The numbers of the parts as a table, the newest first. Parts that follow each other and have nothing are
/// one row.
pub(super) fn table(
    reader: Reader,
    range: Range,
    buckets: &Buckets,
    columns: Vec<String>,
    numbers: impl Fn(usize, &Bucket) -> Vec<u64>,
) -> Markup {
    let language = reader.language;
    let unknown = language.say(texts::NOTHING_KNOWN);
    let mut rows: Vec<(u64, u64, Option<Vec<u64>>)> = Vec::new();
    for (index, bucket) in buckets.list.iter().enumerate() {
        let end = bucket.start + buckets.width;
        let found = (!bucket.is_gap()).then(|| numbers(index, bucket));
        let is_nothing = found.iter().flatten().all(|number| *number == 0);
        match rows.last_mut() {
            Some((_, last_end, last)) if is_nothing && *last == found => *last_end = end,
            _ => rows.push((bucket.start, end, found)),
        }
    }
    let row = |(start, end, numbers): (u64, u64, Option<Vec<u64>>)| {
        let is_one = end - start == buckets.width;
        let [from, to] = [start, end].map(|second| time(reader, range, second));
        let numbers =
            numbers.map(|numbers| numbers.into_iter().map(|number| language.number(number)).collect());
        Row {
            time: if is_one { from } else { format!("{from} – {to}") },
            numbers: numbers.ok_or_else(|| unknown.to_owned()),
        }
    };
    let rows = rows.into_iter().rev().map(row).collect();
    let (summary, from) = (language.say(texts::AS_TABLE), language.say(texts::FROM));
    Table { summary, from, columns, rows }.render()
}
