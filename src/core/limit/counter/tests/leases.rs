//! What leases save, what they lose, and what callers and operators see of them.

use std::time::Duration;

use super::super::super::cell;
use super::super::super::state::CounterState;
use super::*;
use crate::document::Quota;

/// Several workers on one plan, and how often they were called for.
struct Workers {
    stores: Vec<Local<'static>>,
    counters: Vec<Limited>,
    now: u64,
    /// The last lot that was drawn.
    lot: u64,
}

/// Which worker is next.
#[derive(Clone, Copy, Debug)]
enum Turns {
    InTurn,
    Random,
    /// Each worker has so many requests at a time.
    Sticky(u64),
    /// The first worker has half of the requests, the second a quarter, and so on.
    Halves,
}

impl Workers {
    fn new(count: usize, limits: impl Fn() -> Limits) -> Self {
        let first = Local::default();
        let others = (1..count).map(|_| first.of_another_vm()).collect::<Vec<_>>();
        let counter = |_| Limited { counter: Counter::new("plan".to_owned()), limits: limits() };
        let stores = std::iter::once(first).chain(others).collect();
        Self { stores, counters: (0..count).map(counter).collect(), now: NOW.as_nanos(), lot: 1 }
    }

    fn of_rate(count: usize, per_second: u64) -> Self {
        Self::new(count, || Limits::per_second(per_second))
    }

    fn debit(&mut self, worker: usize) -> Debit {
        self.counters[worker].debit(&self.stores[worker], Timestamp::from_nanos(self.now))
    }

    fn next(&mut self, turns: Turns, request: u64) -> usize {
        self.lot = self.lot.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (workers, lot) = (self.counters.len() as u64, self.lot >> 33);
        let worker = match turns {
            Turns::InTurn => request % workers,
            Turns::Random => lot % workers,
            Turns::Sticky(times) => request / times % workers,
            Turns::Halves => u64::from((lot | 1 << 20).trailing_zeros()).min(workers - 1),
        };
        worker as usize
    }

    /// Requests at a steady pace: how many were admitted.
    fn steady(&mut self, turns: Turns, requests: u64, per_second: u64) -> u64 {
        let start = self.now;
        let mut admitted = 0;
        for request in 0..requests {
            self.now = start + (request * 1_000_000_000).div_ceil(per_second);
            let worker = self.next(turns, request);
            admitted += u64::from(self.debit(worker).admission == Admission::Granted);
        }
        self.now = start + (requests * 1_000_000_000).div_ceil(per_second);
        admitted
    }

    fn gets_and_sets(&self) -> (u32, u32) {
        let sum = |calls: fn(&Local<'_>) -> u32| self.stores.iter().map(calls).sum();
        (sum(|store| store.gets.get()), sum(|store| store.sets.get()))
    }

    fn cell(&self) -> Vec<u8> {
        self.stores[0].cells.borrow().get("plan").expect("it was written").0
    }

    fn has_leases(&self) -> bool {
        let state = cell::decode(&self.cell()).expect("it can be read");
        state.has_leases()
    }
}

#[test]
fn below_900_every_cell_and_every_decision_is_that_of_the_log_alone() {
    for limit in [1, 255, 257, 512, 899] {
        let mut workers = Workers::of_rate(3, limit);
        let limits = Limits::per_second(limit);
        let mut plain = CounterState::default();
        for request in 0..3 * limit {
            workers.now += 1_000_000_000 / limit / 2 * (request % 3);
            let worker = workers.next(Turns::Random, request);
            let now = Timestamp::from_nanos(workers.now);
            let admission = workers.debit(worker).admission;
            match plain.admit(&limits, None, now) {
                Ok(()) => assert_eq!(admission, Admission::Granted),
                Err(violation) => assert_eq!(admission, Admission::Exhausted(violation)),
            }
            let mut bytes = Vec::new();
            cell::encode(&plain, &mut bytes);
            assert!(workers.cell() == bytes, "request {request} of {limit}");
        }
    }
    let mut workers = Workers::of_rate(1, 900);
    (0..2).for_each(|_| drop(workers.debit(0)));
    assert!(workers.has_leases());
}

#[test]
fn a_large_plan_over_two_workers_is_seldom_read_or_written() {
    for (limit, reads_in_thousand) in [(5000, 220), (20_000, 60)] {
        for turns in [Turns::InTurn, Turns::Random] {
            let mut workers = Workers::of_rate(2, limit);
            workers.steady(turns, limit / 4, limit);
            let (gets, sets) = workers.gets_and_sets();
            let admitted = workers.steady(turns, limit, limit);
            let (gets, sets) = (workers.gets_and_sets().0 - gets, workers.gets_and_sets().1 - sets);
            assert!(u64::from(gets) * 1000 <= admitted * reads_in_thousand, "{gets} reads");
            assert!(u64::from(sets) * 1000 <= admitted * (reads_in_thousand + 50), "{sets} writes");
        }
    }
}

#[test]
fn a_steady_rate_at_the_limit_loses_at_most_one_in_a_hundred_however_it_falls_on_workers() {
    for limit in [900, 1000, 5000, 20_000] {
        for count in [2, 8] {
            for turns in [Turns::InTurn, Turns::Random, Turns::Sticky(limit / 600 + 1), Turns::Halves] {
                let mut workers = Workers::of_rate(count, limit);
                workers.steady(turns, limit, limit);
                let admitted = workers.steady(turns, limit * 3 / 2, limit);
                let of_1000 = admitted * 1000 / (limit * 3 / 2);
                assert!(of_1000 >= 990, "N = {limit}, {count} workers, {turns:?}: {of_1000} of 1000");
                assert!(workers.cell().len() <= 7300, "{} bytes", workers.cell().len());
            }
        }
    }
}

#[test]
fn the_limit_at_once_and_then_a_second_s_wait_loses_at_most_one_in_a_hundred() {
    for limit in [900, 5000, 20_000] {
        let mut workers = Workers::of_rate(8, limit);
        for burst in 0..4 {
            let mut admitted = 0;
            for request in 0..limit {
                workers.now += 1000;
                let worker = workers.next(Turns::Random, request);
                admitted += u64::from(workers.debit(worker).admission == Admission::Granted);
            }
            assert!((limit - admitted) * 100 <= limit, "N = {limit}, burst {burst}: {admitted}");
            workers.now += 1_000_000_000;
        }
    }
}

#[test]
fn what_a_dead_vm_had_reserved_is_there_again_when_it_has_certainly_passed() {
    let mut workers = Workers::of_rate(2, 20_000);
    for _ in 0..50 {
        workers.debit(0);
    }
    assert!(workers.has_leases());
    workers.counters[0].counter = Counter::new("plan".to_owned());
    let all = |workers: &mut Workers| {
        (0..21_000).filter(|_| workers.debit(1).admission == Admission::Granted).count()
    };
    let admitted = all(&mut workers);
    // Of what the VM had reserved it had used at least one.
    assert!((20_000 - 50 - 61..20_000 - 50).contains(&admitted), "{admitted}");
    workers.now += 1_020_000_000;
    assert_eq!(all(&mut workers), 20_000);
}

#[test]
fn a_worker_counts_down_exactly_and_others_see_at_most_one_in_300_less() {
    let mut workers = Workers::of_rate(2, 20_000);
    let limits = Limits::per_second(20_000);
    for request in 1..=2000 {
        assert_eq!(workers.debit(0).admission, Admission::Granted);
        let now = Timestamp::from_nanos(workers.now);
        assert_eq!(workers.counters[0].counter.balances(&limits, None, now)[0].remaining, 20_000 - request);
        let seen = workers.counters[1].counter.peek(&workers.stores[1], &limits, now)[0].1.remaining;
        assert!(seen <= 20_000 - request && seen + 61 >= 20_000 - request, "{seen} after {request}");
    }
}

fn with_quota(max: u64, warn_at: &[u8]) -> Limits {
    let quota = Quota { max_requests: Some(max), period: Period::Day, utc_offset: UtcOffset(0) };
    Limits::new(Some(20_000), None, &[quota], &[]).with_warnings(warn_at)
}

#[test]
fn a_quota_is_used_up_to_its_last_request_and_reported_once() {
    for count in [1, 3] {
        let mut workers = Workers::new(count, || with_quota(9000, &[50, 99, 100]));
        let (mut admitted, mut warned) = (0, Vec::new());
        for request in 0..12_000 {
            workers.now += 50_000;
            let worker = workers.next(Turns::Random, request);
            if workers.debit(worker).admission == Admission::Granted {
                admitted += 1;
                let Limited { counter, limits } = &workers.counters[worker];
                warned.extend(counter.warnings(limits, None).iter().map(|warning| warning.percent));
            }
        }
        assert_eq!((admitted, warned), (9000, vec![50, 99, 100]), "{count} workers");
        let (_, sets) = workers.gets_and_sets();
        assert!(sets < 5000, "{sets} writes");
    }
}

#[test]
fn a_lease_ends_with_the_span_of_a_quota() {
    let reset = NOW.saturating_add(Duration::from_millis(5));
    let mut workers = Workers::new(1, || with_quota(9000, &[]).with_resets([(reset, None)]));
    let (mut before, mut after) = (0, 0);
    for _ in 0..20_000 {
        let is_before = workers.now < reset.as_nanos();
        if workers.debit(0).admission == Admission::Granted {
            *(if is_before { &mut before } else { &mut after }) += 1;
        }
        workers.now += 60_000;
    }
    assert!(before > 50, "{before}");
    assert_eq!(after, 9000);
}
