//! How long the steps are in which samples are kept, and for how long.

use std::time::Duration;

/// Steps of one length, of which the newest are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ring {
    /// How many seconds a step takes. Steps begin at its multiples.
    pub step: u64,
    /// How many steps are kept.
    pub(super) slots: u64,
}

/// Each question, for an hour.
pub const FINE: Ring = Ring { step: 10, slots: 360 };
/// Minutes, for a day and an hour: a day's quota that renews now began a day ago.
pub const MINUTES: Ring = Ring { step: 60, slots: 25 * 60 };
/// Quarters of an hour, for 31 days: the longest month. A day begins at a quarter wherever the clocks are.
pub const QUARTERS: Ring = Ring { step: 15 * 60, slots: 31 * 24 * 4 };

/// The time between two questions, and the shortest step.
pub(super) const INTERVAL: Duration = Duration::from_secs(FINE.step);

// === impl Ring ===

impl Ring {
    /// Every ring, the finest first.
    pub(super) const ALL: [Self; 3] = [FINE, MINUTES, QUARTERS];

    /// When the step begins that a second lies in.
    pub(super) const fn start(self, second: u64) -> u64 {
        second - second % self.step
    }

    /// How far it reaches back, in seconds.
    pub const fn reach(self) -> u64 {
        self.step * self.slots
    }

    /// The finest ring that reaches back this many seconds; the coarsest if none does.
    pub fn reaching(seconds: u64) -> Self {
        Self::ALL.into_iter().find(|ring| seconds <= ring.reach()).unwrap_or(QUARTERS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finest_ring_is_taken_that_reaches_back_far_enough() {
        const DAY: u64 = 86_400;
        for (seconds, ring) in [
            (0, FINE),
            (3600, FINE),
            (3601, MINUTES),
            (DAY, MINUTES),
            (2 * DAY, QUARTERS),
            (31 * DAY, QUARTERS),
            (365 * DAY, QUARTERS),
        ] {
            assert_eq!(Ring::reaching(seconds), ring, "{seconds}");
        }
        assert_eq!((FINE.start(1_700_000_019), FINE.start(1_700_000_010)), (1_700_000_010, 1_700_000_010));
    }

    #[test]
    fn the_steps_of_a_ring_are_whole_steps_of_the_finer_one() {
        for rings in Ring::ALL.windows(2) {
            assert_eq!(rings[1].step % rings[0].step, 0);
        }
    }
}
