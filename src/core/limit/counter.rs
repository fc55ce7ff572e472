//! A plan's counter, whose state is in a shared store and debited by compare-and-swap
//! (`docs/rules.md#counters`).

use super::cell;
use super::limits::{Balance, Limits, Warning};
use super::state::{CounterState, Violation};
use crate::timestamp::Timestamp;

/// How often a debit is tried before the request is refused. A try fails only when a different worker's try
/// succeeds, so a store in which this many tries fail in a row does not work.
const MAX_TRIES: u32 = 64;

/// The clock that all workers share.
pub trait Clock {
    /// The time that the clock shows.
    fn now(&self) -> Timestamp;
}

/// A store of cells that all workers share.
pub trait Store {
    /// The cell of `key` and its version; `None` when there is no such cell, or the store cannot be read. In
    /// both cases counting starts afresh, which is safe, because [`set`](Self::set) then fails if there is a
    /// cell after all.
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)>;

    /// Replaces the cell of `key` if it still has `version`, or makes it if there is none. `version` is never
    /// zero, with which Envoy would overwrite any cell.
    ///
    /// # Errors
    ///
    /// The cell has a different version, or the store cannot be written.
    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<(), Conflict>;
}

/// A cell's version. Every write to the store makes a new version, which is greater than all before it: by
/// one, if it is the next write to the store.
pub type Version = u32;

/// The cell had a different version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict;

/// The version with which a cell is set that does not exist: no cell ever has it, so a cell that exists after
/// all is not replaced.
const NOT_THERE: Version = Version::MAX;

/// The result of a debit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debit {
    /// Whether the request may proceed.
    pub admission: Admission,
    /// Whether the cell's bytes could not be read, so that counting started afresh.
    pub restarted: bool,
    /// The time that decided: the request's, or that of a second look at the clock.
    pub now: Timestamp,
}

/// Whether a request may proceed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The request was counted, and may proceed.
    Granted,
    /// A limit is used up.
    Exhausted(Violation),
    /// Every try failed, so the request could not be counted.
    Unavailable,
}

/// One worker's view of a counter. The worker admits a request only if the store confirms the state that it
/// remembers.
#[derive(Debug)]
pub struct Counter {
    key: String,
    /// The state as last seen, and a guess of its cell's version, if one can be made.
    ///
    /// The store does not report the version that a write made. The likely one is the version after the one
    /// replaced: it always is with one worker and one busy plan, and seldom with many. Since versions only
    /// grow, a wrong guess never equals the cell's version later.
    seen: Option<(CounterState, Option<Version>)>,
    /// Whether to write with the guessed version. A wrong guess costs a write that fails, so after one the
    /// cell is read first. A read also shows whether the guess would have been right, and guessing resumes
    /// when it would.
    guesses: bool,
    /// The buffer in which cells are encoded, kept to save allocations.
    cell: Vec<u8>,
}

// === impl Counter ===

impl Counter {
    /// A view of the counter at `key` in the store. Nothing is read yet.
    pub fn new(key: String) -> Self {
        Self { key, seen: None, guesses: true, cell: Vec::new() }
    }

    /// Admits a request at `now` and counts it on every limit in force, or does neither. `api` is the index
    /// of the request's API in the plan, if it has one.
    pub fn debit(
        &mut self,
        host: &(impl Clock + Store),
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
    ) -> Debit {
        let (mut restarted, mut now) = (false, now);
        let admission = self.try_debit(host, limits, api, &mut now, &mut restarted);
        Debit { admission, restarted, now }
    }

    /// The parts of quotas that a request which was just granted used up.
    pub fn warnings(&self, limits: &Limits, api: Option<usize>) -> Box<[Warning]> {
        match &self.seen {
            Some((state, _)) if !limits.warn_at().is_empty() => state.warnings(limits, api),
            _ => Box::default(),
        }
    }

    /// What is left of each limit in force, as last seen.
    pub fn balances<'l>(&self, limits: &'l Limits, api: Option<usize>, now: Timestamp) -> Vec<Balance<'l>> {
        self.seen.as_ref().map(|(state, _)| state.balances(limits, api, now)).unwrap_or_default()
    }

    /// What is left of every limit of the plan and of its APIs, read from the store afresh. An API's limit
    /// has the index of its API. Nothing is counted.
    pub fn peek<'l>(
        &self,
        store: &impl Store,
        limits: &'l Limits,
        now: Timestamp,
    ) -> Vec<(Option<usize>, Balance<'l>)> {
        self.get(store, &mut false).0.all_balances(limits, now)
    }

    fn try_debit(
        &mut self,
        host: &(impl Clock + Store),
        limits: &Limits,
        api: Option<usize>,
        now: &mut Timestamp,
        restarted: &mut bool,
    ) -> Admission {
        // The writes of other workers can only have used more. A limit that was used up then is still used up
        // now, unless time has renewed it. So a request over the limits is refused without asking the store.
        if let Some((state, _)) = &self.seen
            && let Some(violation) = check(state, host, limits, api, now)
        {
            return Admission::Exhausted(violation);
        }
        for _ in 0..MAX_TRIES {
            let (mut state, version) = match self.seen.take() {
                // The check above found that this state admits the request.
                Some((state, Some(version))) if self.guesses => (state, version),
                seen => {
                    let (state, version) = self.get(host, restarted);
                    self.guesses |= seen.is_some_and(|(_, guess)| guess == Some(version));
                    if let Some(violation) = check(&state, host, limits, api, now) {
                        self.seen = Some((state, Some(version)));
                        return Admission::Exhausted(violation);
                    }
                    (state, version)
                }
            };
            state.debit(limits, api, *now);
            state.forget(limits, *now);
            cell::encode(&state, &mut self.cell);
            if host.set(&self.key, &self.cell, version).is_ok() {
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

/// Why the limits in force do not admit a request at `now`, if they do not.
///
/// When a limit would start afresh, either the clock was set back, or this worker was held up after it read
/// the clock, while others counted on or forgot what was over. So the clock is read again, now that the state
/// is known: only a clock that was set back still shows a time before that state. If the cell changes after
/// that, the write fails, and the new cell is checked like this one.
fn check(
    state: &CounterState,
    clock: &impl Clock,
    limits: &Limits,
    api: Option<usize>,
    now: &mut Timestamp,
) -> Option<Violation> {
    let mut looked_again = false;
    loop {
        let checked = state.check(limits, api, *now);
        if !checked.starts_afresh || looked_again {
            return checked.violation;
        }
        *now = clock.now();
        looked_again = true;
    }
}

#[cfg(test)]
mod tests;
