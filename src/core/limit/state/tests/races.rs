//! Compares several workers on one counter, some of which lose races, with the reference model.

use std::cell::{Cell, RefCell};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::super::super::counter::{Admission, Clock, Conflict, Counter, Store};
use super::super::super::versions::Version;
use super::{Log, START, plans};
use crate::timestamp::Timestamp;

/// The write of a faster worker.
type Winner<'w> = Box<dyn FnOnce(&Shared<'w>) + 'w>;

/// A store that behaves like Envoy's. The winner, if there is one, writes just before the next write.
#[derive(Default)]
struct Shared<'w> {
    cell: RefCell<Option<(Vec<u8>, Version)>>,
    writes: Cell<Version>,
    winner: RefCell<Option<Winner<'w>>>,
    clock: Cell<Timestamp>,
}

impl Clock for Shared<'_> {
    fn now(&self) -> Timestamp {
        self.clock.get()
    }
}

impl Store for Shared<'_> {
    fn get(&self, _: &str) -> Option<(Vec<u8>, Version)> {
        self.cell.borrow().clone()
    }

    fn set(&self, _: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        if let Some(winner) = self.winner.take() {
            winner(self);
        }
        if self.cell.borrow().as_ref().is_some_and(|(_, current)| *current != version) {
            return Err(Conflict);
        }
        self.writes.set(self.writes.get() + 1);
        self.cell.replace(Some((cell.to_vec(), self.writes.get())));
        Ok(self.writes.get())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 300, ..ProptestConfig::default() })]

    /// Each request is handled by one of three workers. Some lose their race to a second worker, which is
    /// admitted or refused first.
    #[test]
    fn workers_that_lose_races_decide_together_like_the_log_of_all_admissions(
        plan in plans(), requests in prop::collection::vec((requests_of_workers(), any::<bool>()), 1..60)
    ) {
        let limits = plan.limits();
        let worker = |_| RefCell::new(Counter::new("plan".to_owned()));
        let workers: Vec<RefCell<Counter>> = (0..3).map(worker).collect();
        let store = Shared::default();
        let (mut log, mut clock) = (Log::default(), START);
        for ((gap, worker, of_api), loses) in requests {
            clock += gap;
            let now = Timestamp::from_nanos(clock);
            let api = of_api.then_some(0);
            let other_is_admitted = Cell::new(None);
            if loses {
                let (other, limits, answer) = (&workers[(worker + 1) % 3], &limits, &other_is_admitted);
                // The closure borrows values of this loop pass, so its store is dropped below.
                let debit = move |store: &Shared<'_>| {
                    let debit = other.borrow_mut().debit(store, limits, api, now);
                    answer.set(Some(debit.admission == Admission::Granted));
                };
                let racing = Shared { winner: RefCell::new(Some(Box::new(debit))), ..Shared::default() };
                racing.cell.replace(store.cell.take());
                racing.writes.set(store.writes.get());
                racing.clock.set(now);
                let expected_other = log.admits(&plan, of_api, clock);
                let admission = workers[worker].borrow_mut().debit(&racing, limits, api, now).admission;
                store.cell.replace(racing.cell.take());
                store.writes.set(racing.writes.get());
                drop(racing);
                if let Some(admitted) = other_is_admitted.get() {
                    prop_assert_eq!(admitted, expected_other);
                    if admitted {
                        log.0.push((clock, of_api));
                    }
                }
                let expected = log.admits(&plan, of_api, clock);
                prop_assert_eq!(admission == Admission::Granted, expected);
                if expected {
                    log.0.push((clock, of_api));
                }
            } else {
                store.clock.set(now);
                let expected = log.admits(&plan, of_api, clock);
                let admission = workers[worker].borrow_mut().debit(&store, &limits, api, now).admission;
                prop_assert_eq!(admission == Admission::Granted, expected);
                if expected {
                    log.0.push((clock, of_api));
                }
            }
        }
    }
}

/// Requests: the time since the last one, the worker, and whether the request belongs to the API.
fn requests_of_workers() -> impl Strategy<Value = (u64, usize, bool)> {
    let gap = prop_oneof![4 => Just(0u64), 4 => 0..300_000_000u64, 1 => 0..90_000_000_000_000u64];
    (gap, 0usize..3, any::<bool>())
}

/// A store for threads, which write in any order.
#[derive(Default)]
struct Locked {
    cell: Mutex<(Option<Vec<u8>>, Version)>,
    clock: AtomicU64,
}

impl Clock for Locked {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.clock.load(Ordering::Relaxed))
    }
}

impl Store for Locked {
    fn get(&self, _: &str) -> Option<(Vec<u8>, Version)> {
        let cell = self.cell.lock().expect("not poisoned");
        cell.0.clone().map(|bytes| (bytes, cell.1))
    }

    fn set(&self, _: &str, bytes: &[u8], version: Version) -> Result<Version, Conflict> {
        let mut cell = self.cell.lock().expect("not poisoned");
        if cell.0.is_some() && cell.1 != version {
            return Err(Conflict);
        }
        *cell = (Some(bytes.to_vec()), cell.1 + 1);
        Ok(cell.1)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 50, ..ProptestConfig::default() })]

    /// Rounds of requests that arrive at the same time at four workers, each on a separate thread.
    #[test]
    fn threads_admit_together_as_many_as_the_log_of_all_admissions(
        plan in plans(), rounds in prop::collection::vec((requests_of_workers(), 1usize..12), 1..12)
    ) {
        let (limits, store) = (plan.limits(), Locked::default());
        let mut workers: Vec<Counter> = (0..4).map(|_| Counter::new("plan".to_owned())).collect();
        let (mut log, mut clock) = (Log::default(), START);
        for ((gap, _, of_api), requests) in rounds {
            clock += gap;
            let (now, api) = (Timestamp::from_nanos(clock), of_api.then_some(0));
            store.clock.store(clock, Ordering::Relaxed);
            let admitted: usize = std::thread::scope(|scope| {
                let work = |worker: &mut Counter| {
                    let mut debit = || worker.debit(&store, &limits, api, now).admission;
                    let mut admits = || debit() == Admission::Granted;
                    (0..requests).filter(|_| admits()).count()
                };
                let threads = workers.iter_mut().map(|worker| scope.spawn(move || work(worker)));
                let threads: Vec<_> = threads.collect();
                threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
            });
            let before = log.0.len();
            while log.0.len() - before < 4 * requests && log.admits(&plan, of_api, clock) {
                log.0.push((clock, of_api));
            }
            prop_assert_eq!(admitted, log.0.len() - before);
        }
    }
}
