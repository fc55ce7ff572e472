//! Runs one history: workers, a store, a clock, and lots that are drawn from a seed.

use std::cell::{Cell, RefCell};

use super::super::Cells;
use super::history::{History, MILLISECOND, SECOND};
use super::judge::{Bounds, Judge};
use crate::limit::counter::{Admission, Clock, Conflict, Counter, Store};
use crate::limit::lease::{HOLD, Lease};
use crate::limit::{Version, VersionGuess, Violation};
use crate::timestamp::Timestamp;

/// What a history shows.
pub(super) struct Told {
    pub(super) from_leases: u64,
    pub(super) broken: Option<String>,
}

struct Worker {
    counter: Counter,
    versions: VersionGuess,
    plan: usize,
    /// What the last VM held when it died.
    left_behind: Option<Lease>,
}

struct Simulation {
    history: History,
    cells: RefCell<Cells>,
    clock: Cell<u64>,
    set_back: Cell<u64>,
    requests: Cell<u64>,
    depth: Cell<u32>,
    workers: Vec<RefCell<Worker>>,
    judge: RefCell<Judge>,
}

/// The host of one worker for one request.
struct Host<'s> {
    simulation: &'s Simulation,
    worker: usize,
    of_api: bool,
    bounds: Bounds,
    versions: &'s VersionGuess,
    held: Option<Lease>,
    last: Timestamp,
    left_behind: Option<Lease>,
    reading: Cell<u64>,
    wrote: Cell<bool>,
}

// === impl History ===

impl History {
    pub(super) fn run(self) -> Told {
        let worker = |_| {
            let counter = Counter::new("plan".to_owned());
            RefCell::new(Worker { counter, versions: VersionGuess::new(), plan: 0, left_behind: None })
        };
        let simulation = Simulation {
            cells: RefCell::default(),
            clock: Cell::new(self.start),
            set_back: Cell::new(self.set_back),
            requests: Cell::new(self.requests),
            depth: Cell::new(0),
            workers: (0..self.workers).map(worker).collect(),
            judge: RefCell::default(),
            history: self,
        };
        while simulation.requests.get() > 0 {
            simulation.pass(simulation.history.pace * 2);
            simulation.request();
        }
        let judge = simulation.judge.into_inner();
        Told { from_leases: judge.from_leases, broken: judge.verdict() }
    }
}

// === impl Simulation ===

impl Simulation {
    /// Lets time pass: up to this long, or not at all, or for longer, or to where something ends.
    fn pass(&self, most: u64) {
        let random = &self.history.random;
        let is_small = self.history.plans.len() > 1;
        let span = match random.below(if is_small { 20 } else { 60 }) {
            0..=4 => 0,
            5 if is_small => random.below(1200 * MILLISECOND),
            // An end of what was counted up to now, give or take a nanosecond.
            6 if is_small => {
                let ends = [HOLD.as_nanos() as u64, SECOND, SECOND + HOLD.as_nanos() as u64];
                (ends[random.below(3) as usize] + 1).saturating_sub(random.below(3))
            }
            7 if is_small && self.set_back.get() > 0 => {
                let most = if random.once_in(4) { 300 * MILLISECOND } else { 12 * MILLISECOND };
                let back = random.below(self.set_back.get().min(most)) + 1;
                self.set_back.set(self.set_back.get() - back);
                self.clock.set(self.clock.get() - back);
                0
            }
            8..=12 if is_small => random.below(3 * MILLISECOND),
            _ => random.below(most),
        };
        self.clock.set(self.clock.get() + span);
    }

    /// A worker is held up, while others go on.
    fn hold_up(&self) {
        let random = &self.history.random;
        if self.history.stall == 0 || self.depth.get() > 3 || !random.once_in(4) {
            return;
        }
        self.depth.set(self.depth.get() + 1);
        for _ in 0..random.below(8) {
            self.pass(self.history.stall / 4 + 1);
            self.request();
        }
        self.depth.set(self.depth.get() - 1);
    }

    /// A request comes to one of the workers that is not held up.
    fn request(&self) {
        let History { random, plans, wrong, .. } = &self.history;
        let index = random.below(self.workers.len() as u64) as usize;
        self.requests.set(self.requests.get().saturating_sub(1));
        if let Some((at, by)) = self.history.step
            && at == self.requests.get()
        {
            self.clock.set(self.clock.get().saturating_add_signed(by));
        }
        let Ok(mut worker) = self.workers[index].try_borrow_mut() else { return };
        let worker = &mut *worker;
        let (dies, loads) = (random.once_in(self.history.dies), random.once_in(self.history.loads));
        if dies || loads {
            worker.left_behind = worker.counter.held.as_ref().map(|held| held.lease).filter(|_| dies);
            worker.counter = Counter::new("plan".to_owned());
            if dies {
                worker.versions = VersionGuess::new();
            } else {
                worker.plan = (worker.plan + 1) % plans.len();
            }
            self.judge.borrow_mut().started(index);
        }
        let (limits, bounds) = &plans[worker.plan];
        let of_api = bounds.of_api.is_some() && random.once_in(2);
        if self.history.is_greedy {
            worker.counter.demand = random.from(1, bounds.per_second) as u32;
        }
        let held = worker.counter.held.as_ref();
        let now = self.clock.get();
        let host = Host {
            simulation: self,
            worker: index,
            of_api,
            bounds: *bounds,
            versions: &worker.versions,
            held: held.map(|held| held.lease),
            last: held.map_or(Timestamp::default(), |held| held.last),
            left_behind: worker.left_behind.take(),
            reading: Cell::new(now),
            wrote: Cell::new(false),
        };
        if let Some(held) = &mut worker.counter.held {
            wrong.before(held);
        }
        let now = Timestamp::from_nanos(now);
        let debit = worker.counter.debit(&host, limits, of_api.then_some(0), now);
        match debit.admission {
            Admission::Granted if !host.wrote.get() => {
                self.judge.borrow_mut().used(index, now.as_nanos(), of_api, *bounds);
            }
            Admission::Exhausted(Violation { of_rate: true, .. }) => {
                self.judge.borrow_mut().refused(debit.now.as_nanos(), *bounds);
            }
            _ => {}
        }
    }
}

impl Clock for Host<'_> {
    fn now(&self) -> Timestamp {
        self.reading.set(self.simulation.clock.get());
        Timestamp::from_nanos(self.reading.get())
    }
}

impl Store for Host<'_> {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        self.simulation.hold_up();
        let (cell, version) = self.simulation.cells.borrow().get(key)?;
        self.versions.read(version);
        let now = Timestamp::from_nanos(self.reading.get());
        let (own, dead) = (self.held.map(|held| (held, self.last)), self.left_behind);
        Some((self.simulation.history.wrong.read(cell, own, dead, now), version))
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        self.simulation.hold_up();
        let now = Timestamp::from_nanos(self.reading.get());
        let before = self.simulation.cells.borrow().get(key).map(|(cell, _)| cell).unwrap_or_default();
        let cell = self.simulation.history.wrong.written(&before, cell, now);
        self.simulation.cells.borrow_mut().set(key, &cell, version)?;
        self.wrote.set(true);
        let mut judge = self.simulation.judge.borrow_mut();
        judge.wrote(self.worker, self.reading.get(), self.of_api, self.bounds);
        drop(judge);
        Ok(self.versions.wrote(&cell, || self.get(key)))
    }

    fn missed(&self, found: Version) {
        self.versions.missed(found);
    }
}
