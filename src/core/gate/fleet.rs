//! Counting where an engine counts for several Envoys: a request may have to wait for it.

use super::call::Call;
use super::verdict::Verdict;
use super::{Clock, Gate, Store};
use crate::fleet::{Answer, Answered, Ask, CounterId, Ticket};
use crate::timestamp::Timestamp;

/// The result of counting.
#[derive(Debug)]
pub enum Counted {
    /// The request is decided.
    Decided(Verdict),
    /// The request waits for the engine.
    Waits(Waiting),
}

/// A request that waits for the engine. Whoever has it gives it back: to [`Gate::count_again`],
/// [`Gate::give_up`] or [`Gate::left`].
#[derive(Debug)]
pub struct Waiting {
    call: Call,
    counter: CounterId,
}

// === impl Waiting ===

impl Waiting {
    /// The counter at which it waits.
    pub fn counter(&self) -> CounterId {
        self.counter
    }
}

// === impl Gate ===

impl Gate {
    /// Counts a request that waited, after [`Wake::CountAgain`](crate::fleet::Wake).
    pub fn count_again(&self, waiting: Waiting, now: Timestamp, host: &(impl Clock + Store)) -> Counted {
        self.count(waiting.call, now, host)
    }

    /// Decides on a request that waited without the engine, as its plan says.
    pub fn give_up(&self, waiting: Waiting, now: Timestamp, host: &(impl Clock + Store)) -> Verdict {
        self.count_here(waiting.call, now, host)
    }

    /// Forgets a request that waited, because its caller has left.
    pub fn left(&self, waiting: Waiting) {
        drop(waiting);
    }

    /// Whether there is something to ask the engine. It costs nothing to know.
    pub fn wants_to_ask(&self) -> bool {
        false
    }

    /// What to ask the engine now, and what follows from not asking it. Each ask must be
    /// [answered](Self::answered). This is to be called when something [wants to
    /// ask](Self::wants_to_ask), and from time to time: an engine that was away is tried again here.
    pub fn asks(&self, now: Timestamp, host: &(impl Clock + Store)) -> (Vec<Ask>, Answered) {
        let _ = (now, host);
        (Vec::new(), Answered::default())
    }

    /// Hears what the engine answered.
    pub fn answered(
        &self,
        ticket: Ticket,
        answer: Answer,
        now: Timestamp,
        host: &(impl Clock + Store),
    ) -> Answered {
        let _ = (ticket, answer, now, host);
        Answered::default()
    }
}
