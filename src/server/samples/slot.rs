//! What was counted in a step of time, of all Envoys together.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::group::Group;

/// How many plans a step has, at most: those that were called most. Sums over all plans have every call.
const MAX_PLANS: usize = 100;
/// How many keys a step has, at most: those that were refused most.
const MAX_KEYS: usize = 50;

/// The word of a plan's requests that went upstream.
pub const ADMITTED: &str = "admitted";
/// The word of a plan's requests that only observe mode let through, which are among the admitted ones.
pub const OBSERVED: &str = "observed";

/// What a series is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// All requests; the word is an outcome of metrics.
    All,
    /// The requests on a plan; the word is [`ADMITTED`], [`OBSERVED`] or that of a refusal.
    Plan,
    /// The requests signed with the id of a key; the word is an outcome of metrics.
    Key,
    /// What the engine has granted of a quota of a plan; the word is that of the period.
    Quota,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// What it is of.
    pub kind: Kind,
    /// The id of the plan or of the key; empty for all.
    pub name: String,
    /// What happened.
    pub word: String,
}

/// How much was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// The requests.
    pub calls: u64,
    /// The requests in the busiest of the finest steps; of a quota, what is spent.
    pub peak: u64,
}

/// What was counted in a step of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// How many answers of Envoys are in it.
    pub(super) answers: u64,
    /// How often an Envoy did not answer, or what it counted cannot be said for this step.
    pub(super) misses: u64,
    /// How often an Envoy had begun to count anew.
    pub(super) restarts: u64,
    /// What was counted.
    pub(super) amounts: BTreeMap<Series, Amount>,
}

// === impl Series ===

impl Series {
    pub(super) fn new(kind: Kind, name: &str, word: &str) -> Self {
        Self { kind, name: name.to_owned(), word: word.to_owned() }
    }
}

// === impl Amount ===

impl Amount {
    /// Both together, of different steps.
    pub(super) fn and(self, other: Self) -> Self {
        Self { calls: self.calls.saturating_add(other.calls), peak: self.peak.max(other.peak) }
    }
}

// === impl Slot ===

impl Slot {
    /// Adds what was counted in a finer step of the same time.
    pub(super) fn merge(&mut self, other: Self) {
        self.answers = self.answers.saturating_add(other.answers);
        self.misses = self.misses.saturating_add(other.misses);
        self.restarts = self.restarts.saturating_add(other.restarts);
        for (series, amount) in other.amounts {
            let sum = self.amounts.entry(series).or_default();
            *sum = sum.and(amount);
        }
    }

    /// Forgets the plans and keys that count least, down to one of `share`.
    pub(super) fn cut(&mut self, share: usize) {
        let plans = self.ranked(Kind::Plan, MAX_PLANS / share, |_| true);
        let quotas = self.ranked(Kind::Quota, MAX_PLANS / share, |_| true);
        let keys = self.ranked(Kind::Key, MAX_KEYS / share, |word| {
            Group::of(word).is_some_and(|group| group != Group::Admitted)
        });
        self.amounts.retain(|series, _| match series.kind {
            Kind::All => true,
            Kind::Plan => plans.contains(&series.name),
            Kind::Quota => quotas.contains(&series.name),
            Kind::Key => keys.contains(&series.name),
        });
    }

    /// The names of this kind whose words that matter were counted most, at most `most` of them.
    fn ranked(&self, kind: Kind, most: usize, matters: impl Fn(&str) -> bool) -> Vec<String> {
        let mut sums: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for (series, amount) in self.amounts.iter().filter(|(series, _)| series.kind == kind) {
            let (first, all) = sums.entry(&series.name).or_default();
            *all = all.saturating_add(amount.calls.max(amount.peak));
            if matters(&series.word) {
                *first = first.saturating_add(amount.calls.max(amount.peak));
            }
        }
        let mut names: Vec<(&str, (u64, u64))> = sums.into_iter().collect();
        names.sort_by_key(|(_, sums)| Reverse(*sums));
        names.into_iter().take(most).map(|(name, _)| name.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(calls: u64) -> Amount {
        Amount { calls, peak: calls }
    }

    #[test]
    fn steps_are_added_up_and_the_busiest_of_them_is_kept() {
        let series = Series::new(Kind::Plan, "gold", ADMITTED);
        let step = |calls| Slot {
            answers: 2,
            misses: 1,
            restarts: 0,
            amounts: [(series.clone(), amount(calls))].into(),
        };
        let mut minute = step(5);
        minute.merge(step(30));
        minute.merge(step(7));
        assert_eq!((minute.answers, minute.misses), (6, 3));
        assert_eq!(minute.amounts[&series], Amount { calls: 42, peak: 30 });
    }

    #[test]
    fn the_keys_that_are_refused_most_and_the_plans_that_are_called_most_are_kept() {
        let mut slot = Slot::default();
        for n in 0..200_u64 {
            let name = format!("{n:03}");
            slot.amounts.insert(Series::new(Kind::Plan, &name, ADMITTED), amount(n + 1));
            slot.amounts.insert(Series::new(Kind::Key, &name, "allowed"), amount(1000 - n));
            slot.amounts.insert(Series::new(Kind::Key, &name, "rate_limited"), amount(n + 1));
        }
        slot.amounts.insert(Series::new(Kind::All, "", "allowed"), amount(1));
        slot.cut(1);
        let of = |kind| {
            let names = slot.amounts.keys().filter(|series| series.kind == kind);
            let mut names: Vec<&str> = names.map(|series| series.name.as_str()).collect();
            names.dedup();
            (names.len(), names.first().copied().unwrap_or_default().to_owned())
        };
        assert_eq!(of(Kind::Plan), (100, "100".to_owned()));
        assert_eq!(of(Kind::Key), (50, "150".to_owned()));
        assert_eq!(of(Kind::All).0, 1);
    }
}
