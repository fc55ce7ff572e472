//! What a call asks for: which counter, which limit, and how much of it.

use usage_plan_core::document::{Period, UtcOffset};
use usage_plan_core::limit::calendar::{Span, span};
use usage_plan_core::timestamp::{SECOND, Timestamp};

use crate::counter::{Counter, QuotaCounter, WINDOW};
use crate::message::{RateLimitDescriptor, RateLimitRequest};

/// What a call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The counter.
    pub target: Target,
    /// The largest number of hits in a window or a period.
    pub limit: u32,
    /// The unit that the call gave. It decides nothing about a quota.
    pub unit: Unit,
    /// How much is asked for; 0 only looks.
    pub hits: u64,
}

/// A counter, of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A rate, whose windows are those of the engine's clock.
    Rate(Counter),
    /// A quota, whose period the call names.
    Quota(QuotaCounter),
}

/// `envoy.type.v3.RateLimitUnit`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day in UTC.
    Day,
    /// A calendar month in UTC.
    Month,
    /// A calendar year in UTC.
    Year,
}

/// Why a call is not answered with a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of reason it is.
    pub reason: Reason,
    /// The reason in words.
    pub message: String,
}

/// What kind of reason there is not to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The call breaks a rule.
    Invalid,
    /// The engine has no such domain.
    UnknownDomain,
    /// The period is over for so long that its counter may be forgotten.
    PeriodForgotten,
    /// Too much waits or is counted already.
    TooMuch,
    /// The store cannot be written.
    StoreFailed,
}

// === impl Ask ===

impl Ask {
    /// What a request asks for, of an engine that has these domains.
    ///
    /// # Errors
    ///
    /// The request breaks a rule. Then nothing is counted.
    pub fn of(request: RateLimitRequest, domains: &[String]) -> Result<Self, Refusal> {
        let RateLimitRequest { domain, descriptors, hits_addend } = request;
        if !domains.contains(&domain) {
            let message = format!("there is no domain {domain:?}: this engine serves {}", domains.join(", "));
            return Err(Refusal { reason: Reason::UnknownDomain, message });
        }
        let Ok([descriptor]) = <[RateLimitDescriptor; 1]>::try_from(descriptors) else {
            return Err(Refusal::invalid("a call needs one descriptor: all of it is granted, or nothing"));
        };
        if descriptor.is_negative_hits {
            return Err(Refusal::invalid("is_negative_hits: what was granted cannot be given back"));
        }
        let Some(limit) = descriptor.limit else {
            return Err(Refusal::invalid("the descriptor has no limit: this engine knows none by itself"));
        };
        let Some(unit) = Unit::of(limit.unit) else {
            return Err(Refusal::invalid(format!("limit.unit: there is no unit {}", limit.unit)));
        };
        let entries = descriptor.entries.into_iter().map(|entry| (entry.key, entry.value));
        let target = Counter::new(&domain, entries).and_then(Counter::quota).map_err(Refusal::invalid)?;
        let target = match target {
            Ok(quota) => Target::Quota(quota),
            Err(rate) => {
                unit.check(&rate).map_err(Refusal::invalid)?;
                Target::Rate(rate)
            }
        };
        let hits = descriptor.hits_addend.unwrap_or(u64::from(hits_addend.max(1)));
        Ok(Self { target, limit: limit.requests_per_unit, unit, hits })
    }
}

// === impl Unit ===

impl Unit {
    /// The unit with this number. 0 is none, and neither is 7, a week, which only answers may have.
    #[must_use]
    pub fn of(number: i32) -> Option<Self> {
        let units = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Month, Self::Year];
        units.into_iter().find(|unit| unit.number() == number)
    }

    /// The unit's number in the protocol.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Second => 1,
            Self::Minute => 2,
            Self::Hour => 3,
            Self::Day => 4,
            Self::Month => 5,
            Self::Year => 6,
        }
    }

    /// The unit's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.period().map_or("second", Period::name)
    }

    /// The window of this length that `now` lies in.
    #[must_use]
    pub fn window(self, now: Timestamp) -> Span {
        match self.period() {
            Some(period) => span(period, UtcOffset::default(), now),
            None => {
                let start = Timestamp::from_nanos(now.as_secs().saturating_mul(1_000_000_000));
                Span { start, end: start.saturating_add(SECOND) }
            }
        }
    }

    fn period(self) -> Option<Period> {
        match self {
            Self::Second => None,
            Self::Minute => Some(Period::Minute),
            Self::Hour => Some(Period::Hour),
            Self::Day => Some(Period::Day),
            Self::Month => Some(Period::Month),
            Self::Year => Some(Period::Year),
        }
    }

    /// A rate that says which window it means must say the one that its unit has.
    fn check(self, rate: &Counter) -> Result<(), String> {
        match rate.get(WINDOW) {
            Some(word) if word != self.word() => {
                Err(format!("{WINDOW} {word:?} is not limit.unit, {}", self.word()))
            }
            _ => Ok(()),
        }
    }
}

// === impl Refusal ===

impl Refusal {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { reason: Reason::Invalid, message: message.into() }
    }
}

#[cfg(test)]
mod tests;
