//! What a worker does with its lease, apart from using it. It is out of line, because most counters never
//! reserve.

use super::super::cell;
use super::super::held::Held;
use super::super::lease::Lease;
use super::super::limits::Limits;
use super::super::state::{CounterState, Violation};
use super::{Clock, Counter, MAX_TRIES, Store, check};
use crate::timestamp::Timestamp;

// === impl Counter ===

impl Counter {
    /// Gives back what this worker has reserved and not used. Whoever drops a counter does this first, or a
    /// quota has less left than it should.
    pub fn give_back(&mut self, store: &impl Store, limits: &Limits) {
        let Some(held) = self.held.take().filter(|held| held.is_lease() && held.unused() > 0) else { return };
        self.seen = None;
        for _ in 0..MAX_TRIES {
            let Some((bytes, version)) = store.get(&self.key) else { return };
            let Some(mut state) = cell::decode(&bytes) else { return };
            state.close(limits, &held, None);
            cell::encode(&state, &mut self.cell);
            if store.set(&self.key, &self.cell, version).is_ok() {
                return;
            }
        }
    }

    /// Remembers what was just reserved or counted, and the time from which it is not used.
    #[inline(never)]
    pub(super) fn hold(
        &mut self,
        held: Option<(Lease, Timestamp)>,
        state: &CounterState,
        limits: &Limits,
        api: Option<usize>,
    ) {
        self.held = held.map(|(lease, until)| {
            let spans = if lease.count > 1 { state.spans(limits, api) } else { Box::default() };
            Held::new(lease, api, until, spans)
        });
    }

    /// Checks a state that was just read, without the worker's own lease: that state if the request is
    /// admitted, or else the one that was read, and why.
    #[inline(never)]
    pub(super) fn close_and_check(
        &mut self,
        state: CounterState,
        clock: &impl Clock,
        limits: &Limits,
        api: Option<usize>,
        now: &mut Timestamp,
    ) -> Result<CounterState, (CounterState, Violation)> {
        let Some(held) = self.held.as_mut() else { return Ok(state) };
        let first = *now;
        let mut closed = state.clone();
        closed.close(limits, held, Some((api, first)));
        let mut violation = check(&closed, clock, limits, api, now);
        if *now < first {
            // The clock was set back, so what was forgotten as a second old may not be.
            closed.clone_from(&state);
            closed.close(limits, held, Some((api, *now)));
            violation = closed.check(limits, api, *now).violation;
        }
        match violation {
            Some(violation) => {
                held.is_closed = false;
                Err((state, violation))
            }
            None => Ok(closed),
        }
    }
}
