//! A pool: the tokens of one limit that the workers of this Envoy have from the engine of the fleet, and what
//! they know of the limit.
//!
//! A token is taken from the engine before a request uses it, so whatever dies, no request is admitted
//! twice: what is lost is unused. A pool is of one second, or of one period of a quota, and nothing of it is
//! used in the next.
//!
//! **Clock steps.** As in a [quota](super::quota), a reading up to a second before the span counts as within
//! it, because workers race. A reading further back begins an empty pool, for which the engine is asked.

use super::calendar::Span;
use super::limits::Pooled;
use crate::document::{Period, UtcOffset};
use crate::timestamp::{SECOND, Timestamp};

/// The number that stands for a remainder that is not known.
const UNKNOWN: u64 = u64::MAX;

/// The tokens of one limit, and what is known of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The second, or the period or what is left of it after a reset.
    pub(crate) span: Span,
    /// The tokens that no request has taken.
    pub(crate) tokens: u64,
    /// What the engine had left when it answered last, or [`UNKNOWN`].
    remaining: u64,
    /// The limit that the engine said is used up; 0 when it did not say so.
    spent_for: u64,
    /// When it said so last.
    pub(crate) spent_at: Timestamp,
    /// What was let through without a token and is not reported.
    pub(crate) debt: u64,
    /// What was let through without a token in this span, less what the engine has counted since.
    pub(crate) grace_used: u64,
}

/// The pool of one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PoolEntry {
    /// The id of the limit's scope.
    pub(super) scope: u64,
    /// The period and the offset of a quota; `None` for a rate.
    pub(super) of: Option<(Period, UtcOffset)>,
    pub(super) pool: Pool,
}

/// What a pool says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PoolCheck {
    /// There is a token.
    HasToken,
    /// There is none, and the engine has none either.
    Spent,
    /// There is none here.
    Lacks,
}

// === impl Pool ===

impl Pool {
    /// The number of numbers with which a pool is stored.
    pub(super) const NUMBERS: usize = 8;

    /// The empty pool of a span of which nothing is known.
    pub(crate) fn new(span: Span) -> Self {
        Self {
            span,
            tokens: 0,
            remaining: UNKNOWN,
            spent_for: 0,
            spent_at: Timestamp::default(),
            debt: 0,
            grace_used: 0,
        }
    }

    /// Whether this is the pool at `now`; otherwise that is an empty one of another span.
    #[inline]
    pub(super) fn is_current(&self, limit: Pooled<'_>, now: Timestamp) -> bool {
        let is_reset = self.span.start < limit.counts_from(now);
        now < self.span.end && !is_reset && !self.is_ahead_of(limit, now)
    }

    /// Whether its span began more than a second after `now`. A span that began with a reset stays in use
    /// for its whole period, or else the reset would be carried out twice.
    #[inline]
    pub(super) fn is_ahead_of(&self, limit: Pooled<'_>, now: Timestamp) -> bool {
        // Hardly any span begins later, and a comparison is all that this costs the others.
        self.span.start > now
            && self.span.start.saturating_since(now) > SECOND
            && limit.span_at(now).end != self.span.end
    }

    #[inline]
    pub(super) fn check(&self, limit: Pooled<'_>) -> PoolCheck {
        if self.tokens > 0 {
            PoolCheck::HasToken
        } else if self.is_spent(limit.max()) {
            PoolCheck::Spent
        } else {
            PoolCheck::Lacks
        }
    }

    /// What the engine had left when it answered last, if that is known.
    pub(crate) fn remaining(&self) -> Option<u64> {
        (self.remaining != UNKNOWN).then_some(self.remaining)
    }

    /// Remembers what the engine has left.
    pub(crate) fn set_remaining(&mut self, remaining: Option<u32>) {
        self.remaining = remaining.map_or(UNKNOWN, u64::from);
    }

    /// Whether the engine has said that this limit is used up.
    pub(crate) fn is_spent(&self, max: u32) -> bool {
        self.spent_for == u64::from(max)
    }

    /// Remembers that the engine has nothing left of this limit.
    pub(crate) fn set_spent(&mut self, max: u32, now: Timestamp) {
        (self.remaining, self.spent_for, self.spent_at) = (0, max.into(), now);
    }

    /// Forgets that the engine had nothing left.
    pub(crate) fn clear_spent(&mut self) {
        self.spent_for = 0;
    }

    /// What requests can still be let through by, as far as it is known: the tokens, and what the engine has
    /// left.
    pub(super) fn left(&self, limit: Pooled<'_>) -> u64 {
        let max = u64::from(limit.max());
        let left = self.tokens.saturating_add(self.remaining().unwrap_or(max));
        left.saturating_sub(self.debt).min(max)
    }

    pub(super) fn to_numbers(self) -> [u64; Self::NUMBERS] {
        let Self { span: Span { start, end }, tokens, remaining, spent_for, spent_at, debt, grace_used } =
            self;
        let [start, end, spent_at] = [start, end, spent_at].map(Timestamp::as_nanos);
        [start, end, tokens, remaining, spent_for, spent_at, debt, grace_used]
    }

    pub(super) fn from_numbers(numbers: [u64; Self::NUMBERS]) -> Self {
        let [start, end, tokens, remaining, spent_for, spent_at, debt, grace_used] = numbers;
        let [start, end, spent_at] = [start, end, spent_at].map(Timestamp::from_nanos);
        Self { span: Span { start, end }, tokens, remaining, spent_for, spent_at, debt, grace_used }
    }
}

// === impl PoolEntry ===

impl PoolEntry {
    #[inline]
    pub(super) fn is_of(&self, limit: Pooled<'_>) -> bool {
        self.scope == limit.scope && self.of == limit.period()
    }
}
