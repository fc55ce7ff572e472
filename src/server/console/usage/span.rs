//! Which span of time is looked at: a link each, and what its parts are called.

use std::sync::Arc;
use std::time::Duration;

use maud::{Markup, html};
use tokio::task::spawn_blocking;

use crate::console::clock::Reader;
use crate::console::form::Fields;
use crate::console::text::Text;
use crate::console::texts::usage as texts;
use crate::console::visit::Visit;
use crate::samples::{Buckets, QUARTERS, Range};

/// The word of a span in addresses.
const fn word(range: Range) -> &'static str {
    match range {
        Range::Hour => "hour",
        Range::Day => "day",
        Range::Month => "month",
    }
}

/// The span that a query asks for. Without one it is a day, or an hour while there is nothing older.
pub(in crate::console) async fn of_query(visit: &Visit, query: &Fields) -> Range {
    let asked = query.text("range");
    if let Some(range) = Range::ALL.into_iter().find(|range| word(*range) == asked) {
        return range;
    }
    let samples = Arc::clone(&visit.console.samples);
    let first = spawn_blocking(move || samples.first()).await.unwrap_or_default();
    let hour = visit.now.as_secs().saturating_sub(Range::Hour.length().as_secs());
    // The first step may have begun a little earlier than the server.
    if first.is_none_or(|first| first + QUARTERS.step > hour) { Range::Hour } else { Range::Day }
}

/// `in the last hour`
pub(super) const fn when(range: Range) -> Text {
    match range {
        Range::Hour => texts::IN_THE_HOUR,
        Range::Day => texts::IN_THE_DAY,
        Range::Month => texts::IN_THE_MONTH,
    }
}

/// Links to every span, on the page at `address`.
pub(in crate::console) fn segments(reader: Reader, address: &str, present: Range) -> Markup {
    let name = |range| match range {
        Range::Hour => texts::HOUR,
        Range::Day => texts::DAY,
        Range::Month => texts::MONTH,
    };
    html! {
        nav aria-label=(reader.language.say(texts::RANGE)) {
            ul.segments {
                @for range in Range::ALL {
                    li {
                        a href={ (address) "?range=" (word(range)) }
                            aria-current=[(range == present).then_some("true")] {
                            (reader.language.say(name(range)))
                        }
                    }
                }
            }
        }
    }
}

/// How long a part of the span is, in words.
pub(super) fn part(reader: Reader, buckets: &Buckets) -> String {
    reader.span(Duration::from_secs(buckets.width))
}

/// When a part begins, as an axis or a table has it.
pub(super) fn time(reader: Reader, range: Range, second: u64) -> String {
    match range {
        Range::Hour | Range::Day => reader.clock(second),
        Range::Month => format!("{} {}", reader.day(second), reader.clock(second)),
    }
}

/// The labels of the axis: an odd number of them.
pub(super) fn ticks(reader: Reader, range: Range, buckets: &Buckets) -> Vec<String> {
    let (start, end) = buckets.span();
    let count: u64 = match range {
        Range::Hour | Range::Month => 7,
        Range::Day => 9,
    };
    let tick = |index| {
        let second = start + (end - start) * index / (count - 1);
        if range == Range::Month { reader.day(second) } else { reader.clock(second) }
    };
    (0..count).map(tick).collect()
}
