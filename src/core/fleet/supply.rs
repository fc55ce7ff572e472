//! The supply of one limit of one counter on one worker: when to ask the engine, for how much, and what its
//! answer means for the pool. It is pure: it sees the pool and says what changes.
//!
//! Much is asked for at a time while much is left, and little near the end, so that few tokens lie unused in
//! pools when the limit is used up. A worker has one ask in flight for a limit.

use std::time::Duration;

use super::ask::Answer;
use super::demand::Demand;
use super::terms::{InFlight, Meaning, Request, Terms};
use crate::document::EngineKind;
use crate::limit::Pool;
use crate::limit::calendar::Span;
use crate::timestamp::{SECOND, Timestamp};

/// How much a call may take of what is left, if not for requests that wait.
const PART: u64 = 16;

/// How far ahead tokens of a rate are taken, and the span in which demand is measured.
const AHEAD: Duration = Duration::from_millis(50);
const MEASURED: Duration = Duration::from_millis(100);

/// A quota is taken ahead for a fifth of a second.
const QUOTA_AHEAD: u64 = 5;

/// How long a quota that is used up is believed to be: an operator can give some of it back.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// How carefully a quota is asked for. A call that had no answer may have been counted, or may yet be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    None,
    /// First it is looked what is left.
    Look,
    /// Then one token is asked for.
    One,
}

/// The supply of one limit of one counter on one worker.
#[derive(Debug)]
pub(super) struct Supply {
    is_quota: bool,
    demand: Demand,
    /// How many requests wait here.
    pub(super) waiting: u32,
    pub(super) in_flight: Option<InFlight>,
    /// With fewer tokens than this, more are asked for.
    refill_below: u64,
    care: Care,
    /// Whether it is among those that want to ask.
    pub(super) is_listed: bool,
    /// How many tokens requests have taken that no metric has counted.
    pub(super) used: u64,
}

// === impl Supply ===

impl Supply {
    pub(super) fn new(is_quota: bool) -> Self {
        Self {
            is_quota,
            demand: Demand::new(if is_quota { SECOND } else { MEASURED }),
            waiting: 0,
            in_flight: None,
            refill_below: 0,
            care: Care::None,
            is_listed: false,
            used: 0,
        }
    }

    /// Hears that a request needs a token, which it has from the pool or waits for.
    #[inline]
    pub(super) fn needs(&mut self, now: Timestamp) {
        self.demand.add(now);
    }

    /// Whether a pool that was just drawn from should be refilled, or has debt.
    #[inline]
    pub(super) fn is_low(&self, pool: &Pool, max: u32) -> bool {
        (pool.tokens < self.refill_below && !pool.is_spent(max)) || pool.debt > 0
    }

    /// Whether a limit that is used up may not be any more.
    #[cold]
    pub(super) fn asks_again(&self, pool: &Pool, max: u32, now: Timestamp) -> bool {
        self.is_quota && pool.is_spent(max) && now >= pool.spent_at.saturating_add(ASK_AGAIN)
    }

    /// Whether no ask is in flight.
    pub(super) fn is_free(&self, now: Timestamp) -> bool {
        self.in_flight.is_none_or(|asked| now >= asked.lost_at)
    }

    /// What to ask now, if anything.
    pub(super) fn next(&mut self, terms: Terms, pool: &Pool, now: Timestamp) -> Option<Request> {
        if !self.is_free(now) {
            return None;
        }
        let looks = terms.engine != EngineKind::Limitador;
        if pool.debt > 0 {
            let cap = pool.remaining().map_or(1, |left| cap(terms, left));
            let is_known = pool.remaining().is_some_and(|left| left > 0) && self.care != Care::Look;
            return Some(if is_known || !looks {
                Request::Debt(clamp(pool.debt.min(cap)))
            } else {
                Request::Look
            });
        }
        if pool.is_spent(terms.max) {
            let request = if looks { Request::Look } else { Request::Tokens(1) };
            return self.asks_again(pool, terms.max, now).then_some(request);
        }
        let need = u64::from(self.waiting).saturating_sub(pool.tokens);
        let size = self.size(terms, pool, need, now);
        self.refill_below = if size > 1 { u64::from(size).div_ceil(3) } else { 0 };
        if need == 0 && pool.tokens >= self.refill_below {
            return None;
        }
        Some(if self.care == Care::Look && looks { Request::Look } else { Request::Tokens(size) })
    }

    /// Remembers an ask.
    pub(super) fn send(&mut self, terms: Terms, asked: (u32, Request, Span), now: Timestamp) {
        let (serial, request, span) = asked;
        let lost_at = now.saturating_add(terms.timeout.saturating_mul(2));
        self.in_flight = Some(InFlight { serial, request, span, lost_at });
    }

    /// Whether requests wait for what is there, or in vain.
    pub(super) fn is_served(&self, pool: &Pool, max: u32) -> bool {
        self.waiting > 0 && (pool.tokens > 0 || pool.is_spent(max))
    }

    /// What an answer means. Changes the pool, which must be that of `now`.
    pub(super) fn answered(
        &self,
        terms: Terms,
        asked: InFlight,
        answer: Answer,
        pool: &mut Pool,
        now: Timestamp,
    ) -> Meaning {
        let is_late = asked.span != pool.span;
        match (asked.request, answer) {
            (Request::Tokens(hits), Answer::Granted { .. }) if is_late => Meaning::Late(hits),
            (Request::Debt(hits), Answer::Granted { .. }) if is_late => Meaning::Reported(hits),
            (Request::Debt(hits), _) if is_late => Meaning::Spent(hits.into()),
            (_, Answer::Granted { .. } | Answer::OverLimit { .. }) if is_late => Meaning::Less,
            (Request::Tokens(hits), Answer::Granted { remaining }) => {
                pool.tokens = pool.tokens.saturating_add(hits.into());
                know(terms, pool, remaining, now);
                Meaning::Granted(hits)
            }
            (Request::Debt(hits), Answer::Granted { remaining }) => {
                pool.grace_used = pool.grace_used.saturating_sub(hits.into());
                know(terms, pool, remaining, now);
                Meaning::Reported(hits)
            }
            (Request::Look, Answer::Granted { remaining }) if remaining > 0 => {
                pool.clear_spent();
                pool.set_remaining(Some(remaining));
                Meaning::Looked
            }
            (request, Answer::OverLimit { remaining }) if remaining > 0 => {
                give_back(request, pool);
                pool.set_remaining(Some(remaining));
                Meaning::Less
            }
            (Request::Tokens(2..), Answer::OverLimit { .. }) if terms.engine == EngineKind::Limitador => {
                // It counted nothing, and does not say what is left.
                pool.set_remaining(Some(1));
                Meaning::Less
            }
            (request, Answer::Granted { .. } | Answer::OverLimit { .. }) => {
                give_back(request, pool);
                let debt = std::mem::take(&mut pool.debt);
                pool.set_spent(terms.max, now);
                Meaning::Spent(debt)
            }
            (request, Answer::Failed) => {
                if !is_late {
                    // It may have been counted, and then it is counted twice, which exceeds no quota.
                    give_back(request, pool);
                }
                Meaning::Failed
            }
        }
    }

    /// Remembers how an ask ended.
    pub(super) fn ended(&mut self, terms: Terms, request: Request, meaning: Meaning) {
        self.in_flight = None;
        self.care = match (meaning, request) {
            (Meaning::Failed, _) if terms.is_quota => Care::Look,
            (Meaning::Looked, _) if self.care == Care::Look => Care::One,
            (Meaning::Granted(_), _) => Care::None,
            _ => self.care,
        };
    }

    /// How much to ask for, for as many requests that wait.
    fn size(&mut self, terms: Terms, pool: &Pool, need: u64, now: Timestamp) -> u32 {
        if self.care != Care::None {
            return 1;
        }
        let used = self.demand.recent(now);
        let ahead = if terms.is_quota {
            used / QUOTA_AHEAD
        } else {
            // As much as is used in the time ahead, and a fifth more.
            let ahead = AHEAD.min(pool.span.end.saturating_since(now)).as_micros();
            let micros = u64::try_from(ahead).unwrap_or(0).saturating_mul(6);
            used.saturating_mul(micros) / 500_000
        };
        // A second begins with all of a rate, as far as anybody knows.
        let is_new = terms.engine == EngineKind::UsagePlan || !terms.is_quota;
        let unknown = if is_new { terms.max.into() } else { 1 };
        let left = pool.remaining().unwrap_or(unknown);
        let size = match terms.engine {
            EngineKind::UsagePlan => need.max(1).min(left.max(1)).max(ahead.min(part(left))),
            // What does not fit is refused, and burns what is left, or says nothing of it.
            EngineKind::Envoyproxy | EngineKind::Limitador => need.max(ahead).max(1).min(part(left)),
        };
        clamp(size.min(terms.max.into()))
    }
}

/// A part of what is left, and one at least.
fn part(left: u64) -> u64 {
    (left / PART).max(1)
}

/// The largest piece in which debt is reported.
fn cap(terms: Terms, left: u64) -> u64 {
    if terms.engine == EngineKind::UsagePlan { left } else { part(left) }
}

fn clamp(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// Remembers what the engine has left after it granted something.
fn know(terms: Terms, pool: &mut Pool, remaining: u32, now: Timestamp) {
    match remaining {
        // It may say nothing of what is left.
        0 if terms.engine == EngineKind::Limitador => pool.set_remaining(None),
        0 => pool.set_spent(terms.max, now),
        _ => {
            pool.clear_spent();
            pool.set_remaining(Some(remaining));
        }
    }
}

/// Makes debt again what was not counted.
fn give_back(request: Request, pool: &mut Pool) {
    if let Request::Debt(hits) = request {
        pool.debt = pool.debt.saturating_add(hits.into());
    }
}

#[cfg(test)]
mod tests;
