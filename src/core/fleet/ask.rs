//! What the engine is asked, what it answers, and what follows for requests that wait.

use super::event::Event;
use crate::limit::Unit;
use crate::limit::calendar::Span;

/// A call that the engine is to be asked, with one descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What the answer is given back with.
    pub ticket: Ticket,
    /// The descriptor's entries, in their order.
    pub entries: Vec<(&'static str, String)>,
    /// The limit, in requests per `unit` or per period.
    pub limit: u32,
    /// The unit of the limit.
    pub unit: Unit,
    /// How many tokens are asked for. 0 only looks, and must be sent as the descriptor's own `hits_addend`.
    pub hits: u32,
}

/// An ask that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The limit that was asked for, by its place among all of the gate.
    pub(crate) supply: u32,
    /// The number of the ask, which no other ask of the gate has.
    pub(crate) serial: u32,
    /// The second or the period for which it was asked.
    pub(crate) span: Span,
}

/// What the engine answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All that was asked for is granted.
    Granted {
        /// What is left after it.
        remaining: u32,
    },
    /// Nothing is granted.
    OverLimit {
        /// What is left, if the engine says so; else 0.
        remaining: u32,
    },
    /// There is no answer that means anything: an error, a timeout, other bytes, or `OK` without
    /// `current_limit`, with which an engine answers for a domain that it does not know.
    Failed,
}

/// A counter at which requests can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CounterId(pub(crate) u32);

// === impl CounterId ===

impl CounterId {
    pub(super) fn place(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// What becomes of requests that wait at a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wake {
    /// They are counted again: [`Gate::count_again`](crate::gate::Gate::count_again).
    CountAgain,
    /// The engine cannot be asked: [`Gate::give_up`](crate::gate::Gate::give_up).
    Policy,
}

/// What follows from asking, or from an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The counters whose requests no longer wait.
    pub wakes: Vec<(CounterId, Wake)>,
    /// What is to be counted in metrics: all that has happened since this was asked for last.
    pub events: Vec<Event>,
}
