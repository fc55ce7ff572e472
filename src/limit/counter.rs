//! A plan's counter: a window in a shared store, debited by compare-and-swap.

use std::time::Duration;

use super::cell;
use super::window::{Decision, Window};
use crate::time::{SECOND, Timestamp};

/// How often a debit is tried before the request is refused. A try is lost only when another worker's was won, so
/// losing this many in a row means that the store does not work.
pub const MAX_TRIES: u32 = 64;

/// A store of cells that all workers share.
pub trait Store {
    /// The cell of `key` and its version; `None` when there is no such cell.
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)>;

    /// Replaces the cell of `key` if it is still of `version`, or makes it if there is none. `version` is never zero.
    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<(), Conflict>;
}

/// A cell's version. Every write gives one that no write to the store had before, each greater than the last, by one
/// if no other write came between.
pub type Version = u32;

/// The cell was of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict;

/// The version to set a cell with that should not be there: one that no cell has.
const NOT_THERE: Version = Version::MAX;

/// What became of a debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debit {
    /// Whether the request may proceed.
    pub outcome: Outcome,
    /// Whether the cell's bytes could not be read, so that counting started afresh.
    pub restarted: bool,
}

/// Whether a request may proceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was counted, and may.
    Admitted {
        /// Requests left in this second.
        remaining: u64,
    },
    /// The limit is spent.
    Spent {
        /// The first moment at which a request can be admitted.
        retry_at: Timestamp,
    },
    /// The store let no try win, so the request could not be counted.
    Unavailable,
}

/// One worker's view of a counter. What it remembers is never trusted further than the store confirms.
#[derive(Debug)]
pub struct Counter {
    key: String,
    limit: u64,
    /// The window as last seen, and the version that its cell has if nobody else wrote since.
    ///
    /// A write does not tell the version that it made; the next one is the likely one: always so with one worker and
    /// one busy plan, seldom with many. Since versions only grow, a wrong guess is no version that the cell ever has.
    seen: Option<(Window, Version)>,
    /// Whether the last guess was right. A wrong one costs a write that is refused, so while guesses fail the cell is
    /// read first, which also tells when they would succeed again.
    guesses: bool,
    /// Until when every request is refused.
    spent_until: Option<Timestamp>,
    /// Where the next cell is written, kept for its room.
    cell: Vec<u8>,
}

// === impl Counter ===

impl Counter {
    /// The counter at `key`, of a plan that admits `limit` requests per second.
    pub fn new(key: String, limit: u64) -> Self {
        Self { key, limit, seen: None, guesses: true, spent_until: None, cell: Vec::new() }
    }

    /// Admits a request at `now` and counts it, or does neither.
    pub fn debit(&mut self, store: &impl Store, now: Timestamp) -> Debit {
        let mut restarted = false;
        let outcome = self.try_debit(store, now, &mut restarted);
        Debit { outcome, restarted }
    }

    fn try_debit(&mut self, store: &impl Store, now: Timestamp, restarted: &mut bool) -> Outcome {
        if let Some(retry_at) = self.spent_until(now) {
            return Outcome::Spent { retry_at };
        }
        for _ in 0..MAX_TRIES {
            let (mut window, version) = self.look(store, restarted);
            match window.admit(self.limit, now) {
                Decision::Refused { retry_at } => {
                    self.seen = Some((window, version));
                    self.spent_until = Some(retry_at);
                    return Outcome::Spent { retry_at };
                }
                Decision::Admitted { remaining } => {
                    cell::encode(&window, &mut self.cell);
                    if store.set(&self.key, &self.cell, version).is_ok() {
                        self.seen = version.checked_add(1).map(|next| (window, next));
                        return Outcome::Admitted { remaining };
                    }
                    self.guesses = false;
                }
            }
        }
        Outcome::Unavailable
    }

    /// The window to decide on: the one remembered, or the one in the store.
    fn look(&mut self, store: &impl Store, restarted: &mut bool) -> (Window, Version) {
        match self.seen.take() {
            Some(seen) if self.guesses => seen,
            seen => {
                let (window, version) = self.get(store, restarted);
                self.guesses |= seen.is_some_and(|(_, guess)| guess == version);
                (window, version)
            }
        }
    }

    fn get(&self, store: &impl Store, restarted: &mut bool) -> (Window, Version) {
        match store.get(&self.key) {
            None => (Window::default(), NOT_THERE),
            Some((bytes, version)) => {
                let window = cell::decode(&bytes);
                *restarted |= window.is_none();
                (window.unwrap_or_default(), version)
            }
        }
    }

    /// The remembered end of a spent second, unless the clock was set back since.
    fn spent_until(&mut self, now: Timestamp) -> Option<Timestamp> {
        const LONGEST: Duration = Duration::from_secs(2 * SECOND.as_secs());
        self.spent_until =
            self.spent_until.filter(|until| *until > now && until.saturating_since(now) <= LONGEST);
        self.spent_until
    }
}

#[cfg(test)]
mod tests;
