//! What a worker holds: its lease, or the request that it counted last.
//!
//! Only the counter that opened a lease uses it, and only it takes it out, because nobody else knows how
//! many of its admissions were used. So nothing of this is in the store. A worker's VM that dies leaves its
//! lease to leave the windows by itself.

use super::lease::Lease;
use crate::document::{Period, UtcOffset};
use crate::timestamp::Timestamp;

/// The span in which a quota counts what was reserved: the quota's scope, period and offset, and the span's
/// start.
pub(super) type SpanOf = (u64, Period, UtcOffset, Timestamp);

/// What a worker holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// The lease. One with a single admission is in no window: it is the request that was counted last.
    pub(super) lease: Lease,
    /// The index of the API whose requests it is for.
    pub(super) api: Option<usize>,
    /// The time from which it is not used: its end, or an earlier end of a quota's span.
    pub(super) until: Timestamp,
    /// How many of its admissions were used.
    pub(super) used: u32,
    /// The latest reading of the clock that used it.
    pub(super) last: Timestamp,
    /// Where quotas counted it.
    spans: Box<[SpanOf]>,
    /// Whether the state that the worker remembers no longer has it.
    pub(super) is_closed: bool,
}

// === impl Held ===

impl Held {
    /// A lease that was opened for a request.
    pub(super) fn new(lease: Lease, api: Option<usize>, until: Timestamp, spans: Box<[SpanOf]>) -> Self {
        let until = until.min(lease.ends_at());
        Self { lease, api, until, used: 1, last: lease.opened, spans, is_closed: false }
    }

    /// Uses it for a request, if it is there for that.
    pub(super) fn admits(&mut self, api: Option<usize>, now: Timestamp) -> bool {
        let last = self.last.max(now);
        let is_there = self.used < self.lease.count && self.api == api && !self.is_closed;
        // A clock that was set back has to come to the time of opening again.
        if !is_there || now < self.lease.opened || last >= self.until {
            return false;
        }
        (self.used, self.last) = (self.used.saturating_add(1), last);
        true
    }

    /// How many admissions the worker has use for, when it had use for `before`: twice as many if this was
    /// used up in its time, and as many as were used of it if it was not.
    pub(super) fn demand(&self, before: u32, now: Timestamp) -> u32 {
        if now >= self.lease.ends_at() {
            self.used
        } else if self.used == self.lease.count {
            before.max(self.lease.count.saturating_mul(2))
        } else {
            before
        }
    }

    /// Whether there is a lease in the store.
    pub(super) fn is_lease(&self) -> bool {
        self.lease.count > 1
    }

    /// The number of admissions that were not used.
    pub(super) fn unused(&self) -> u32 {
        self.lease.count.saturating_sub(self.used)
    }

    /// The number of admissions that are left for requests of this API.
    pub(super) fn left(&self, api: Option<usize>) -> u64 {
        if self.is_closed || self.api != api { 0 } else { self.unused().into() }
    }

    /// The start of the span in which this quota counted what was reserved.
    pub(super) fn span_start(&self, scope: u64, period: Period, offset: UtcOffset) -> Option<Timestamp> {
        let is_it = |span: &&SpanOf| (span.0, span.1, span.2) == (scope, period, offset);
        self.spans.iter().find(is_it).map(|(_, _, _, start)| *start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::lease::HOLD;
    use crate::limit::limits::Limits;
    use crate::limit::state::{CounterState, Usage};
    use crate::timestamp::SECOND;

    const OPENED: Timestamp = Timestamp::from_nanos(1_700_000_000_000_000_000);

    fn lease() -> Lease {
        Lease { id: 7, opened: OPENED, count: 5 }
    }

    fn held(api: Option<usize>) -> Held {
        Held::new(lease(), api, Timestamp::NEVER, Box::default())
    }

    fn later(millis: u64) -> Timestamp {
        OPENED.saturating_add(std::time::Duration::from_millis(millis))
    }

    fn before(time: Timestamp) -> Timestamp {
        Timestamp::from_nanos(time.as_nanos() - 1)
    }

    #[test]
    fn a_lease_is_used_from_its_opening_to_the_last_nanosecond_before_its_end() {
        let end = OPENED.saturating_add(HOLD);
        for (now, is_used) in [(before(OPENED), false), (OPENED, true), (before(end), true), (end, false)] {
            assert_eq!(held(None).admits(None, now), is_used, "{now:?}");
        }
        let mut held = held(None);
        assert!(!held.admits(Some(0), OPENED), "it is for requests of no API");
        assert_eq!((0..9).filter(|_| held.admits(None, OPENED)).count(), 4);
    }

    #[test]
    fn a_clock_that_is_set_back_a_little_keeps_the_latest_reading() {
        let mut held = held(None);
        assert!(held.admits(None, later(10)) && held.admits(None, later(5)));
        assert_eq!(held.last, later(10));
        // What ended by the latest reading is over, whatever the clock shows now.
        held.last = later(20);
        assert!(!held.admits(None, later(5)));
    }

    #[test]
    fn what_is_used_up_in_its_time_is_asked_for_twice_over_and_what_is_not_is_not() {
        let mut held = held(None);
        assert_eq!((held.demand(8, later(5)), held.demand(8, later(20))), (8, 1));
        (0..4).for_each(|_| assert!(held.admits(None, later(1))));
        assert_eq!((held.demand(8, later(5)), held.demand(16, later(5))), (10, 16));
        assert_eq!(held.demand(16, later(20)), 5);
    }

    #[test]
    fn what_is_a_second_old_is_forgotten_only_in_windows_that_the_request_debits() {
        let api = crate::document::Api {
            path: "/a".to_owned(),
            max_requests_per_second: Some(1000),
            ..Default::default()
        };
        let limits = Limits::new(Some(1000), None, &[], &[api]);
        let mut state = CounterState::default();
        state.debit(&limits, Some(0), OPENED, Some(lease()));
        let runs = |request| {
            let mut closed = state.clone();
            closed.close(&limits, &held(Some(0)), request);
            let runs = closed.entries.iter().map(|entry| match &entry.usage {
                Usage::Window(window) => (window.as_bytes().len() / 12, window.leases().len()),
                _ => (0, 0),
            });
            runs.collect::<Vec<_>>()
        };
        let after = OPENED.saturating_add(SECOND);
        assert_eq!(runs(None), [(1, 0), (1, 0)]);
        assert_eq!(runs(Some((Some(0), before(after)))), [(1, 0), (1, 0)]);
        assert_eq!(runs(Some((Some(0), after))), [(0, 0), (0, 0)]);
        // The plan's window is debited by every request, and the API's only by its own.
        assert_eq!(runs(Some((None, after))), [(0, 0), (1, 0)]);
    }
}
