//! Counting requests by tokens, and keeping account of those that wait for some.

use super::{Asker, Counted, MOST_WAITING, OfLimit};
use crate::fleet::ask::CounterId;
use crate::fleet::breaker::Phase;
use crate::fleet::event::What;
use crate::fleet::outcome::Outcome;
use crate::fleet::supply::Supply;
use crate::fleet::turn::Turn;
use crate::limit::{Clock, Decision, Decisions, Drawn, Pool, Store, Taken};

// === impl Asker ===

impl Asker {
    /// Counts a request.
    #[inline(never)]
    pub fn count(&mut self, turn: Turn, host: &(impl Clock + Store)) -> Outcome {
        self.count_at(turn, host, true)
    }

    /// Counts a request that waited.
    #[cold]
    pub fn count_again(&mut self, turn: Turn, host: &(impl Clock + Store)) -> Outcome {
        self.leave(turn.counter, turn.api);
        let outcome = self.count_at(turn, host, false);
        if let Outcome::Drawn(drawn) = &outcome {
            self.end_of_wait(turn.counter, after_wait(drawn));
        }
        outcome
    }

    /// Decides on a request that waited without the engine.
    #[cold]
    pub fn give_up(&mut self, turn: Turn, host: &(impl Clock + Store)) -> Drawn {
        self.leave(turn.counter, turn.api);
        let drawn = self.decide_alone(turn, host);
        self.end_of_wait(turn.counter, after_wait(&drawn));
        drawn
    }

    /// Forgets a request that waited.
    #[cold]
    pub fn forget(&mut self, id: CounterId, api: Option<usize>) {
        self.leave(id, api);
        self.end_of_wait(id, What::WaitLeft);
    }

    fn count_at(&mut self, turn: Turn, host: &(impl Clock + Store), is_new: bool) -> Outcome {
        let drawn = self.draw(turn, host, false);
        if drawn.taken != Taken::Lacking {
            self.follow(turn, &drawn, is_new);
            return Outcome::Drawn(drawn);
        }
        let turn = Turn { now: drawn.now, ..turn };
        let is_open = self.breaker.phase(host, turn.now) != Phase::Closed;
        if is_open || self.waiting >= MOST_WAITING {
            return Outcome::Drawn(self.decide_alone(turn, host));
        }
        self.is_blocked = false;
        self.waiting = self.waiting.saturating_add(1);
        self.list_in_force(turn, |supply, pool, _| {
            if is_new {
                supply.needs(turn.now);
            }
            supply.waiting = supply.waiting.saturating_add(1);
            u64::from(supply.waiting) > pool.tokens
        });
        Outcome::Waits
    }

    /// Counts a request without the engine, as its plan says.
    #[cold]
    fn decide_alone(&mut self, turn: Turn, host: &(impl Clock + Store)) -> Drawn {
        let drawn = self.draw(turn, host, true);
        self.follow(turn, &drawn, true);
        // The engine is tried for this limit, and asked for it when it is back.
        self.list_in_force(Turn { now: drawn.now, ..turn }, |_, pool, _| pool.tokens == 0);
        drawn
    }

    /// Takes tokens for a request, or decides on it without the engine.
    #[inline]
    fn draw(&mut self, turn: Turn, host: &(impl Clock + Store), without_engine: bool) -> Drawn {
        let Some(counted) = self.counters.get_mut(turn.counter.place()) else {
            return Drawn::unavailable(turn.now);
        };
        counted.counter.draw(host, &counted.description.limits, turn.api, turn.now, without_engine)
    }

    /// Keeps account of a request that is decided.
    #[inline]
    fn follow(&mut self, turn: Turn, drawn: &Drawn, is_new: bool) {
        let (now, is_granted) = (drawn.now, drawn.taken == Taken::Granted);
        self.list_in_force(Turn { now, ..turn }, |supply, pool, max| {
            if !is_granted {
                return supply.asks_again(pool, max, now);
            }
            if is_new {
                supply.needs(now);
            }
            supply.used = supply.used.saturating_add(1);
            supply.is_low(pool, max)
        });
        if drawn.decisions != Decisions::default() || drawn.written_off > 0 {
            self.follow_decisions(turn.counter, drawn);
        }
    }

    #[cold]
    fn follow_decisions(&mut self, id: CounterId, drawn: &Drawn) {
        let plan = self.counters.get(id.place()).map(|counted| counted.plan);
        for decision in drawn.decisions.iter() {
            let what = match decision {
                Decision::LocalShare => What::PolicyLocalShare,
                Decision::Deny => What::PolicyDeny,
                Decision::Allow => What::PolicyAllow,
                Decision::Grace => What::PolicyGrace,
            };
            self.note(plan, None, what, 1);
        }
        self.note(plan, None, What::DebtTaken, drawn.debt.into());
        self.note(plan, None, What::DebtWrittenOff, drawn.written_off);
    }

    fn end_of_wait(&mut self, id: CounterId, what: What) {
        let plan = self.counters.get(id.place()).map(|counted| counted.plan);
        self.note(plan, None, what, 1);
    }

    /// Lists those supplies of the limits in force that want to ask, as `wants` says, and have no ask in
    /// flight.
    #[inline]
    fn list_in_force(&mut self, turn: Turn, mut wants: impl FnMut(&mut Supply, &Pool, u32) -> bool) {
        let Self { counters, supplies, listed, .. } = self;
        let Some(Counted { counter, description, first, .. }) = counters.get(turn.counter.place()) else {
            return;
        };
        for (place, limit) in description.limits.pooled_in_force(turn.api) {
            let place = first.saturating_add(place);
            let Some(OfLimit { supply, .. }) = supplies.get_mut(place) else { continue };
            let pool = counter.pool(limit, turn.now);
            if wants(supply, &pool, limit.max()) && !supply.is_listed && supply.is_free(turn.now) {
                supply.is_listed = true;
                listed.push(place);
            }
        }
    }

    fn leave(&mut self, id: CounterId, api: Option<usize>) {
        self.waiting = self.waiting.saturating_sub(1);
        let Some(counted) = self.counters.get(id.place()) else { return };
        for (place, _) in counted.description.limits.pooled_in_force(api) {
            if let Some(of_limit) = self.supplies.get_mut(counted.first.saturating_add(place)) {
                of_limit.supply.waiting = of_limit.supply.waiting.saturating_sub(1);
            }
        }
    }
}

/// How the wait of a request ended that is decided.
fn after_wait(drawn: &Drawn) -> What {
    match drawn.taken {
        _ if drawn.decisions != Decisions::default() => What::WaitPolicy,
        Taken::Exhausted(_) => What::WaitRefused,
        _ => What::WaitWoken,
    }
}
