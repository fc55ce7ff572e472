//! Windows at their edges, and clocks that are set.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// A clock that shows what it is set to, in milliseconds.
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::Relaxed) * 1_000_000)
    }
}

/// Rates, and a function that debits one of five hits a second at some time.
fn rates() -> (Arc<Hand>, Rates) {
    let clock = Arc::new(Hand(AtomicU64::new(0)));
    (Arc::clone(&clock), Rates::new(clock))
}

const T: u64 = 1_700_000_000_000;

fn counter(plan: &str) -> Counter {
    Counter::new("d", [("plan".to_owned(), plan.to_owned())]).expect("a name")
}

/// Debits a plan of five a second at `T` and some milliseconds: what is left, or None when it is over.
fn debit(clock: &Hand, rates: &Rates, plan: &str, millis: i64, hits: u64) -> Option<u64> {
    clock.0.store(T.checked_add_signed(millis).expect("a time"), Ordering::Relaxed);
    let decision = rates.debit(counter(plan), Unit::Second, 5, hits).expect("a place");
    decision.granted.then_some(decision.remaining)
}

#[test]
fn a_second_grants_its_limit_and_the_next_one_all_of_it_again() {
    let (clock, rates) = rates();
    let debit = |millis, hits| debit(&clock, &rates, "a", millis, hits);
    assert_eq!(debit(0, 3), Some(2));
    assert_eq!(debit(999, 3), None);
    assert_eq!(debit(999, 2), Some(0));
    assert_eq!(debit(999, 0), Some(0));
    assert_eq!(debit(999, 1), None);
    assert_eq!(debit(1000, 5), Some(0));
    assert_eq!(debit(1000, u64::MAX), None);
    assert_eq!(debit(5000, 0), Some(5));
}

#[test]
fn a_refusal_tells_what_is_left_and_when_all_is() {
    let (clock, rates) = rates();
    debit(&clock, &rates, "a", 250, 4);
    let decision = rates.debit(counter("a"), Unit::Second, 5, 2).expect("a place");
    let renews_in = Some(std::time::Duration::from_millis(750));
    assert_eq!(decision, Decision { granted: false, remaining: 1, renews_in });
    // A lower limit than what is granted already.
    let lower = rates.debit(counter("a"), Unit::Second, 3, 0).expect("a place");
    assert_eq!(lower, Decision { granted: false, remaining: 0, renews_in });
}

#[test]
fn counters_of_other_names_and_units_are_others() {
    let (clock, rates) = rates();
    assert_eq!(debit(&clock, &rates, "a", 0, 5), Some(0));
    assert_eq!(debit(&clock, &rates, "b", 0, 5), Some(0));
    assert!(rates.debit(counter("a"), Unit::Minute, 5, 5).expect("a place").granted);
}

#[test]
fn a_clock_that_is_set_back_by_more_than_a_second_starts_afresh_and_a_small_step_does_not() {
    let (clock, rates) = rates();
    let debit = |millis, hits| debit(&clock, &rates, "a", millis, hits);
    assert_eq!(debit(0, 5), Some(0));
    assert_eq!(debit(-1, 1), None);
    assert_eq!(debit(-1000, 1), None);
    assert_eq!(debit(-1001, 1), Some(4));
}

#[test]
fn what_only_looks_makes_no_counter_and_what_is_over_is_forgotten() {
    let (clock, rates) = rates();
    debit(&clock, &rates, "a", 0, 0);
    debit(&clock, &rates, "a", 0, 6);
    assert_eq!(rates.len(), 0);
    debit(&clock, &rates, "a", 0, 1);
    debit(&clock, &rates, "b", 1000, 1);
    assert_eq!(rates.len(), 2);
    assert_eq!(rates.list(9, |_| true).len(), 1);
    rates.sweep();
    assert_eq!(rates.list(9, |_| true)[0].0, (counter("b"), Unit::Second));
    assert_eq!(rates.len(), 1);
}
