//! A quota: at most a number of admissions in a period of the calendar (`docs/rules.md#quotas`).
//!
//! **Clock steps.** A clock reading up to a second before the period counts as within it. A reading further
//! back starts afresh in the period that it lies in, so a counter that sees one reads the clock
//! again ([`Check::Afresh`]): only a clock that was set back over a renewal shows such a time twice.
//!
//! **Resets.** A quota that is reset is counted anew in a span that begins at the reset and ends with the
//! period. The start of the stored span says whether a reset was carried out, so each is carried out once,
//! whichever worker is the first to know of it, and workers that do not know of it go on with its span.

use super::calendar::{self, Span};
use super::check::Check;
use crate::document::{Period, UtcOffset};
use crate::timestamp::{SECOND, Timestamp};

/// Of this many admissions that are left of a quota, a lease may hold one.
const ONE_IN: u64 = 256;

/// A quota as the document configures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuotaLimit {
    /// The largest number of admissions in a period, at least one.
    pub(super) max_requests: u64,
    /// The period, at whose end the quota renews.
    pub(super) period: Period,
    /// The offset from UTC at which the period begins.
    pub(super) utc_offset: UtcOffset,
    /// The time of the last reset; the Unix epoch if there was none. A reset in an earlier period has no
    /// effect.
    pub(super) counts_from: Timestamp,
}

/// How much of a quota is used in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuotaUsage {
    /// The period, or what is left of it after a reset.
    pub(super) span: Span,
    pub(super) used: u64,
}

// === impl QuotaLimit ===

impl QuotaLimit {
    /// The period that `now` lies in, by the calendar.
    pub(super) fn period_at(self, now: Timestamp) -> Span {
        calendar::span(self.period, self.utc_offset, now)
    }
}

// === impl QuotaUsage ===

impl QuotaUsage {
    /// The period of `limit` that `now` lies in, or what is left of it after a reset, with nothing used.
    pub(super) fn new(limit: QuotaLimit, now: Timestamp) -> Self {
        let Span { start, end } = limit.period_at(now);
        Self { span: Span { start: start.max(limit.counts_from), end }, used: 0 }
    }

    /// The usage at `now`: this one, or none if the quota was renewed or reset since.
    pub(super) fn at(self, limit: QuotaLimit, now: Timestamp) -> Self {
        let is_reset = self.span.start < limit.counts_from;
        let is_current = now < self.span.end && !is_reset && !self.is_ahead_of(limit, now);
        if is_current { self } else { Self::new(limit, now) }
    }

    /// Whether the period began more than a second after `now`, so that the quota starts afresh: the clock
    /// was set back, or `now` is an old reading.
    ///
    /// A span that began with a reset can begin after `now` although `now` is in the same period. It stays in
    /// use, or else the reset would be carried out again when the clock comes to it once more.
    fn is_ahead_of(self, limit: QuotaLimit, now: Timestamp) -> bool {
        self.span.start.saturating_since(now) > SECOND && limit.period_at(now).end != self.span.end
    }

    /// Whether fewer than the quota were admitted in the period that `now` lies in. A quota that never renews
    /// refuses until the end of time, [`Timestamp::NEVER`].
    pub(super) fn check(self, limit: QuotaLimit, now: Timestamp) -> Check {
        let current = self.at(limit, now);
        match limit.max_requests.saturating_sub(current.used).checked_sub(1) {
            Some(remaining) if self.is_ahead_of(limit, now) => Check::Afresh { remaining },
            Some(remaining) => Check::Admitted { remaining },
            None => Check::Refused { retry_at: current.span.end },
        }
    }

    /// Whether the last request that was counted used up this part of the quota. Requests are counted one by
    /// one there (see [`most`](Self::most)), so this is true once in a span, unless the quota is changed, or
    /// what was reserved before is given back late.
    pub(super) fn has_just_used(self, percent: u8, limit: QuotaLimit) -> bool {
        u128::from(self.used) == part(percent, limit)
    }

    /// Counts a request that [`check`](Self::check) admitted at the same time, and what is reserved with it.
    pub(super) fn debit(&mut self, limit: QuotaLimit, now: Timestamp, count: u32) {
        *self = self.at(limit, now);
        self.used = self.used.saturating_add(count.into());
    }

    /// Takes back what was reserved and not used, if that was counted in this span.
    pub(super) fn give_back(&mut self, unused: u32, span_start: Timestamp) {
        if self.span.start == span_start {
            self.used = self.used.saturating_sub(unused.into());
        }
    }

    /// The number of admissions that a worker may reserve at `now`, if it is at least 2. The last ones before
    /// the quota, or before a part of it that is reported, is used up are counted one by one.
    pub(super) fn most(self, limit: QuotaLimit, warn_at: &[u8], now: Timestamp) -> u64 {
        let used = self.at(limit, now).used;
        let parts = warn_at.iter().map(|percent| part(*percent, limit)).filter(|part| *part > used.into());
        let next = parts.min().map_or(limit.max_requests, |part| u64::try_from(part).unwrap_or(u64::MAX));
        next.min(limit.max_requests).saturating_sub(used) / ONE_IN
    }
}

/// The number of admissions that is so many percent of a quota, rounded up.
fn part(percent: u8, limit: QuotaLimit) -> u128 {
    u128::from(limit.max_requests).saturating_mul(percent.into()).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMIT: QuotaLimit = QuotaLimit {
        max_requests: 2,
        period: Period::Hour,
        utc_offset: UtcOffset(0),
        counts_from: Timestamp::from_nanos(0),
    };
    const HOUR: Duration = Duration::from_secs(3600);
    /// 2023-11-14T22:00:00Z
    const START: Timestamp = Timestamp::from_nanos(1_699_999_200_000_000_000);

    fn used(times: u32) -> QuotaUsage {
        let mut usage = QuotaUsage::new(LIMIT, START);
        (0..times).for_each(|_| usage.debit(LIMIT, START, 1));
        usage
    }

    #[test]
    fn the_quota_is_admitted_and_one_more_is_not_before_the_renewal() {
        assert_eq!(used(0).check(LIMIT, START), Check::Admitted { remaining: 1 });
        assert_eq!(used(1).check(LIMIT, START), Check::Admitted { remaining: 0 });
        let renewal = START.saturating_add(HOUR);
        let before = Timestamp::from_nanos(renewal.as_nanos() - 1);
        assert_eq!(used(2).check(LIMIT, before), Check::Refused { retry_at: renewal });
        assert_eq!(used(2).check(LIMIT, renewal), Check::Admitted { remaining: 1 });
    }

    #[test]
    fn a_quota_that_never_renews_is_refused_forever() {
        let total = QuotaLimit { period: Period::Total, ..LIMIT };
        let mut usage = QuotaUsage::new(total, START);
        usage.debit(total, START, 1);
        usage.debit(total, START.saturating_add(HOUR * 100_000), 1);
        let much_later = START.saturating_add(HOUR * 1_000_000);
        assert_eq!(usage.check(total, much_later), Check::Refused { retry_at: Timestamp::NEVER });
    }

    #[test]
    fn a_changed_quota_keeps_its_usage() {
        let more = QuotaLimit { max_requests: 5, ..LIMIT };
        assert_eq!(used(2).check(more, START), Check::Admitted { remaining: 2 });
        let fewer = QuotaLimit { max_requests: 1, ..LIMIT };
        assert!(matches!(used(2).check(fewer, START), Check::Refused { .. }));
    }

    #[test]
    fn a_clock_set_back_over_the_renewal_starts_afresh_but_a_small_step_does_not() {
        let back = |span: Duration| Timestamp::from_nanos(START.as_nanos() - span.as_nanos() as u64);
        assert!(matches!(used(2).check(LIMIT, back(SECOND)), Check::Refused { .. }));
        let further = back(SECOND + Duration::from_nanos(1));
        assert_eq!(used(2).check(LIMIT, further), Check::Afresh { remaining: 1 });
    }

    fn later(seconds: u32) -> Timestamp {
        START.saturating_add(SECOND * seconds)
    }

    /// The quota with a reset so many seconds after [`START`].
    fn reset(seconds: u32) -> QuotaLimit {
        QuotaLimit { counts_from: later(seconds), ..LIMIT }
    }

    #[test]
    fn a_reset_forgets_what_was_used_once_and_the_period_ends_as_before() {
        let mut usage = used(2);
        assert!(matches!(usage.check(LIMIT, later(60)), Check::Refused { .. }));
        assert_eq!(usage.check(reset(60), later(60)), Check::Admitted { remaining: 1 });
        (0..2).for_each(|_| usage.debit(reset(60), later(60), 1));
        let end = START.saturating_add(HOUR);
        assert_eq!(usage.span, Span { start: later(60), end });
        // Neither the same document again, nor an older one, nor the next period counts from there again.
        for limit in [reset(60), LIMIT, reset(30)] {
            assert_eq!(usage.check(limit, later(61)), Check::Refused { retry_at: end });
        }
        assert_eq!(usage.at(reset(60), end).span.start, end);
        assert_eq!(usage.check(reset(61), later(61)), Check::Admitted { remaining: 1 });
    }

    #[test]
    fn a_clock_that_is_set_back_before_a_reset_does_not_carry_it_out_again() {
        let mut usage = used(2);
        (0..2).for_each(|_| usage.debit(reset(60), later(60), 1));
        // A limit has only resets that are not after the time.
        assert!(matches!(usage.check(LIMIT, later(0)), Check::Refused { .. }));
        assert!(matches!(usage.check(reset(60), later(60)), Check::Refused { .. }));
    }

    #[test]
    fn a_part_of_a_quota_is_used_up_by_one_request_rounded_up() {
        for (max_requests, percent, expected) in
            [(10, 80, 8), (10, 81, 9), (3, 50, 2), (2, 1, 1), (1, 100, 1), (7, 100, 7)]
        {
            let limit = QuotaLimit { max_requests, ..LIMIT };
            let mut usage = QuotaUsage::new(limit, START);
            let requests: Vec<u64> = (1..=max_requests)
                .filter(|_| {
                    usage.debit(limit, START, 1);
                    usage.has_just_used(percent, limit)
                })
                .collect();
            assert_eq!(requests, [expected], "{percent} % of {max_requests}");
        }
        let most = QuotaLimit { max_requests: u64::MAX, ..LIMIT };
        assert!(QuotaUsage { used: u64::MAX, ..QuotaUsage::new(most, START) }.has_just_used(100, most));
    }

    #[test]
    fn a_quota_that_never_renews_can_be_reset() {
        let total = QuotaLimit { period: Period::Total, ..LIMIT };
        let reset = QuotaLimit { counts_from: later(60), ..total };
        let mut usage = QuotaUsage::new(total, START);
        (0..2).for_each(|_| usage.debit(total, START, 1));
        (0..2).for_each(|_| usage.debit(reset, later(60), 1));
        assert_eq!(usage.span, Span { start: later(60), end: Timestamp::NEVER });
        assert_eq!(usage.check(reset, later(90)), Check::Refused { retry_at: Timestamp::NEVER });
        assert_eq!(usage.check(total, later(0)), Check::Refused { retry_at: Timestamp::NEVER });
    }
}
