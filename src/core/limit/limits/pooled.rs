//! The limits that an engine counts for several Envoys, whose tokens are in pools.

use super::limit::{Limit, LimitKind};
use super::rules::FleetRules;
use crate::document::{EngineKind, Period, QuotaDown, RateDown, UtcOffset};
use crate::limit::calendar::{self, Span};
use crate::limit::decision::Decision;
use crate::limit::quota::QuotaUsage;
use crate::limit::window::WindowLimit;
use crate::timestamp::{SECOND, Timestamp};

const DAY: u64 = 86_400;

/// A unit of time, with its number in `envoy.type.v3.RateLimitUnit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A second.
    Second = 1,
    /// A minute.
    Minute = 2,
    /// An hour.
    Hour = 3,
    /// A day.
    Day = 4,
    /// A month.
    Month = 5,
    /// A year.
    Year = 6,
}

/// A limit that an engine counts for several Envoys.
#[derive(Clone, Copy, Debug)]
pub struct Pooled<'l> {
    /// The id of the limit's scope: 0 for the plan.
    pub(crate) scope: u64,
    pub(in crate::limit) limit: &'l Limit,
    pub(in crate::limit) rules: FleetRules,
}

// === impl Pooled ===

impl Pooled<'_> {
    /// The limit's name.
    pub fn name(&self) -> &str {
        &self.limit.name
    }

    /// The number of requests that the limit admits in a second or a period. The document has none that is
    /// larger than the engine can count.
    pub fn max(&self) -> u32 {
        let max = match self.limit.kind {
            LimitKind::Window(window) => window.max,
            LimitKind::Quota(quota) => quota.max_requests,
            LimitKind::Bucket(_) => 0,
        };
        u32::try_from(max).unwrap_or(u32::MAX)
    }

    /// The period and the offset of a quota; `None` for a rate.
    pub fn period(&self) -> Option<(Period, UtcOffset)> {
        match self.limit.kind {
            LimitKind::Quota(quota) => Some((quota.period, quota.utc_offset)),
            _ => None,
        }
    }

    /// The second of the clock that `now` lies in, or the quota's period, or what is left of it after a
    /// reset.
    pub fn span_at(&self, now: Timestamp) -> Span {
        match self.limit.kind {
            LimitKind::Quota(quota) => QuotaUsage::new(self.limit.since_reset(quota, now), now).span,
            _ => {
                let start = Timestamp::from_nanos(now.as_secs().saturating_mul(1_000_000_000));
                Span { start, end: start.saturating_add(SECOND) }
            }
        }
    }

    /// The time of the last reset of a quota; the Unix epoch if there was none.
    #[inline]
    pub(in crate::limit) fn counts_from(&self, now: Timestamp) -> Timestamp {
        match self.limit.kind {
            LimitKind::Quota(quota) => self.limit.since_reset(quota, now).counts_from,
            _ => Timestamp::default(),
        }
    }

    /// The moment of the reset with which `span` of a quota began, if it did.
    pub fn reset_of(&self, span: Span) -> Option<Timestamp> {
        let LimitKind::Quota(quota) = self.limit.kind else { return None };
        (quota.period_at(span.start).start != span.start).then_some(span.start)
    }

    /// The unit in which the engine is asked about `span`; `None` if the engine cannot count it.
    ///
    /// envoyproxy/ratelimit counts in windows of its own, and begins a period afresh in which one of them
    /// ends. So the unit is the smallest whose window holds the whole period. It has weeks, but a call cannot
    /// say so.
    pub fn unit(&self, span: Span) -> Option<Unit> {
        let Some((period, offset)) = self.period() else { return Some(Unit::Second) };
        if self.rules.engine != EngineKind::Envoyproxy {
            // The period's id alone says what is counted.
            return Some(match period {
                Period::Minute => Unit::Minute,
                Period::Hour => Unit::Hour,
                Period::Day => Unit::Day,
                Period::Week | Period::Month => Unit::Month,
                Period::Year | Period::Total => Unit::Year,
            });
        }
        let whole = calendar::span(period, offset, span.start);
        let (first, last) = (whole.start.as_secs(), whole.end.as_secs().saturating_sub(1));
        let units = [
            (Unit::Minute, 60),
            (Unit::Hour, 3600),
            (Unit::Day, DAY),
            (Unit::Month, 30 * DAY),
            (Unit::Year, 365 * DAY),
        ];
        let holds = |length: u64| first.checked_div(length) == last.checked_div(length);
        units.into_iter().find(|(_, length)| holds(*length)).map(|(unit, _)| unit)
    }

    /// What the window of the rate admits while the engine cannot be asked; `None` for nothing.
    pub(in crate::limit) fn window_alone(&self) -> Option<WindowLimit> {
        let LimitKind::Window(window) = self.limit.kind else { return None };
        let share = window.max.checked_div(self.rules.envoys.into()).unwrap_or(window.max).max(1);
        match self.rules.down.rate.unwrap_or_default() {
            RateDown::LocalShare => Some(WindowLimit { max: share, ..window }),
            RateDown::Allow => Some(window),
            RateDown::Deny => None,
        }
    }

    /// How many requests may be let through in a period that the quota may not have.
    pub(in crate::limit) fn grace(&self) -> u64 {
        match self.rules.down.quota.unwrap_or_default() {
            QuotaDown::Grace => self.rules.down.grace_of(self.max().into()),
            QuotaDown::Deny => 0,
            QuotaDown::Allow => u64::MAX,
        }
    }

    /// Which of its policies lets a request through.
    pub(in crate::limit) fn decision(&self) -> Decision {
        match (self.limit.kind, self.rules.down.rate, self.rules.down.quota) {
            (LimitKind::Quota(_), _, Some(QuotaDown::Allow)) => Decision::Allow,
            (LimitKind::Quota(_), _, _) => Decision::Grace,
            (_, Some(RateDown::Allow), _) => Decision::Allow,
            _ => Decision::LocalShare,
        }
    }
}
