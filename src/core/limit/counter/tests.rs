//! Counters of several workers on one store: races lost on purpose, and old readings of the clock.

mod guesses;
mod histories;
mod leases;
mod pools;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use super::super::VersionGuess;
use super::*;
use crate::document::{Period, Quota, UtcOffset};
use crate::timestamp::SECOND;

const NOW: Timestamp = Timestamp::from_nanos(1_700_000_000_000_000_000);

/// A store that behaves like Envoy's, whose versions count all writes.
#[derive(Default)]
struct Cells {
    cells: HashMap<String, (Vec<u8>, Version)>,
    writes: Version,
}

impl Cells {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        self.cells.get(key).cloned()
    }

    fn set(&mut self, key: &str, cell: &[u8], version: Version) -> Result<(), Conflict> {
        assert_ne!(version, 0, "a write that overwrites blindly");
        if self.cells.get(key).is_some_and(|(_, current)| *current != version) {
            return Err(Conflict);
        }
        self.writes += 1;
        self.cells.insert(key.to_owned(), (cell.to_vec(), self.writes));
        Ok(())
    }
}

/// The writes of other workers to the store.
type Others<'h> = Box<dyn Fn(&RefCell<Cells>) + 'h>;

/// The store as one VM sees it. It counts the VM's calls, and lets other workers write between a `get` and a
/// `set`.
#[derive(Default)]
struct Local<'h> {
    cells: Rc<RefCell<Cells>>,
    versions: VersionGuess,
    gets: Cell<u32>,
    sets: Cell<u32>,
    /// How often the counter looked at the clock itself.
    looks: Cell<u32>,
    clock: Cell<Timestamp>,
    before_set: Option<Others<'h>>,
    before_reading_back: Option<Others<'h>>,
}

impl Clock for Local<'_> {
    fn now(&self) -> Timestamp {
        self.looks.set(self.looks.get() + 1);
        self.clock.get()
    }
}

impl Store for Local<'_> {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        self.gets.set(self.gets.get() + 1);
        let cell = self.cells.borrow().get(key)?;
        self.versions.read(cell.1);
        Some(cell)
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        self.sets.set(self.sets.get() + 1);
        if let Some(others) = &self.before_set {
            others(&self.cells);
        }
        self.cells.borrow_mut().set(key, cell, version)?;
        let read_back = || {
            if let Some(others) = &self.before_reading_back {
                others(&self.cells);
            }
            self.get(key)
        };
        Ok(self.versions.wrote(cell, read_back))
    }

    fn missed(&self, found: Version) {
        self.versions.missed(found);
    }
}

impl Local<'_> {
    /// The same store as another VM sees it.
    fn of_another_vm(&self) -> Self {
        Self { cells: Rc::clone(&self.cells), ..Self::default() }
    }

    /// How often the VM has read, and how often it has tried to write.
    fn calls(&self) -> (u32, u32) {
        (self.gets.get(), self.sets.get())
    }
}

/// A worker's counter of a plan, and the plan's limit per second.
struct Limited {
    counter: Counter,
    limits: Limits,
}

impl Limited {
    fn new(key: &str, limit: u64) -> Self {
        let limits = Limits::new(Some(limit), None, &[], &[]);
        Self { counter: Counter::new(key.to_owned()), limits }
    }

    fn debit(&mut self, store: &(impl Clock + Store), now: Timestamp) -> Debit {
        self.counter.debit(store, &self.limits, None, now)
    }

    fn refuses_until(&mut self, store: &(impl Clock + Store), now: Timestamp) -> Option<Timestamp> {
        match self.debit(store, now).admission {
            Admission::Exhausted(violation) => Some(violation.retry_at),
            _ => None,
        }
    }
}

fn counter(limit: u64) -> Limited {
    Limited::new("plan", limit)
}

fn admitted(counter: &mut Limited, store: &(impl Clock + Store), requests: u32) -> u32 {
    let admits = |_: &u32| counter.debit(store, NOW).admission == Admission::Granted;
    (0..requests).filter(admits).count() as u32
}

#[test]
fn one_worker_admits_the_limit_and_reads_the_store_twice() {
    let (store, mut counter) = (Local::default(), counter(5));
    assert_eq!(admitted(&mut counter, &store, 20), 5);
    // The first read finds no cell, and the second one the new cell, whose version shows where the store is.
    assert_eq!(store.calls(), (2, 5));
}

#[test]
fn a_used_up_plan_refuses_without_the_store_until_retry_at() {
    let (store, mut counter) = (Local::default(), counter(2));
    assert_eq!(admitted(&mut counter, &store, 3), 2);
    let calls = store.calls();
    let retry_at = NOW.saturating_add(SECOND);
    let before = Timestamp::from_nanos(retry_at.as_nanos() - 1);
    assert_eq!(counter.refuses_until(&store, before), Some(retry_at));
    assert_eq!(store.calls(), calls);
    assert_eq!(counter.debit(&store, retry_at).admission, Admission::Granted);
}

#[test]
fn a_used_up_plan_is_checked_again_after_the_clock_was_set_back() {
    let (store, mut counter) = (Local::default(), counter(1));
    assert_eq!(admitted(&mut counter, &store, 2), 1);
    let back = Timestamp::from_nanos(NOW.as_nanos() - 3_600_000_000_000);
    store.clock.set(back);
    assert_eq!(counter.debit(&store, back).admission, Admission::Granted);
}

#[test]
fn a_second_worker_and_a_new_one_see_earlier_admissions() {
    let store = Local::default();
    let (mut a, mut b) = (counter(3), counter(3));
    assert_eq!(admitted(&mut a, &store, 1), 1);
    assert_eq!(admitted(&mut b, &store, 1), 1);
    assert_eq!(admitted(&mut a, &store, 1), 1);
    assert_eq!(admitted(&mut b, &store, 1), 0);
    assert_eq!(admitted(&mut counter(3), &store, 1), 0);
    assert_eq!(admitted(&mut counter(4), &store, 2), 1);
}

#[test]
fn a_lost_race_is_tried_again_on_the_state_of_the_winner() {
    let races = Cell::new(2);
    let store = Local {
        before_set: Some(Box::new(|cells| {
            if races.get() > 0 {
                races.set(races.get() - 1);
                let winner = Local { cells: Rc::new(RefCell::new(cells.take())), ..Local::default() };
                assert_eq!(admitted(&mut counter(3), &winner, 1), 1);
                cells.replace(winner.cells.take());
            }
        })),
        ..Local::default()
    };
    let mut counter = counter(3);
    assert_eq!(admitted(&mut counter, &store, 2), 1);
}

#[test]
fn a_request_that_loses_every_race_is_refused_and_not_counted() {
    let store = Local {
        before_set: Some(Box::new(|cells| {
            let mut cells = cells.borrow_mut();
            let (cell, version) = cells.get("plan").unwrap_or((vec![1], NOT_THERE));
            cells.set("plan", &cell, version).expect("the only writer");
        })),
        ..Local::default()
    };
    let mut counter = counter(3);
    assert_eq!(counter.debit(&store, NOW).admission, Admission::Unavailable);
    assert_eq!(store.sets.get(), MAX_TRIES);
    assert_eq!(store.get("plan").map(|(cell, _)| cell), Some(vec![1]));
}

#[test]
fn bytes_that_cannot_be_read_start_afresh_and_are_reported() {
    let store = Local::default();
    store.cells.borrow_mut().set("plan", b"not a cell", NOT_THERE).expect("the only writer");
    let mut counter = counter(2);
    let debit = counter.debit(&store, NOW);
    assert_eq!(debit, Debit { admission: Admission::Granted, restarted: true, now: NOW });
    assert!(!counter.debit(&store, NOW).restarted);
    assert_eq!(admitted(&mut counter, &store, 1), 0);
}

#[test]
fn counters_of_other_plans_do_not_share_a_cell() {
    let store = Local::default();
    let mut other = Limited::new("other", 2);
    assert_eq!(admitted(&mut counter(2), &store, 3), 2);
    assert_eq!(admitted(&mut other, &store, 3), 2);
    assert_eq!(store.cells.borrow().cells.len(), 2);
}

/// A counter of which a second worker admitted `requests` at `NOW`, and a request that looked at the clock
/// this long before.
fn held_up(limits: Limits, requests: u32, before: Duration) -> (Local<'static>, Debit) {
    let mut other = Limited { counter: Counter::new("plan".to_owned()), limits };
    let store = Local { clock: Cell::new(NOW), ..Local::default() };
    assert_eq!(admitted(&mut other, &store, requests), requests);
    let old = Timestamp::from_nanos(NOW.as_nanos() - before.as_nanos() as u64);
    let debit = Counter::new("plan".to_owned()).debit(&store, &other.limits, None, old);
    (store, debit)
}

#[test]
fn a_worker_that_was_held_up_looks_at_the_clock_again_and_starts_nothing_afresh() {
    let quota = Quota { max_requests: Some(2), period: Period::Hour, utc_offset: UtcOffset(0) };
    let limits = [
        (Limits::new(Some(2), None, &[], &[]), Duration::from_millis(1001)),
        (Limits::new(Some(1), Some(2), &[], &[]), Duration::from_millis(1001)),
        (Limits::new(None, None, &[quota], &[]), Duration::from_secs(3600)),
    ];
    for (limits, before) in limits {
        let (store, debit) = held_up(limits, 2, before);
        assert!(matches!(debit.admission, Admission::Exhausted(_)), "{debit:?}");
        assert_eq!((debit.now, store.looks.get()), (NOW, 1));
    }
}

#[test]
fn a_worker_that_was_held_up_for_a_second_needs_no_second_look() {
    let (store, debit) = held_up(Limits::new(Some(2), None, &[], &[]), 2, SECOND);
    assert!(matches!(debit.admission, Admission::Exhausted(_)), "{debit:?}");
    assert_eq!((debit.now.saturating_add(SECOND), store.looks.get()), (NOW, 0));
}

#[test]
fn a_worker_that_was_held_up_is_admitted_at_the_time_of_the_second_look() {
    let (store, debit) = held_up(Limits::new(Some(3), None, &[], &[]), 2, SECOND * 2);
    assert_eq!((debit.admission, debit.now), (Admission::Granted, NOW));
    assert_eq!(admitted(&mut counter(3), &store, 1), 0);
}
