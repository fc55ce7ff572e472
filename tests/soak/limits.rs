//! Whether each plan admits what it promises, by the times of Envoy's log.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use testbed::busiest::{Bracket, SECOND};
use testbed::{Entry, certainly_busiest};

use crate::check::Check;

/// A counter keeps the calls of a second in so many runs; above it, a limit may refuse a few too many.
const RUNS: usize = 256;

/// From so many requests per second on, workers reserve a few at a time, and a hundredth of the limit may be
/// lost to reservations that nobody uses (`docs/rules.md#reservations`).
const RESERVED_FROM: usize = 900;

/// By how many requests the log's order may differ from the order of arrival: more than can be under way.
const DISORDER: usize = 1000;

/// A plan and all that was decided on it.
pub struct Limit {
    /// Never more than the limit.
    pub most: Check,
    /// Never fewer than the limit, when there were as many calls.
    pub least: Check,
    plan: &'static str,
    per_second: usize,
    quota: Option<usize>,
    admitted: Vec<Bracket>,
    admissible: Admissible,
}

// === impl Limit ===

impl Limit {
    /// A plan of `per_second` requests, and of `quota` for ever.
    pub fn new(plan: &'static str, per_second: usize, quota: Option<usize>) -> Self {
        let reserved = if per_second >= RESERVED_FROM { per_second.div_ceil(100) } else { 0 };
        Self {
            most: Check::new("no plan admits more than its limit in any second"),
            least: Check::new("no plan refuses what its limit admits"),
            plan,
            per_second,
            quota,
            admitted: Vec::new(),
            admissible: Admissible::new(per_second - (per_second.div_ceil(RUNS) - 1) - reserved),
        }
    }

    /// Looks at a request of the log.
    pub fn observe(&mut self, entry: &Entry) {
        if entry.plan != self.plan {
            return;
        }
        self.admissible.push(entry.decided);
        if entry.admitted() {
            self.admitted.push(entry.decided);
        }
    }

    /// All requests were looked at.
    pub fn finish(&mut self) {
        let Self { plan, per_second, quota, admitted, .. } = self;
        let busiest = certainly_busiest(admitted);
        let what = format!("{plan}: {busiest} were admitted in a second, not {per_second}");
        self.most.examine((busiest > *per_second).then_some(what));
        let total = admitted.len();
        self.most.figures =
            format!("; {plan}: {total} admitted, at most {busiest} of {per_second} in a second");
        if let Some(quota) = *quota {
            let what = format!("{plan}: {total} were admitted of a quota of {quota}");
            self.most.examine((total > quota).then_some(what));
            self.most.figures += &format!(", {total} of a quota of {quota}");
        }
        let owed = self.admissible.finish();
        // With a quota, less is admissible than the rate alone admits.
        let owed = quota.map_or(owed, |quota| owed.min(quota));
        let what = format!("{plan}: {total} were admitted, and at least {owed} were admissible");
        self.least.examine((total < owed).then_some(what));
        self.least.figures = format!("; {plan}: {total} admitted, at least {owed} admissible");
    }
}

/// How many requests an exact limit admits for certain: `testbed::busiest::certainly_admissible`, without
/// keeping all requests.
struct Admissible {
    limit: usize,
    /// What has been logged last, by its earliest time: others may come that were earlier.
    waiting: BinaryHeap<Reverse<(u64, u64)>>,
    /// The latest times of those that may still be within the second before the next one.
    recent: BinaryHeap<Reverse<u64>>,
    admitted: usize,
}

// === impl Admissible ===

impl Admissible {
    fn new(limit: usize) -> Self {
        Self { limit, waiting: BinaryHeap::new(), recent: BinaryHeap::new(), admitted: 0 }
    }

    fn push(&mut self, bracket: Bracket) {
        self.waiting.push(Reverse((bracket.earliest, bracket.latest)));
        if self.waiting.len() > DISORDER {
            self.admit_next();
        }
    }

    fn finish(&mut self) -> usize {
        while !self.waiting.is_empty() {
            self.admit_next();
        }
        self.admitted
    }

    fn admit_next(&mut self) {
        let Some(Reverse((earliest, latest))) = self.waiting.pop() else { return };
        while self.recent.peek().is_some_and(|&Reverse(latest)| latest + SECOND <= earliest) {
            self.recent.pop();
        }
        if self.recent.len() < self.limit {
            self.recent.push(Reverse(latest));
            self.admitted += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use testbed::busiest::certainly_admissible;

    use super::*;

    /// Requests on the plan at these milliseconds, and whether each was admitted.
    fn broken(per_second: usize, quota: Option<usize>, requests: &[(u64, bool)]) -> (u64, u64) {
        let mut limit = Limit::new("plan", per_second, quota);
        for &(ms, admitted) in requests {
            let decided = Bracket { earliest: ms * 1_000_000, latest: ms * 1_000_000 + 1000 };
            let (status, outcome) = if admitted { (200, "allowed") } else { (429, "rate_limited") };
            limit.observe(&Entry { decided, status, plan: "plan".into(), outcome: outcome.into() });
            limit.observe(&Entry { decided, status: 200, plan: "other".into(), outcome: "allowed".into() });
        }
        limit.finish();
        (limit.most.broken(), limit.least.broken())
    }

    #[test]
    fn one_more_than_the_limit_in_a_second_is_found() {
        let within: Vec<_> = (0..10).map(|number| (number * 50, true)).collect();
        assert_eq!(broken(10, None, &within), (0, 0));
        assert_eq!(broken(10, None, &[&within[..], &[(999, true)]].concat()), (1, 0));
        assert_eq!(broken(10, None, &[&within[..], &[(1001, true)]].concat()), (0, 0));
    }

    #[test]
    fn one_more_than_the_quota_is_found() {
        let requests: Vec<_> = (0..10).map(|second| (second * 1001, true)).collect();
        assert_eq!(broken(10, Some(10), &requests), (0, 0));
        assert_eq!(broken(10, Some(9), &requests), (1, 0));
    }

    #[test]
    fn a_refusal_below_the_limit_is_found() {
        assert_eq!(broken(2, None, &[(0, true), (1, true), (2, false), (1002, true)]), (0, 0));
        assert_eq!(broken(2, None, &[(0, true), (1, false), (2, false), (1002, true)]), (0, 1));
    }

    #[test]
    fn what_is_admissible_is_counted_without_keeping_all_requests() {
        let brackets: Vec<_> = (0..20_000)
            .map(|number| {
                let earliest = (number ^ 63) * 3_000_000;
                Bracket { earliest, latest: earliest + (number % 7) * 1_000_000 }
            })
            .collect();
        for limit in [1, 100, 200] {
            let mut admissible = Admissible::new(limit);
            brackets.iter().for_each(|bracket| admissible.push(*bracket));
            assert_eq!(admissible.finish(), certainly_admissible(&brackets, limit));
        }
    }
}
