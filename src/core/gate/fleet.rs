//! Counting where an engine counts for several Envoys: a request may have to wait for it.

use std::cell::RefCell;

use super::call::Call;
use super::counters::Counters;
use super::verdict::Verdict;
use super::waiting::{Counted, Waiting};
use super::{Clock, Gate, Store};
use crate::fleet::{Answer, Answered, Ask, Asker, CounterId, Outcome, Ticket, Turn};
use crate::limit::{Admission, Drawn, Taken};
use crate::reply::limit_headers;
use crate::timestamp::Timestamp;

// === impl Gate ===

impl Gate {
    /// Counts a request that waited, after [`Wake::CountAgain`](crate::fleet::Wake).
    #[cold]
    pub fn count_again(&self, waiting: Waiting, now: Timestamp, host: &(impl Clock + Store)) -> Counted {
        let Waiting { call, counter } = waiting;
        match self.with_asker(|asker| asker.count_again(Turn { counter, api: call.api, now }, host)) {
            Some(Outcome::Waits) => Counted::Waits(Waiting { call, counter }),
            Some(Outcome::Drawn(drawn)) => Counted::Decided(self.decided(call, counter, drawn)),
            None => Counted::Decided(self.decided(call, counter, Drawn::unavailable(now))),
        }
    }

    /// Decides on a request that waited without the engine, as its plan says.
    #[cold]
    pub fn give_up(&self, waiting: Waiting, now: Timestamp, host: &(impl Clock + Store)) -> Verdict {
        let Waiting { call, counter } = waiting;
        let drawn = self.with_asker(|asker| asker.give_up(Turn { counter, api: call.api, now }, host));
        self.decided(call, counter, drawn.unwrap_or_else(|| Drawn::unavailable(now)))
    }

    /// Forgets a request that waited, because its caller has left.
    #[cold]
    pub fn left(&self, waiting: Waiting) {
        let _ = self.with_asker(|asker| asker.forget(waiting.counter, waiting.call.api));
    }

    /// Whether there is something to ask the engine. It costs next to nothing to know.
    #[inline]
    pub fn wants_to_ask(&self) -> bool {
        self.asker.as_ref().is_some_and(|asker| asker.borrow().wants_to_ask())
    }

    /// What to ask the engine now, and what follows from not asking it. Each ask is to be
    /// [answered](Self::answered). This is to be called when something [wants to ask](Self::wants_to_ask),
    /// and from time to time whether something does or not: an engine that was away is tried here.
    #[cold]
    pub fn asks(&self, now: Timestamp, store: &impl Store) -> (Vec<Ask>, Answered) {
        self.with_asker(|asker| asker.asks(now, store)).unwrap_or_default()
    }

    /// Hears what the engine answered.
    #[cold]
    pub fn answered(&self, ticket: Ticket, answer: Answer, now: Timestamp, store: &impl Store) -> Answered {
        self.with_asker(|asker| asker.answered(ticket, answer, now, store)).unwrap_or_default()
    }

    /// Counts the request of a known caller on a plan of which an engine counts limits.
    #[inline(never)]
    pub(super) fn count_pooled(
        &self,
        asker: &RefCell<Asker>,
        counters: &Counters,
        call: Call,
        now: Timestamp,
        host: &(impl Clock + Store),
    ) -> Counted {
        let mut borrowed = asker.borrow_mut();
        let counter = counters.pooled(&mut borrowed, &self.config, &call);
        let outcome = borrowed.count(Turn { counter, api: call.api, now }, host);
        drop(borrowed);
        match outcome {
            Outcome::Drawn(drawn) => Counted::Decided(self.decided(call, counter, drawn)),
            Outcome::Waits => Counted::Waits(Waiting { call, counter }),
        }
    }

    fn with_asker<T>(&self, use_asker: impl FnOnce(&mut Asker) -> T) -> Option<T> {
        self.asker.as_ref().map(|asker| use_asker(&mut asker.borrow_mut()))
    }

    fn decided(&self, call: Call, counter: CounterId, drawn: Drawn) -> Verdict {
        let which = self.config.options().rate_limit_headers;
        let admission = match drawn.taken {
            Taken::Granted => Admission::Granted,
            Taken::Exhausted(violation) => Admission::Exhausted(violation),
            Taken::Lacking | Taken::Unavailable => Admission::Unavailable,
        };
        let Some(asker) = &self.asker else {
            return self.conclude(call, (admission, drawn.now), drawn.restarted, Box::default(), Vec::new());
        };
        let asker = asker.borrow();
        let balances = if which.tencent || which.ietf {
            asker.balances(counter, call.api, drawn.now)
        } else {
            Vec::new()
        };
        let headers = limit_headers(which, &balances, drawn.now);
        let is_granted = admission == Admission::Granted;
        let warnings = if is_granted { asker.warnings(counter, call.api) } else { Box::default() };
        self.conclude(call, (admission, drawn.now), drawn.restarted, warnings, headers)
    }
}
