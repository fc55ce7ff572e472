//! Counting requests by tokens, and keeping account of those that wait for some.

use super::{Asker, Counted, MOST_WAITING, OfLimit};
use crate::fleet::ask::CounterId;
use crate::fleet::breaker::Phase;
use crate::fleet::event::What;
use crate::fleet::outcome::Outcome;
use crate::fleet::supply::Supply;
use crate::limit::{Clock, Decision, Decisions, Drawn, Pool, Store, Taken};
use crate::timestamp::Timestamp;

// === impl Asker ===

impl Asker {
    /// Counts a request.
    #[inline(never)]
    pub fn count(
        &mut self,
        id: CounterId,
        api: Option<usize>,
        now: Timestamp,
        host: &(impl Clock + Store),
    ) -> Outcome {
        self.count_at(id, api, now, host, true)
    }

    /// Counts a request that waited.
    #[cold]
    pub fn count_again(
        &mut self,
        id: CounterId,
        api: Option<usize>,
        now: Timestamp,
        host: &(impl Clock + Store),
    ) -> Outcome {
        self.leave(id, api);
        let outcome = self.count_at(id, api, now, host, false);
        if let Outcome::Drawn(drawn) = &outcome {
            self.end_of_wait(id, after_wait(drawn));
        }
        outcome
    }

    /// Decides on a request that waited without the engine.
    #[cold]
    pub fn give_up(
        &mut self,
        id: CounterId,
        api: Option<usize>,
        now: Timestamp,
        host: &(impl Clock + Store),
    ) -> Drawn {
        self.leave(id, api);
        let drawn = self.decide_alone(id, api, now, host);
        self.end_of_wait(id, after_wait(&drawn));
        drawn
    }

    /// Forgets a request that waited.
    #[cold]
    pub fn forget(&mut self, id: CounterId, api: Option<usize>) {
        self.leave(id, api);
        self.end_of_wait(id, What::WaitLeft);
    }

    fn count_at(
        &mut self,
        id: CounterId,
        api: Option<usize>,
        now: Timestamp,
        host: &(impl Clock + Store),
        is_new: bool,
    ) -> Outcome {
        let Some(counted) = self.counters.get_mut(id.place()) else {
            return Outcome::Drawn(Drawn::unavailable(now));
        };
        let drawn = counted.draw(api, now, host, false);
        if drawn.taken != Taken::Lacking {
            self.follow(id, api, &drawn, is_new);
            return Outcome::Drawn(drawn);
        }
        let is_open = self.breaker.phase(host, drawn.now) != Phase::Closed;
        if is_open || self.waiting >= MOST_WAITING {
            return Outcome::Drawn(self.decide_alone(id, api, drawn.now, host));
        }
        self.is_blocked = false;
        self.waiting = self.waiting.saturating_add(1);
        self.list_in_force(id, api, drawn.now, |supply, pool, _| {
            if is_new {
                supply.needs(drawn.now);
            }
            supply.waiting = supply.waiting.saturating_add(1);
            u64::from(supply.waiting) > pool.tokens
        });
        Outcome::Waits
    }

    /// Counts a request without the engine, as its plan says.
    #[cold]
    fn decide_alone(
        &mut self,
        id: CounterId,
        api: Option<usize>,
        now: Timestamp,
        host: &(impl Clock + Store),
    ) -> Drawn {
        let Some(counted) = self.counters.get_mut(id.place()) else { return Drawn::unavailable(now) };
        let drawn = counted.draw(api, now, host, true);
        self.follow(id, api, &drawn, true);
        // The engine is tried for this limit, and asked for it when it is back.
        self.list_in_force(id, api, drawn.now, |_, pool, _| pool.tokens == 0);
        drawn
    }

    /// Keeps account of a request that is decided.
    #[inline]
    fn follow(&mut self, id: CounterId, api: Option<usize>, drawn: &Drawn, is_new: bool) {
        let is_granted = drawn.taken == Taken::Granted;
        self.list_in_force(id, api, drawn.now, |supply, pool, max| {
            if !is_granted {
                return supply.asks_again(pool, max, drawn.now);
            }
            if is_new {
                supply.needs(drawn.now);
            }
            supply.used = supply.used.saturating_add(1);
            supply.is_low(pool, max)
        });
        if drawn.decisions != Decisions::default() {
            self.follow_decisions(id, drawn);
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
    }

    fn end_of_wait(&mut self, id: CounterId, what: What) {
        let plan = self.counters.get(id.place()).map(|counted| counted.plan);
        self.note(plan, None, what, 1);
    }

    /// Lists those supplies of the limits in force that want to ask, as `wants` says, and have no ask in
    /// flight.
    #[inline]
    fn list_in_force(
        &mut self,
        id: CounterId,
        api: Option<usize>,
        now: Timestamp,
        mut wants: impl FnMut(&mut Supply, &Pool, u32) -> bool,
    ) {
        let Self { counters, supplies, listed, .. } = self;
        let Some(Counted { counter, description, first, .. }) = counters.get(id.place()) else { return };
        for (place, limit) in description.limits.pooled_in_force(api) {
            let place = first.saturating_add(place);
            let Some(OfLimit { supply, .. }) = supplies.get_mut(place) else { continue };
            let pool = counter.pool(limit, now);
            if wants(supply, &pool, limit.max()) && !supply.is_listed && supply.is_free(now) {
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

// === impl Counted ===

impl Counted {
    #[inline]
    fn draw(
        &mut self,
        api: Option<usize>,
        now: Timestamp,
        host: &(impl Clock + Store),
        without_engine: bool,
    ) -> Drawn {
        self.counter.draw(host, &self.description.limits, api, now, without_engine)
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
