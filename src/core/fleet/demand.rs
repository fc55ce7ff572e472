//! How much requests have needed of late, from which it follows how much to ask for.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// The number of requests in a span of time until now, from two numbers and one time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    /// In nanoseconds: to make them of a `Duration` would cost every request.
    width: u64,
    /// When the present part began.
    since: Timestamp,
    /// The number of requests in the present part.
    current: u32,
    /// The number of requests in the part before it.
    previous: u32,
}

// === impl Demand ===

impl Demand {
    /// No demand yet. It is measured in spans of this width.
    pub(super) fn new(width: Duration) -> Self {
        let width = u64::try_from(width.as_nanos()).unwrap_or(u64::MAX);
        Self { width, since: Timestamp::default(), current: 0, previous: 0 }
    }

    /// Hears of a request.
    #[inline]
    pub(super) fn add(&mut self, now: Timestamp) {
        self.advance(now);
        self.current = self.current.saturating_add(1);
    }

    /// The number of requests in the last span.
    pub(super) fn recent(&mut self, now: Timestamp) -> u64 {
        self.advance(now);
        let rest = self.width.saturating_sub(self.elapsed(now));
        let of_previous = u64::from(self.previous).saturating_mul(rest);
        u64::from(self.current).saturating_add(of_previous.checked_div(self.width).unwrap_or(0))
    }

    #[inline]
    fn advance(&mut self, now: Timestamp) {
        let elapsed = self.elapsed(now);
        // A clock that was set back leaves a little too much until it is where it was.
        if elapsed < self.width {
            return;
        }
        let is_next = elapsed.saturating_sub(self.width) < self.width;
        self.previous = if is_next { self.current } else { 0 };
        let next = self.since.as_nanos().saturating_add(self.width);
        self.since = if is_next { Timestamp::from_nanos(next) } else { now };
        self.current = 0;
    }

    /// The nanoseconds since the present part began.
    #[inline]
    fn elapsed(&self, now: Timestamp) -> u64 {
        now.as_nanos().saturating_sub(self.since.as_nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_nanos((1_700_000_000_000 + millis) * 1_000_000)
    }

    #[test]
    fn the_last_span_is_counted_and_what_is_older_is_not() {
        let mut demand = Demand::new(Duration::from_millis(100));
        (0..10).for_each(|_| demand.add(at(0)));
        assert_eq!(demand.recent(at(99)), 10);
        assert_eq!(demand.recent(at(150)), 5, "half of it, because it may have been before");
        (0..4).for_each(|_| demand.add(at(160)));
        assert_eq!(demand.recent(at(160)), 4 + 4);
        assert_eq!(demand.recent(at(1000)), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_demand_of_nothing() {
        let mut demand = Demand::new(Duration::from_millis(100));
        demand.add(at(5000));
        assert!(demand.recent(at(10)) <= 1);
        demand.add(at(20));
        assert!(demand.recent(at(20)) <= 2);
    }
}
