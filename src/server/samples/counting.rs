//! What Envoys counted since they were asked before. Their counters only grow, and begin anew with an Envoy.

use std::collections::BTreeMap;
use std::time::Duration;

use usage_plan_core::document::Document;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::usage::Counts;

use super::slot::{ADMITTED, Amount, Kind, OBSERVED, Series, Slot};

/// What was counted in a longer time than this cannot be said to be of the step in which it was noticed.
const LONGEST: Duration = Duration::from_secs(30);
/// By how much an Envoy may seem to have started later than it did: it says whole seconds, and it takes a
/// while until its answer is here.
const TOLERANCE: Duration = Duration::from_secs(7);

/// What an Envoy has counted since it started.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// How long ago it started.
    pub(super) uptime: Duration,
    /// Its counters.
    pub(super) counters: BTreeMap<Series, u64>,
}

/// What every Envoy had counted when it answered last.
#[derive(Debug, Default)]
pub(super) struct Counting {
    envoys: BTreeMap<String, Before>,
}

#[derive(Debug)]
struct Before {
    at: Timestamp,
    started: Timestamp,
    counters: BTreeMap<Series, u64>,
}

// === impl Reading ===

impl Reading {
    pub(super) fn new(uptime: Duration, counts: &Counts) -> Self {
        let nothing = Document::default();
        let mut reading = Self { uptime, counters: BTreeMap::new() };
        for (word, calls) in counts.without_plan().iter() {
            reading.add(Kind::All, "", word, calls);
        }
        for plan in counts.plans(&nothing) {
            let outcomes = plan.outcomes;
            for (word, calls) in outcomes.iter() {
                reading.add(Kind::All, "", word, calls);
            }
            let observed = outcomes.observed().map(|(_, calls)| calls).sum();
            reading.add(Kind::Plan, plan.id, ADMITTED, outcomes.admitted());
            reading.add(Kind::Plan, plan.id, OBSERVED, observed);
            let is_refusal = |word: &str| super::Group::of(word).is_some_and(|g| g != super::Group::Admitted);
            for (word, calls) in outcomes.iter().filter(|(word, _)| is_refusal(word)) {
                reading.add(Kind::Plan, plan.id, word, calls);
            }
        }
        for key in counts.keys(&nothing) {
            for (word, calls) in key.outcomes.iter() {
                reading.add(Kind::Key, key.secret_id, word, calls);
            }
        }
        reading
    }

    fn add(&mut self, kind: Kind, name: &str, word: &str, calls: u64) {
        if calls > 0 {
            let sum = self.counters.entry(Series::new(kind, name, word)).or_default();
            *sum = sum.saturating_add(calls);
        }
    }
}

// === impl Counting ===

impl Counting {
    /// What was counted since the questions before, from what each Envoy answers at `now`, or does not.
    pub(super) fn step(&mut self, now: Timestamp, readings: Vec<(String, Option<Reading>)>) -> Slot {
        let mut slot = Slot::default();
        let mut calls: BTreeMap<Series, u64> = BTreeMap::new();
        for (name, reading) in readings {
            let Some(Reading { uptime, counters }) = reading else {
                slot.misses += 1;
                continue;
            };
            let started = Timestamp::from_nanos(
                now.as_nanos().saturating_sub(u64::try_from(uptime.as_nanos()).unwrap_or(u64::MAX)),
            );
            let now_there = Before { at: now, started, counters };
            let before = self.envoys.get(&name);
            let is_new = before.is_none_or(|before| now_there.is_of_another_process(before));
            let is_anew = before.is_some_and(|before| is_new || now_there.has_less(before));
            slot.restarts += u64::from(is_anew);
            let since = before.map_or(uptime, |before| now.saturating_since(before.at));
            if if is_new { uptime.min(since) } else { since } > LONGEST {
                slot.misses += 1;
            } else {
                slot.answers += 1;
                for (series, count) in &now_there.counters {
                    let before = before.filter(|_| !is_new);
                    let before = before.and_then(|before| before.counters.get(series)).copied();
                    // A counter that went down has begun at nothing.
                    let counted = count.checked_sub(before.unwrap_or_default()).unwrap_or(*count);
                    if counted > 0 {
                        let sum = calls.entry(series.clone()).or_default();
                        *sum = sum.saturating_add(counted);
                    }
                }
            }
            self.envoys.insert(name, now_there);
        }
        let amounts = calls.into_iter().map(|(series, calls)| (series, Amount { calls, peak: calls }));
        slot.amounts = amounts.collect();
        slot
    }
}

// === impl Before ===

impl Before {
    fn is_of_another_process(&self, before: &Self) -> bool {
        self.started > before.started.saturating_add(TOLERANCE)
    }

    fn has_less(&self, before: &Self) -> bool {
        let count = |series| self.counters.get(series).copied().unwrap_or_default();
        before.counters.iter().any(|(series, before)| count(series) < *before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_700_000_005;

    fn at(second: u64) -> Timestamp {
        Timestamp::from_nanos((START + second) * 1_000_000_000)
    }

    /// An Envoy's answer: how long ago it started, and what it admitted and refused.
    fn reading(uptime: u64, admitted: u64, refused: u64) -> Option<Reading> {
        let mut reading = Reading { uptime: Duration::from_secs(uptime), ..Reading::default() };
        reading.add(Kind::All, "", "allowed", admitted);
        reading.add(Kind::All, "", "rate_limited", refused);
        Some(reading)
    }

    /// What a step has: answers, misses, restarts, admitted, refused.
    fn numbers(slot: &Slot) -> [u64; 5] {
        let calls = |word| slot.amounts.get(&Series::new(Kind::All, "", word)).map_or(0, |one| one.calls);
        [slot.answers, slot.misses, slot.restarts, calls("allowed"), calls("rate_limited")]
    }

    #[test]
    fn what_is_new_since_the_answer_before_is_of_the_step_and_envoys_are_added_up() {
        let mut counting = Counting::default();
        let mut step = |second, a, b| {
            numbers(&counting.step(at(second), vec![("a".to_owned(), a), ("b".to_owned(), b)]))
        };
        // Nobody knows when these were counted.
        assert_eq!(step(0, reading(900, 1000, 50), reading(800, 10, 0)), [0, 2, 0, 0, 0]);
        assert_eq!(step(10, reading(910, 1005, 50), reading(810, 12, 3)), [2, 0, 0, 7, 3]);
        assert_eq!(step(20, reading(920, 1005, 50), reading(820, 12, 3)), [2, 0, 0, 0, 0]);
    }

    #[test]
    fn an_envoy_that_does_not_answer_leaves_a_gap_and_what_it_counts_meanwhile_is_in_no_step() {
        let mut counting = Counting::default();
        let mut step = |second, a| numbers(&counting.step(at(second), vec![("a".to_owned(), a)]));
        step(0, reading(900, 100, 0));
        assert_eq!(step(10, None), [0, 1, 0, 0, 0]);
        assert_eq!(step(20, reading(920, 130, 0)), [1, 0, 0, 30, 0], "after one question");
        assert_eq!([30, 40, 50].map(|second| step(second, None)), [[0, 1, 0, 0, 0]; 3]);
        assert_eq!(step(60, reading(960, 900, 0)), [0, 1, 0, 0, 0], "after several");
        assert_eq!(step(70, reading(970, 905, 0)), [1, 0, 0, 5, 0]);
    }

    #[test]
    fn an_envoy_that_started_a_moment_ago_has_counted_all_of_it_since() {
        let mut counting = Counting::default();
        let mut step = |second, a| numbers(&counting.step(at(second), vec![("a".to_owned(), a)]));
        assert_eq!(step(0, None), [0, 1, 0, 0, 0]);
        assert_eq!(step(10, reading(6, 40, 2)), [1, 0, 0, 40, 2]);
        assert_eq!(step(20, reading(16, 41, 2)), [1, 0, 0, 1, 0]);
        assert_eq!(step(30, reading(3, 7, 0)), [1, 0, 1, 7, 0], "it began anew");
        assert_eq!(step(40, None), [0, 1, 0, 0, 0]);
        assert_eq!(step(50, reading(4, 9, 0)), [1, 0, 1, 9, 0], "it counts more than the one before did");
        assert_eq!(step(500, reading(300, 99, 0)), [0, 1, 1, 0, 0], "long ago");
    }

    #[test]
    fn a_counter_that_went_down_is_a_restart_though_the_envoy_is_the_same() {
        let mut counting = Counting::default();
        let mut step = |second, a| numbers(&counting.step(at(second), vec![("a".to_owned(), a)]));
        step(0, reading(900, 100, 7));
        assert_eq!(step(10, reading(910, 4, 9)), [1, 0, 1, 4, 2]);
        assert_eq!(step(20, reading(920, 4, 0)), [1, 0, 1, 0, 0], "one is gone");
        assert_eq!(step(30, reading(929, 6, 0)), [1, 0, 0, 2, 0], "seconds are rounded");
    }
}
