//! What a supply asks for, on which terms, and what the answer means.

use std::time::Duration;

use crate::document::EngineKind;
use crate::limit::calendar::Span;
use crate::timestamp::Timestamp;

/// What a supply asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// So many tokens.
    Tokens(u32),
    /// That so much debt is counted.
    Debt(u32),
    /// What is left.
    Look,
}

/// What a supply must know of its limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) engine: EngineKind,
    /// The largest number in a second or a period.
    pub(super) max: u32,
    pub(super) is_quota: bool,
    /// How long an answer may take. What has not come after twice that does not come.
    pub(super) timeout: Duration,
}

/// An ask that waits for its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    pub(super) serial: u32,
    pub(super) request: Request,
    pub(super) span: Span,
    /// When it has certainly been lost.
    pub(super) lost_at: Timestamp,
}

/// What an answer means, besides what it changes of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Tokens came.
    Granted(u32),
    /// Debt was counted.
    Reported(u32),
    /// The limit is used up, and so much debt is given up.
    Spent(u64),
    /// There is less than was asked for.
    Less,
    /// What is left is known.
    Looked,
    /// It came after its second or period.
    Late(u32),
    /// There was none.
    Failed,
}

// === impl Request ===

impl Request {
    /// How many tokens the engine is to count.
    pub(super) fn hits(self) -> u32 {
        match self {
            Self::Tokens(hits) | Self::Debt(hits) => hits,
            Self::Look => 0,
        }
    }
}
