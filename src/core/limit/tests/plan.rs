//! The limits of the explored plans, as the counter takes them and as the promise reads them.

use super::super::Limits;
use crate::document::{Api, Period, Quota, UtcOffset};
use crate::timestamp::Timestamp;

/// The numbers of a plan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers {
    pub(super) rate: Option<u64>,
    pub(super) burst: Option<u64>,
    /// The quota in an hour.
    pub(super) hourly: Option<u64>,
    /// When the quota is reset, in nanoseconds since the Unix epoch.
    pub(super) reset: Option<u64>,
    /// The path and the rate of an API.
    pub(super) api: Option<(&'static str, u64)>,
    /// Whether workers may reserve, however small the rate is.
    pub(super) leases: bool,
}

/// A plan.
pub(super) struct Plan {
    numbers: Numbers,
    pub(super) limits: Limits,
    /// The limits with one request more each.
    pub(super) lax: Limits,
    /// The limits without the reset.
    pub(super) unaware: Limits,
    /// The limits with a second reset, a nanosecond after the first.
    pub(super) twice: Limits,
}

/// A limit of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// The path of the API whose limit it is; empty for the plan's.
    scope: &'static str,
    pub(super) bound: Bound,
}

/// What a limit promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// At most this many in a second.
    Second(u64),
    /// At most `burst` and `per_second` for each second.
    Bucket { burst: u64, per_second: u64 },
    /// At most this many in an hour of the clock, and again from a reset in it to its end.
    Hour(u64),
}

// === impl Numbers ===

impl Numbers {
    fn limits(self) -> Limits {
        let quota = |max| Quota { max_requests: Some(max), period: Period::Hour, utc_offset: UtcOffset(0) };
        let api = |(path, rate): (&str, u64)| Api {
            path: path.to_owned(),
            max_requests_per_second: Some(rate),
            ..Api::default()
        };
        let quotas: Vec<Quota> = self.hourly.map(quota).into_iter().collect();
        let apis: Vec<Api> = self.api.map(api).into_iter().collect();
        let resets = self.reset.map(|at| (Timestamp::from_nanos(at), None));
        let limits = Limits::new(self.rate, self.burst, &quotas, &apis).with_resets(resets);
        if self.leases { limits.with_leases(2, 6) } else { limits }
    }

    fn and_one(self) -> Self {
        let more = |number: Option<u64>| number.map(|number| number + 1);
        let api = self.api.map(|(path, rate)| (path, rate + 1));
        // A bucket's rate stays, because its interval does.
        let rate = if self.burst.is_some() { self.rate } else { more(self.rate) };
        Self { rate, burst: more(self.burst), hourly: more(self.hourly), api, ..self }
    }
}

// === impl Plan ===

impl From<Numbers> for Plan {
    fn from(numbers: Numbers) -> Self {
        let reset = |reset| Numbers { reset, ..numbers }.limits();
        Self {
            numbers,
            limits: numbers.limits(),
            lax: numbers.and_one().limits(),
            unaware: reset(None),
            twice: reset(numbers.reset.map(|at| at + 1)),
        }
    }
}

impl Plan {
    /// When the quota is reset; 0 if it is not.
    pub(super) fn reset(&self) -> u64 {
        self.numbers.reset.unwrap_or_default()
    }

    /// Whether workers may reserve. What they hold unused is then refused, and what they use is not written.
    pub(super) fn has_leases(&self) -> bool {
        self.numbers.leases
    }

    /// The limits on a request.
    pub(super) fn rules(&self, of_api: bool) -> Vec<Rule> {
        let Numbers { rate, burst, hourly, api, .. } = self.numbers;
        let rate = match (rate, burst) {
            (Some(per_second), Some(burst)) => Some(Bound::Bucket { burst, per_second }),
            (rate, _) => rate.map(Bound::Second),
        };
        let plan = rate.into_iter().chain(hourly.map(Bound::Hour));
        let plan = plan.map(|bound| Rule { scope: "", bound });
        let api = api.filter(|_| of_api).map(|(scope, rate)| Rule { scope, bound: Bound::Second(rate) });
        plan.chain(api).collect()
    }
}

// === impl Rule ===

impl Rule {
    /// Whether the two are one limit, whose number may have changed.
    pub(super) fn is(self, other: Self) -> bool {
        let kind = |rule: Self| std::mem::discriminant(&rule.bound);
        self.scope == other.scope && kind(self) == kind(other)
    }
}
