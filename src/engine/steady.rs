//! Whether the clock can be trusted to forget: a clock that is set forward by mistake, for a moment, would
//! forget every counter, and each quota would be granted again when it is set right.

use std::time::Duration;

use usage_plan_core::timestamp::{SECOND, Timestamp};

/// How long a clock must have run without being set.
const TRUSTED_AFTER: Duration = Duration::from_secs(3600);

/// What is known of a clock, beside one that nobody can set.
#[derive(Debug, Default)]
pub(crate) struct Steadiness {
    /// What both showed last.
    last: Option<(Timestamp, Duration)>,
    /// Since when, by the one that nobody can set, the other was not set.
    since: Duration,
}

// === impl Steadiness ===

impl Steadiness {
    /// Whether the clock that shows `now` has not been set for long. `elapsed` is what the one that nobody
    /// can set shows.
    pub(crate) fn is_trusted(&mut self, now: Timestamp, elapsed: Duration) -> bool {
        if let Some((last, then)) = self.last.replace((now, elapsed)) {
            let expected = last.saturating_add(elapsed.saturating_sub(then));
            let step = now.saturating_since(expected).max(expected.saturating_since(now));
            if step > SECOND {
                self.since = elapsed;
            }
        }
        elapsed.saturating_sub(self.since) >= TRUSTED_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_nanos(1_700_000_000_000_000_000);

    /// Whether a clock is trusted after each of these readings, in seconds: its own, and the other's.
    fn trusted(readings: &[(u64, u64)]) -> Vec<bool> {
        let mut steadiness = Steadiness::default();
        let reading = |&(shown, elapsed): &(u64, u64)| {
            steadiness.is_trusted(START.saturating_add(SECOND * shown as u32), Duration::from_secs(elapsed))
        };
        readings.iter().map(reading).collect()
    }

    #[test]
    fn a_clock_is_trusted_after_an_hour_in_which_nobody_set_it() {
        assert_eq!(trusted(&[(0, 0), (1800, 1800), (3599, 3599), (3600, 3600)]), [false, false, false, true]);
        // It is a little fast.
        assert_eq!(trusted(&[(0, 0), (1801, 1800), (3602, 3600)]), [false, false, true]);
    }

    #[test]
    fn a_clock_that_was_set_is_trusted_an_hour_later() {
        let set_forward = [(0, 0), (3600, 3600), (100_000, 3610), (103_589, 7199), (103_600, 7210)];
        assert_eq!(trusted(&set_forward), [false, true, false, false, true]);
        let set_right = [(0, 0), (3600, 3600), (100_000, 3610), (3620, 3620), (7220, 7220)];
        assert_eq!(trusted(&set_right), [false, true, false, false, true]);
    }
}
