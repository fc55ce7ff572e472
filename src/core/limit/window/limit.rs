//! The limit of a window: how many admissions, how finely they are logged, and how many may be reserved.

/// The number of runs that a second of N admissions is divided into. More runs lose fewer requests, at most
/// one in `MAX_RUNS` at a steady N, and cost more time and room; `make bench` measures that.
pub(in crate::limit) const MAX_RUNS: u64 = 256;

/// Of this many admissions, one may be lost by reserving.
const ONE_IN: u64 = 100;

/// The limit of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::limit) struct WindowLimit {
    /// The largest number N of admissions in any second.
    pub(in crate::limit) max: u64,
    /// The number of admissions that share a run.
    pub(in crate::limit) run_length: u32,
    /// The largest number of admissions that all leases together may hold. With less than three, no lease has
    /// two.
    pub(in crate::limit) may_hold: u64,
}

// === impl WindowLimit ===

impl WindowLimit {
    /// The limit of `max` admissions in any second.
    pub(in crate::limit) fn new(max: u64) -> Self {
        let run_length = max.div_ceil(MAX_RUNS);
        let may_hold = (max / ONE_IN).saturating_sub(run_length.saturating_sub(1)) / 2;
        Self { max, run_length: u32::try_from(run_length).unwrap_or(u32::MAX), may_hold }
    }

    /// Whether a lease under this limit can have two admissions or more.
    pub(in crate::limit) fn can_reserve(self) -> bool {
        self.run_length > 1 && self.may_hold > 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_are_for_limits_from_900_on_hold_one_in_300_and_lose_one_in_a_hundred() {
        for max in (1..30_000).chain([100_000, 1_000_000, 999_999_999_999_999]) {
            let limit = WindowLimit::new(max);
            assert_eq!(limit.can_reserve(), max >= 900, "{max}");
            if limit.can_reserve() {
                let lost = u64::from(limit.run_length) - 1 + 2 * limit.may_hold;
                assert!(limit.may_hold <= max / 300 && lost <= max / 100, "{limit:?}");
            }
        }
    }
}
