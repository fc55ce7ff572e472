//! The result of taking tokens for a request.

use super::decision::Decisions;
use super::state::Violation;
use crate::timestamp::Timestamp;

/// The result of taking tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Whether the request may proceed.
    pub taken: Taken,
    /// Whether the cell's bytes could not be read, so that counting started afresh.
    pub restarted: bool,
    /// The time that decided: the request's, or that of a second look at the clock.
    pub now: Timestamp,
    /// What decided in place of the engine.
    pub decisions: Decisions,
    /// How much debt the request made.
    pub debt: u32,
    /// How much debt was given up with it, because its period is over.
    pub written_off: u64,
}

/// Whether a request may proceed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The request was counted, and may proceed.
    Granted,
    /// A limit is used up.
    Exhausted(Violation),
    /// There is no token for it, and the engine may have some.
    Lacking,
    /// The request could not be counted.
    Unavailable,
}

// === impl Drawn ===

impl Drawn {
    /// The request could not be counted.
    pub(crate) fn unavailable(now: Timestamp) -> Self {
        let decisions = Decisions::default();
        Self { taken: Taken::Unavailable, restarted: false, now, decisions, debt: 0, written_off: 0 }
    }
}
