//! How many requests were in the busiest second, and how many a limit had to admit.
//!
//! A second here is any half-open span `[t, t + 1 s)`, wherever it begins.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A second in nanoseconds.
pub const SECOND: u64 = 1_000_000_000;

/// A time known only within bounds: not before `earliest`, not after `latest` (nanoseconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// The first possible time.
    pub earliest: u64,
    /// The last possible time.
    pub latest: u64,
}

/// The most of `brackets` that lie in one second for certain, wherever in its bracket each time was.
///
/// If they are more than a limit allows, the limit was broken. A count within the limit proves nothing about
/// times whose brackets reach over the end of a second.
pub fn certainly_busiest(brackets: &[Bracket]) -> usize {
    let mut sorted = brackets.to_vec();
    sorted.sort_unstable_by_key(|bracket| bracket.earliest);
    // Only seconds that begin at an `earliest` are tried: a second that begins between two of them holds no
    // more. They are tried from the last to the first, so a bracket that is after the end of one second is
    // after the end of all that follow.
    let mut inside = BinaryHeap::new();
    let mut most = 0;
    for bracket in sorted.iter().rev() {
        inside.push(bracket.latest);
        while inside.peek().is_some_and(|&latest| latest >= bracket.earliest + SECOND) {
            inside.pop();
        }
        most = most.max(inside.len());
    }
    most
}

/// How many of `brackets` an exact limit of `limit` per second admits for certain, wherever in its bracket
/// each of them was: a limit that admits fewer has refused what it should have admitted.
///
/// An exact limit admits each event before which fewer than `limit` were admitted within a second, which is
/// the most that can be admitted. The set that is built here keeps to `limit` in any second also when each of
/// its members was at the unluckiest end of its bracket, so an exact limit admits at least as many.
pub fn certainly_admissible(brackets: &[Bracket], limit: usize) -> usize {
    let mut sorted = brackets.to_vec();
    sorted.sort_unstable_by_key(|bracket| bracket.earliest);
    // The latest instants of those that may still be within the second before the next event.
    let mut recent = BinaryHeap::new();
    let mut admitted = 0;
    for bracket in sorted {
        while recent.peek().is_some_and(|&Reverse(latest)| latest + SECOND <= bracket.earliest) {
            recent.pop();
        }
        if recent.len() < limit {
            recent.push(Reverse(bracket.latest));
            admitted += 1;
        }
    }
    admitted
}

/// How many of `brackets` lie for certain in the second that begins with the first of them.
pub fn certainly_in_first_second(brackets: &[Bracket]) -> usize {
    let first = brackets.iter().map(|bracket| bracket.earliest).min().unwrap_or_default();
    brackets.iter().filter(|bracket| bracket.latest < first + SECOND).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The most of `instants` (nanoseconds, any order) that lie in one second.
    fn busiest(instants: &[u64]) -> usize {
        let mut sorted = instants.to_vec();
        sorted.sort_unstable();
        let mut first = 0;
        let mut most = 0;
        for (last, &instant) in sorted.iter().enumerate() {
            while instant - sorted[first] >= SECOND {
                first += 1;
            }
            most = most.max(last + 1 - first);
        }
        most
    }

    #[test]
    fn nothing_is_busy_in_an_empty_log() {
        assert_eq!(busiest(&[]), 0);
        assert_eq!(certainly_busiest(&[]), 0);
    }

    #[test]
    fn the_end_of_a_second_is_not_in_it() {
        assert_eq!(busiest(&[5, 5 + SECOND]), 1);
        assert_eq!(busiest(&[5, 4 + SECOND]), 2);
    }

    #[test]
    fn a_burst_across_a_full_second_is_seen() {
        let across: Vec<u64> = (0..20).map(|i| SECOND - 10 + i).collect();
        assert_eq!(busiest(&across), 20);
    }

    fn exact(instants: &[u64]) -> Vec<Bracket> {
        instants.iter().map(|&instant| Bracket { earliest: instant, latest: instant }).collect()
    }

    #[test]
    fn an_exact_limit_admits_a_burst_and_the_next_a_second_later() {
        let instants = exact(&[0, 1, 2, SECOND - 1, SECOND, SECOND + 1]);
        assert_eq!(certainly_admissible(&instants, 2), 4);
        assert_eq!(certainly_admissible(&exact(&[0, 1]), 0), 0);
    }

    #[test]
    fn the_first_second_ends_before_the_next_one_begins() {
        assert_eq!(certainly_in_first_second(&[]), 0);
        assert_eq!(certainly_in_first_second(&exact(&[7, 6 + SECOND, 7 + SECOND])), 2);
        let wide = Bracket { earliest: 8, latest: 7 + SECOND };
        assert_eq!(certainly_in_first_second(&[wide, wide, Bracket { earliest: 7, latest: 9 }]), 1);
    }

    #[test]
    fn a_bracket_counts_only_where_all_of_it_is_inside() {
        let at = |earliest, latest| Bracket { earliest, latest };
        assert_eq!(certainly_busiest(&[at(0, 10), at(SECOND - 10, SECOND - 1)]), 2);
        assert_eq!(certainly_busiest(&[at(0, 10), at(SECOND - 10, SECOND)]), 1);
        assert_eq!(certainly_busiest(&[at(0, 2 * SECOND)]), 0);
    }

    /// The definition, word for word: the best of all seconds that begin with an event.
    fn by_definition(brackets: &[Bracket]) -> usize {
        let inside = |from: u64| {
            let whole = |b: &&Bracket| b.earliest >= from && b.latest < from + SECOND;
            brackets.iter().filter(whole).count()
        };
        brackets.iter().map(|b| inside(b.earliest)).max().unwrap_or(0)
    }

    /// An exact limit, word for word: it admits what finds fewer than `limit` admitted in the last second.
    fn admitted_by_exact_limit(instants: &[u64], limit: usize) -> usize {
        let mut sorted = instants.to_vec();
        sorted.sort_unstable();
        let mut admitted: Vec<u64> = Vec::new();
        for instant in sorted {
            if admitted.iter().filter(|&&earlier| instant - earlier < SECOND).count() < limit {
                admitted.push(instant);
            }
        }
        admitted.len()
    }

    fn brackets() -> impl Strategy<Value = Vec<Bracket>> {
        let one = (0..4 * SECOND, prop_oneof![Just(0), 0..SECOND / 5, 0..2 * SECOND]);
        let bracket = one.prop_map(|(earliest, width)| Bracket { earliest, latest: earliest + width });
        prop::collection::vec(bracket, 0..60)
    }

    proptest! {
        #[test]
        fn the_sweep_finds_what_the_definition_says(brackets in brackets()) {
            prop_assert_eq!(certainly_busiest(&brackets), by_definition(&brackets));
        }

        #[test]
        fn exact_instants_are_brackets_without_width(
            instants in prop::collection::vec(0..4 * SECOND, 0..60),
        ) {
            prop_assert_eq!(busiest(&instants), certainly_busiest(&exact(&instants)));
        }

        #[test]
        fn an_exact_limit_is_never_exceeded_nor_left_unused(
            instants in prop::collection::vec(0..4 * SECOND, 0..60),
            limit in 1..9_usize,
        ) {
            let admitted = certainly_admissible(&exact(&instants), limit);
            prop_assert_eq!(admitted, admitted_by_exact_limit(&instants, limit));
            prop_assert!(admitted >= busiest(&instants).min(limit));
            prop_assert_eq!(admitted == instants.len(), busiest(&instants) <= limit);
        }

        #[test]
        fn what_is_certain_is_never_more_than_what_was(
            brackets in brackets(),
            at in prop::collection::vec(0.0..=1.0, 60),
            limit in 1..9_usize,
        ) {
            let instants: Vec<u64> = brackets
                .iter()
                .zip(at)
                .map(|(b, at): (&Bracket, f64)| b.earliest + ((b.latest - b.earliest) as f64 * at) as u64)
                .collect();
            prop_assert!(certainly_busiest(&brackets) <= busiest(&instants));
            let admitted = certainly_admissible(&brackets, limit);
            prop_assert!(admitted <= admitted_by_exact_limit(&instants, limit));
        }
    }
}
