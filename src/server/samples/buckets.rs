//! Sums of samples in equal parts of a span of time, as a chart has them.

use std::time::Duration;

use usage_plan_core::timestamp::Timestamp;

use super::codec::View;
use super::ring::{FINE, INTERVAL, MINUTES, QUARTERS, Ring};
use super::slot::{Amount, Kind};

/// A span of time that ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// An hour, in minutes.
    Hour,
    /// A day, in quarters of an hour.
    Day,
    /// Thirty days, in quarters of a day.
    Month,
}

/// A part of a span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// When it begins, in seconds of Unix time.
    pub start: u64,
    /// How many answers of Envoys are in it.
    pub answers: u64,
    /// How often an Envoy did not answer.
    pub misses: u64,
    /// How often an Envoy had begun to count anew.
    pub restarts: u64,
    /// What was counted, in the columns that were asked for.
    pub amounts: Vec<Amount>,
}

/// A span of time in equal parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// How many seconds a part takes.
    pub width: u64,
    /// The parts, the oldest first.
    pub list: Vec<Bucket>,
}

// === impl Range ===

impl Range {
    /// Every span, the shortest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    /// How many seconds a part takes, and how many parts there are.
    const fn parts(self) -> (u64, u64) {
        match self {
            Self::Hour => (60, 60),
            Self::Day => (15 * 60, 96),
            Self::Month => (6 * 3600, 120),
        }
    }

    /// How long it is.
    pub const fn length(self) -> Duration {
        let (width, count) = self.parts();
        Duration::from_secs(width * count)
    }

    /// The samples that it is made of.
    pub const fn ring(self) -> Ring {
        match self {
            Self::Hour => FINE,
            Self::Day => MINUTES,
            Self::Month => QUARTERS,
        }
    }
}

// === impl Bucket ===

impl Bucket {
    /// Whether nothing is known of it.
    pub fn is_gap(&self) -> bool {
        self.answers == 0
    }
}

// === impl Buckets ===

impl Buckets {
    /// The parts of the span that ends at `now`, by a clock that is `offset` seconds ahead of UTC. The last
    /// one is not over.
    pub fn new(range: Range, now: Timestamp, offset: i32, columns: usize) -> Self {
        let (width, count) = range.parts();
        // What is asked now is kept a moment later.
        let now = now.as_secs().saturating_sub(2 * INTERVAL.as_secs());
        let shift = i64::from(offset).rem_euclid(width as i64) as u64;
        let last = (now + shift) - (now + shift) % width - shift;
        let first = last.saturating_sub(width * (count - 1));
        let bucket = |index| Bucket {
            start: first + index * width,
            amounts: vec![Amount::default(); columns],
            ..Bucket::default()
        };
        Self { width, list: (0..count).map(bucket).collect() }
    }

    /// When the first part begins and the last one ends.
    pub fn span(&self) -> (u64, u64) {
        let start = |bucket: Option<&Bucket>| bucket.map_or(0, |bucket| bucket.start);
        (start(self.list.first()), start(self.list.last()) + self.width)
    }

    /// Adds a sample that begins at `start`; `column` says where a series belongs.
    pub fn add(&mut self, start: u64, view: &View<'_>, column: impl Fn(Kind, &str, &str) -> Option<usize>) {
        let (first, _) = self.span();
        let index = start.checked_sub(first).map(|since| since / self.width);
        let Some(bucket) = index.and_then(|index| self.list.get_mut(usize::try_from(index).ok()?)) else {
            return;
        };
        bucket.answers = bucket.answers.saturating_add(view.answers);
        bucket.misses = bucket.misses.saturating_add(view.misses);
        bucket.restarts = bucket.restarts.saturating_add(view.restarts);
        for (kind, name, word, amount) in &view.amounts {
            let column = column(*kind, name, word).and_then(|column| bucket.amounts.get_mut(column));
            if let Some(sum) = column {
                *sum = sum.and(*amount);
            }
        }
    }

    /// The sum of a column.
    pub fn total(&self, column: usize) -> u64 {
        let calls = self.list.iter().filter_map(|bucket| bucket.amounts.get(column));
        calls.fold(0, |sum, amount| sum.saturating_add(amount.calls))
    }

    /// Whether anything was counted.
    pub fn is_empty(&self) -> bool {
        self.list.iter().all(|bucket| bucket.amounts.iter().all(|amount| amount.calls == 0))
    }

    /// Whether anything is known.
    pub fn is_unknown(&self) -> bool {
        self.list.iter().all(Bucket::is_gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_rfc3339(text).expect("a time")
    }

    fn view(answers: u64, calls: u64) -> View<'static> {
        let amount = Amount { calls, peak: calls };
        let amounts = vec![(Kind::All, "", "allowed", amount), (Kind::Plan, "gold", "admitted", amount)];
        View { answers, misses: 0, restarts: 0, amounts }
    }

    fn column(kind: Kind, _: &str, word: &str) -> Option<usize> {
        (kind == Kind::All && word == "allowed").then_some(0)
    }

    #[test]
    fn the_last_part_is_the_present_one_and_parts_begin_where_the_readers_clock_says() {
        let ends = |range, offset| {
            let buckets = Buckets::new(range, at("2026-11-24T17:31:30Z"), offset, 0);
            let start = |bucket: &Bucket| Timestamp::from_nanos(bucket.start * 1_000_000_000).to_rfc3339();
            (start(&buckets.list[0]), start(&buckets.list[buckets.list.len() - 1]))
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(ends(Range::Hour, 0), pair("2026-11-24T16:32:00Z", "2026-11-24T17:31:00Z"));
        assert_eq!(ends(Range::Day, 28_800), pair("2026-11-23T17:45:00Z", "2026-11-24T17:30:00Z"));
        assert_eq!(ends(Range::Month, 28_800), pair("2026-10-25T22:00:00Z", "2026-11-24T16:00:00Z"));
        assert_eq!(ends(Range::Month, -18_000), pair("2026-10-25T23:00:00Z", "2026-11-24T17:00:00Z"));
    }

    #[test]
    fn samples_are_summed_in_their_part_and_a_part_without_an_answer_is_a_gap() {
        let mut buckets = Buckets::new(Range::Hour, at("2026-11-24T17:31:30Z"), 0, 1);
        assert!(buckets.is_unknown());
        let (first, end) = buckets.span();
        for (start, answers, calls) in [
            (first, 2, 5),
            (first + 50, 2, 7),
            (first + 60, 0, 0),
            (end - 10, 1, 3),
            (end, 1, 9),
            (first - 10, 1, 9),
        ] {
            buckets.add(start, &view(answers, calls), column);
        }
        assert_eq!(buckets.list[0].amounts, [Amount { calls: 12, peak: 7 }]);
        assert_eq!((buckets.list[0].answers, buckets.list[0].is_gap()), (4, false));
        assert!(buckets.list[1].is_gap() && buckets.list[30].is_gap());
        assert_eq!(buckets.list[59].amounts, [Amount { calls: 3, peak: 3 }]);
        assert_eq!(buckets.total(0), 15);
        assert!(!buckets.is_empty() && !buckets.is_unknown());
    }

    #[test]
    fn every_span_is_in_the_samples_that_it_is_made_of() {
        for range in Range::ALL {
            assert!(range.length().as_secs() <= range.ring().reach(), "{range:?}");
        }
    }
}
