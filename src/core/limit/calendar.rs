//! The calendar periods in which quotas are counted: finds the period that a time lies in
//! (`docs/rules.md#quotas`).
//!
//! The calendar is the Gregorian one at a fixed offset from UTC. It has no leap seconds, because the host's
//! clock has none.

use time::{Duration, OffsetDateTime, util};

use crate::document::{Period, UtcOffset};
use crate::timestamp::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// A calendar period, from `start`, inclusive, to `end`, exclusive. A period that never renews ends at
/// [`Timestamp::NEVER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first nanosecond of the period, at the earliest the Unix epoch.
    pub start: Timestamp,
    /// The first nanosecond of the next period.
    pub end: Timestamp,
}

/// The period that `now` lies in, by the calendar at `offset` from UTC.
#[inline(never)]
pub fn span(period: Period, offset: UtcOffset, now: Timestamp) -> Span {
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let local = now.saturating_add(i64::from(offset.0).saturating_mul(60));
    let date = OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::seconds(local)).date();
    let since_midnight = local.rem_euclid(DAY);
    let since = |days_before: i64| days_before.saturating_mul(DAY).saturating_add(since_midnight);
    let (elapsed, length) = match period {
        Period::Minute => (local.rem_euclid(MINUTE), MINUTE),
        Period::Hour => (local.rem_euclid(HOUR), HOUR),
        Period::Day => (since_midnight, DAY),
        Period::Week => (since(date.weekday().number_days_from_monday().into()), WEEK),
        Period::Month => {
            (since(i64::from(date.day()).saturating_sub(1)), days(date.month().length(date.year())))
        }
        Period::Year => {
            (since(i64::from(date.ordinal()).saturating_sub(1)), days(util::days_in_year(date.year())))
        }
        Period::Total => return Span { start: at(i64::MIN), end: at(i64::MAX) },
    };
    let start = now.saturating_sub(elapsed);
    Span { start: at(start), end: at(start.saturating_add(length)) }
}

/// A number of days, in seconds.
fn days(count: impl Into<i64>) -> i64 {
    count.into().saturating_mul(DAY)
}

/// The time `secs` seconds after the Unix epoch, clamped to the times that a [`Timestamp`] can represent.
fn at(secs: i64) -> Timestamp {
    let secs = u64::try_from(secs).unwrap_or(0);
    Timestamp::from_nanos(secs.saturating_mul(1_000_000_000))
}

#[cfg(test)]
mod tests;
