//! A plan's counter, whose state is in a shared store and debited by compare-and-swap
//! (`docs/rules.md#counters`).

mod leases;
mod pools;

use super::cell;
use super::held::Held;
use super::lease::Lease;
use super::limits::{Balance, Limits, Warning};
use super::state::{CounterState, Violation};
use super::versions::Version;
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

    /// Replaces the cell of `key` if it still has `version`, or makes it if there is none. `version` is
    /// never zero, with which Envoy would overwrite any cell. Returns the version of the new cell, or one
    /// that is lower: a write with that one fails.
    ///
    /// # Errors
    ///
    /// The cell has a different version, or the store cannot be written.
    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict>;

    /// Hears that a cell was read with the version `found`, and not with the one that [`set`](Self::set)
    /// returned for it. A store that knows its versions does not care.
    fn missed(&self, found: Version) {
        let _ = found;
    }
}

/// The cell had a different version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict;

/// The version with which a cell is set that does not exist: no cell ever has it, so a cell that exists
/// after all is not replaced.
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
    /// The state as last seen, and the version that its cell had, or a lower one. Since versions only grow,
    /// a lower one is never the cell's again.
    seen: Option<(CounterState, Version)>,
    /// Whether to write with that version. A wrong one costs a write that fails, so after one the cell is
    /// read first. A read also shows whether the version would have been right, and writing without a read
    /// resumes when it would.
    guesses: bool,
    /// What this worker has reserved and not yet taken out, where it may reserve.
    held: Option<Held>,
    /// How many admissions the worker has use for in the time of a lease.
    demand: u32,
    /// The buffer in which cells are encoded, kept to save allocations.
    cell: Vec<u8>,
}

// === impl Counter ===

impl Counter {
    /// A view of the counter at `key` in the store. Nothing is read yet.
    pub fn new(key: String) -> Self {
        Self { key, seen: None, guesses: true, held: None, demand: 1, cell: Vec::new() }
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

    /// What is left of each limit in force, as last seen, and with what is left of the worker's own lease.
    pub fn balances<'l>(&self, limits: &'l Limits, api: Option<usize>, now: Timestamp) -> Vec<Balance<'l>> {
        let Some((state, _)) = &self.seen else { return Vec::new() };
        let mut balances = state.balances(limits, api, now);
        let left = self.held.as_ref().map_or(0, |held| held.left(api));
        if left > 0 {
            for balance in &mut balances {
                balance.remaining = balance.remaining.saturating_add(left).min(balance.limit);
            }
        }
        balances
    }

    /// What is left of every limit of the plan and of its APIs, read from the store afresh. An API's limit
    /// has the index of its API. What workers have reserved counts as used. Nothing is counted.
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
        if let Some(held) = &mut self.held {
            if held.admits(api, *now) {
                return Admission::Granted;
            }
            self.demand = held.demand(self.demand, *now);
            if let Some((state, _)) = &mut self.seen
                && !held.is_closed
            {
                state.close(limits, held, None);
                held.is_closed = true;
            }
        }
        // The writes of other workers have used more, or given back little. A limit that was used up then is
        // still used up now, unless time has renewed it. So a request over the limits is refused without
        // asking the store.
        if let Some((state, _)) = &self.seen
            && let Some(violation) = check(state, host, limits, api, now)
        {
            return Admission::Exhausted(violation);
        }
        let mut failed = None;
        for _ in 0..MAX_TRIES {
            let (mut state, version) = match self.seen.take() {
                // The check above found that this state admits the request.
                Some(seen) if self.guesses => seen,
                seen => {
                    let (state, version) = self.get(host, restarted);
                    match seen.map_or(failed, |(_, expected)| Some(expected)) {
                        Some(expected) if expected == version => self.guesses = true,
                        Some(_) => host.missed(version),
                        None => {}
                    }
                    if self.held.as_ref().is_some_and(Held::is_lease) {
                        match self.close_and_check(state, host, limits, api, now) {
                            Ok(state) => (state, version),
                            Err((state, violation)) => {
                                self.seen = Some((state, version));
                                return Admission::Exhausted(violation);
                            }
                        }
                    } else {
                        if let Some(violation) = check(&state, host, limits, api, now) {
                            self.seen = Some((state, version));
                            return Admission::Exhausted(violation);
                        }
                        (state, version)
                    }
                }
            };
            let mut held = None;
            if limits.allow_leases(api) {
                let (most, until) = state.most(limits, api, *now);
                let count = u32::try_from(most).unwrap_or(u32::MAX).min(self.demand).max(1);
                held = Some((Lease { id: version, opened: *now, count }, until));
            }
            let lease = held.map(|(lease, _)| lease).filter(|lease| lease.count > 1);
            state.debit(limits, api, *now, lease);
            state.forget(limits, *now);
            cell::encode(&state, &mut self.cell);
            if let Ok(version) = host.set(&self.key, &self.cell, version) {
                if held.is_some() || self.held.is_some() {
                    self.hold(held, &state, limits, api);
                }
                self.seen = Some((state, version));
                return Admission::Granted;
            }
            failed = Some(version);
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
/// the clock, while others counted on or forgot what was over. So the clock is read again, now that the
/// state is known: only a clock that was set back still shows a time before that state. If the cell changes
/// after that, the write fails, and the new cell is checked like this one.
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
