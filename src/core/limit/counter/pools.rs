//! Counting where an engine counts for several Envoys: a request takes a token of every pool, or of none.
//! Nothing is reserved here, because tokens are had ahead of need anyway.

use std::borrow::Cow;

use super::super::cell;
use super::super::decision::Decision;
use super::super::drawn::{Drawn, Taken};
use super::super::limits::{Balance, Limits, Pooled};
use super::super::pool::Pool;
use super::super::state::{CounterState, Violation};
use super::super::versions::Version;
use super::{Clock, Counter, MAX_TRIES, Store};
use crate::timestamp::Timestamp;

// === impl Counter ===

impl Counter {
    /// Admits a request at `now`, takes a token of every pool in force for it and counts it on every other
    /// limit, or does nothing of it. Without the engine, the plan's policy decides where there is no token.
    #[inline(never)]
    pub fn draw(
        &mut self,
        host: &(impl Clock + Store),
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
        without_engine: bool,
    ) -> Drawn {
        let mut drawn = Drawn::unavailable(now);
        let (mut must_read, mut failed) = (false, None);
        for _ in 0..MAX_TRIES {
            let is_read = must_read || !self.guesses || self.seen.is_none();
            if is_read
                && !must_read
                && let Some((state, _)) = &self.seen
                && let Some(violation) =
                    self.check_drawn(state, host, limits, api, without_engine, &mut drawn)
            {
                drawn.taken = Taken::Exhausted(violation);
                return drawn;
            }
            let seen = if is_read { None } else { self.seen.take() };
            let (mut state, version) = match seen {
                Some(seen) => seen,
                None => self.read(host, failed, &mut drawn.restarted),
            };
            let violation = self.check_drawn(&state, host, limits, api, without_engine, &mut drawn);
            if let Some(violation) = violation {
                self.seen = Some((state, version));
                drawn.taken = Taken::Exhausted(violation);
                return drawn;
            }
            if drawn.taken != Taken::Granted {
                self.seen = Some((state, version));
                if is_read {
                    return drawn;
                }
                // Another worker may have put tokens into the pool.
                must_read = true;
                continue;
            }
            let (debt, written_off) = state.take(limits, api, drawn.now);
            state.debit(limits, api, drawn.now, None);
            let written_off = written_off.saturating_add(state.forget(limits, drawn.now));
            if let Some(seen) = self.write(host, state, version) {
                self.seen = Some(seen);
                return Drawn { debt, written_off, ..drawn };
            }
            (failed, must_read) = (Some(version), false);
        }
        Drawn { taken: Taken::Unavailable, ..drawn }
    }

    /// Changes the pool of a limit in the store. Returns how much debt was given up with it, because its
    /// period is over; `None` if the pool could not be changed.
    pub fn change_pool(
        &mut self,
        store: &impl Store,
        limit: Pooled<'_>,
        now: Timestamp,
        change: &mut dyn FnMut(&mut Pool),
    ) -> Option<u64> {
        for _ in 0..MAX_TRIES {
            let (mut state, version) = self.read(store, None, &mut false);
            let written_off = state.change_pool(limit, now, &mut *change);
            if let Some(seen) = self.write(store, state, version) {
                self.seen = Some(seen);
                return Some(written_off);
            }
        }
        None
    }

    /// Whether the pool of a limit has debt, as last seen, of a period that is over.
    pub fn has_past_debt(&self, limit: Pooled<'_>, now: Timestamp) -> bool {
        self.seen.as_ref().is_some_and(|(state, _)| state.has_past_debt(limit, now))
    }

    /// The pool of a limit at `now`, as last seen.
    #[inline]
    pub fn pool(&self, limit: Pooled<'_>, now: Timestamp) -> Cow<'_, Pool> {
        match &self.seen {
            Some((state, _)) => state.pool_at(limit, now),
            None => Cow::Owned(Pool::new(limit.span_at(now))),
        }
    }

    /// What is left of each limit in force, as last seen, also of those that an engine counts.
    pub fn pooled_balances<'l>(
        &self,
        limits: &'l Limits,
        api: Option<usize>,
        now: Timestamp,
    ) -> Vec<Balance<'l>> {
        let Some((state, _)) = &self.seen else { return Vec::new() };
        let mut balances = Vec::new();
        let (plan, api) = limits.scopes(api);
        state.add_balances(&mut balances, limits, plan, now);
        if let Some(api) = api {
            state.add_balances(&mut balances, limits, api, now);
        }
        balances
    }

    /// Checks a request on all limits in force: why it is refused, if it is, or else what it gets is in
    /// `drawn`. When a limit would start afresh, the clock is read again, for the reason that
    /// [`check`](super::check) gives.
    fn check_drawn(
        &self,
        state: &CounterState,
        clock: &impl Clock,
        limits: &Limits,
        api: Option<usize>,
        without_engine: bool,
        drawn: &mut Drawn,
    ) -> Option<Violation> {
        let mut looked_again = false;
        loop {
            let own = state.check(limits, api, drawn.now);
            let mut pools = state.check_pools(limits, api, drawn.now, without_engine);
            if (own.starts_afresh || pools.starts_afresh) && !looked_again {
                drawn.now = clock.now();
                looked_again = true;
                continue;
            }
            pools.add(own.violation);
            drawn.decisions = pools.decisions;
            drawn.taken = if pools.lacks {
                Taken::Lacking
            } else if drawn.decisions.has(Decision::Deny) {
                Taken::Unavailable
            } else {
                Taken::Granted
            };
            return pools.violation;
        }
    }

    /// Reads the cell. `failed` is the version with which it could not be written.
    fn read(
        &mut self,
        store: &impl Store,
        failed: Option<Version>,
        restarted: &mut bool,
    ) -> (CounterState, Version) {
        let (state, version) = self.get(store, restarted);
        match self.seen.take().map_or(failed, |(_, expected)| Some(expected)) {
            Some(expected) if expected == version => self.guesses = true,
            Some(_) => store.missed(version),
            None => {}
        }
        (state, version)
    }

    /// Writes the cell, if it still has this version.
    fn write(
        &mut self,
        store: &impl Store,
        state: CounterState,
        version: Version,
    ) -> Option<(CounterState, Version)> {
        cell::encode(&state, &mut self.cell);
        let Ok(version) = store.set(&self.key, &self.cell, version) else {
            self.guesses = false;
            return None;
        };
        Some((state, version))
    }
}
