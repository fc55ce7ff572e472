//! What is known of Envoys over time: kept in a file, and what they said last.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::status::Snapshot;
use usage_plan_manage::usage::Counts;

use super::buckets::{Buckets, Range};
use super::codec::View;
use super::ring::{QUARTERS, Ring};
#[cfg(test)]
use super::slot::{Amount, Series};
use super::slot::{Kind, Slot};
use super::store::Store;

/// What an Envoy said when it was asked last.
#[derive(Clone, Debug)]
pub struct Look {
    /// The address of its admin interface.
    pub envoy: String,
    /// What it said, or why it did not answer.
    pub answer: Result<Snapshot, String>,
    /// Since when it has not answered; `None` if it does.
    pub away_since: Option<Timestamp>,
}

/// What is known of Envoys over time.
#[derive(Debug, Default)]
pub struct Samples {
    /// `None` where the file cannot be used, or nobody is asked.
    store: Option<Store>,
    problem: Mutex<Option<String>>,
    looks: Mutex<Arc<Vec<Look>>>,
    envoys: usize,
}

// === impl Samples ===

impl Samples {
    /// Those in the file at `path`, of so many Envoys. Where the file cannot be used,
    /// [`problem`](Self::problem) says why, and nothing is kept.
    pub fn open(path: &Path, envoys: usize) -> Self {
        let (store, problem) = match Store::open(path) {
            Ok(store) => (Some(store), None),
            Err(problem) => (None, Some(problem)),
        };
        Self { store, problem: Mutex::new(problem), looks: Mutex::default(), envoys }
    }

    /// How many Envoys are asked.
    pub fn envoys(&self) -> usize {
        self.envoys
    }

    /// Why nothing is kept.
    pub fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What each Envoy said when it was asked last; nothing before the first question.
    pub fn looks(&self) -> Arc<Vec<Look>> {
        Arc::clone(&self.looks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What all Envoys together have counted, each since it started.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for look in self.looks().iter() {
            if let Ok(snapshot) = &look.answer {
                counts.merge(&snapshot.counts);
            }
        }
        counts
    }

    /// The second in which the oldest of the coarsest steps begins. It may block.
    pub fn first(&self) -> Option<u64> {
        self.store.as_ref()?.first(QUARTERS).ok()?
    }

    /// When a key was seen last, to a minute; `None` if that is not known. It may block.
    pub fn last_seen(&self, key: &str) -> Option<Timestamp> {
        let seen = self.store.as_ref()?.seen(key).ok()?;
        seen.map(|second| Timestamp::from_nanos(second.saturating_mul(1_000_000_000)))
    }

    /// Shows `each` the steps of a ring that begin in these seconds, the oldest first. It may block.
    pub fn visit(&self, ring: Ring, from: u64, to: u64, each: impl FnMut(u64, &View<'_>)) {
        let visited = self.store.as_ref().map(|store| store.visit(ring, from, to, each));
        if let Some(Err(problem)) = visited {
            self.set_problem(Some(problem));
        }
    }

    /// The span of time that ends at `now`, in parts of a clock that is `offset` seconds ahead of UTC;
    /// `column` says in which of so many columns a series belongs. It may block.
    pub fn buckets(
        &self,
        range: Range,
        now: Timestamp,
        offset: i32,
        columns: usize,
        column: impl Fn(Kind, &str, &str) -> Option<usize>,
    ) -> Buckets {
        let mut buckets = Buckets::new(range, now, offset, columns);
        let (from, to) = buckets.span();
        self.visit(range.ring(), from, to, |start, view| buckets.add(start, view, &column));
        buckets
    }

    pub(crate) fn set_looks(&self, looks: Vec<Look>) {
        *self.looks.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(looks);
    }

    /// Keeps a step that begins at this second. What is wrong with the file is said until it can be written.
    pub(super) fn record(&self, second: u64, slot: &Slot, seen: &[&str]) {
        if let Some(store) = &self.store {
            self.set_problem(store.record(second, slot, seen).err());
        }
    }

    /// Closes the file. Nothing is kept after that.
    pub(crate) fn close(&self) {
        if let Some(store) = &self.store {
            store.close();
        }
    }

    /// Keeps a step with these amounts, for tests of what is shown of it.
    #[cfg(test)]
    pub(crate) fn keep(&self, second: u64, marks: [u64; 3], amounts: &[(Kind, &str, &str, u64)]) {
        let [answers, misses, restarts] = marks;
        let amount = |(kind, name, word, calls): &(Kind, &str, &str, u64)| {
            (Series::new(*kind, name, word), Amount { calls: *calls, peak: *calls })
        };
        let slot = Slot { answers, misses, restarts, amounts: amounts.iter().map(amount).collect() };
        let keys = amounts.iter().filter(|(kind, ..)| *kind == Kind::Key);
        let keys: Vec<&str> = keys.map(|(_, name, ..)| *name).collect();
        self.record(second, &slot, &keys);
    }

    fn set_problem(&self, problem: Option<String>) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }
}
