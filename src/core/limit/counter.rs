//! A plan's counter: its state in a shared store, debited by compare-and-swap.

use super::cell;
use super::limits::{Balance, Limits};
use super::state::{CounterState, Violation};
use crate::timestamp::Timestamp;

/// How often a debit is tried before the request is refused. A try is lost only when a different worker wins
/// one, so a store that lets this many in a row be lost does not work.
pub const MAX_TRIES: u32 = 64;

/// A store of cells that all workers share.
pub trait Store {
    /// The cell of `key` and its version; `None` when there is no such cell, or the store cannot be read.
    /// Counting then starts afresh, and [`set`](Self::set) decides: it fails where there is a cell.
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)>;

    /// Replaces the cell of `key` if it is still of `version`, or makes it if there is none. `version` is
    /// never zero.
    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<(), Conflict>;
}

/// A cell's version. Every write gives one that no write to the store had before, each greater than the last,
/// by one if no other write came between.
pub type Version = u32;

/// The cell was of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict;

/// The version to set a cell with that should not be there: one that no cell has.
const NOT_THERE: Version = Version::MAX;

/// The result of a debit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debit {
    /// Whether the request may proceed.
    pub admission: Admission,
    /// Whether the cell's bytes could not be read, so that counting started afresh.
    pub restarted: bool,
}

/// Whether a request may proceed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It was counted, and may proceed.
    Granted,
    /// A limit is used up.
    Exhausted(Violation),
    /// The store let no try win, so the request could not be counted.
    Unavailable,
}

/// One worker's view of a counter. What it remembers is never trusted further than the store confirms.
#[derive(Debug)]
pub struct Counter {
    key: String,
    /// The state as last seen, and the version that its cell has if nobody else wrote since, if that can be
    /// guessed.
    ///
    /// A write does not tell the version that it made; the next one is the likely one: always so with one
    /// worker and one busy plan, seldom with many. Since versions only grow, a wrong guess is no version that
    /// the cell ever has.
    seen: Option<(CounterState, Option<Version>)>,
    /// Whether the last guess was right. A wrong one costs a write that is refused, so while guesses fail the
    /// cell is read first, which also tells when they would succeed again.
    guesses: bool,
    /// Where the next cell is written, kept for its room.
    cell: Vec<u8>,
}

// === impl Counter ===

impl Counter {
    /// The counter at `key`.
    pub fn new(key: String) -> Self {
        Self { key, seen: None, guesses: true, cell: Vec::new() }
    }

    /// Admits a request of that API (or of none) at `now` and counts it on every limit in force, or does
    /// neither.
    pub fn debit(
        &mut self,
        store: &impl Store,
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
    ) -> Debit {
        let mut restarted = false;
        let admission = self.try_debit(store, limits, api, now, &mut restarted);
        Debit { admission, restarted }
    }

    /// What is left of each limit in force, as last seen.
    pub fn balances<'l>(&self, limits: &'l Limits, api: Option<usize>, now: Timestamp) -> Vec<Balance<'l>> {
        self.seen.as_ref().map(|(state, _)| state.balances(limits, api, now)).unwrap_or_default()
    }

    fn try_debit(
        &mut self,
        store: &impl Store,
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
        restarted: &mut bool,
    ) -> Admission {
        // What others wrote since can only have used more: what was used up then is used up now, unless time
        // has renewed it. So a plan that is used up is refused without the store.
        if let Some((state, _)) = &self.seen
            && let Err(violation) = state.check(limits, api, now)
        {
            return Admission::Exhausted(violation);
        }
        for _ in 0..MAX_TRIES {
            let (mut state, version) = match self.seen.take() {
                // This state was found to admit the request, just above.
                Some((state, Some(version))) if self.guesses => (state, version),
                seen => {
                    let (state, version) = self.get(store, restarted);
                    self.guesses |= seen.is_some_and(|(_, guess)| guess == Some(version));
                    if let Err(violation) = state.check(limits, api, now) {
                        self.seen = Some((state, Some(version)));
                        return Admission::Exhausted(violation);
                    }
                    (state, version)
                }
            };
            state.debit(limits, api, now);
            state.forget(limits, now);
            cell::encode(&state, &mut self.cell);
            if store.set(&self.key, &self.cell, version).is_ok() {
                self.seen = Some((state, version.checked_add(1)));
                return Admission::Granted;
            }
            self.guesses = false;
        }
        Admission::Unavailable
    }

    fn get(&self, store: &impl Store, restarted: &mut bool) -> (CounterState, Version) {
        match store.get(&self.key) {
            None => (CounterState::default(), NOT_THERE),
            Some((bytes, version)) => {
                let state = cell::decode(&bytes);
                *restarted |= state.is_none();
                (state.unwrap_or_default(), version)
            }
        }
    }
}

#[cfg(test)]
mod tests;
