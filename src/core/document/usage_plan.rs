//! Usage plans: what their keys may call, and how much of it.

use std::fmt;

use crate::timestamp::Timestamp;

/// What its keys may call in its environments, and how much of it.
#[derive(Debug, Default)]
pub struct UsagePlan {
    /// Unique among usage plans.
    pub id: String,
    /// For people.
    pub name: String,
    /// Requests admitted in any second; `None` is no limit.
    pub max_requests_per_second: Option<u64>,
    /// Makes the plan a token bucket of this size, refilled at `max_requests_per_second`.
    pub burst: Option<u64>,
    /// Requests admitted in a period of the calendar.
    pub quotas: Vec<Quota>,
    /// What has a counter of its own.
    pub counter_per: CounterPer,
    /// Tighter limits on some of the requests; the first that matches holds.
    pub apis: Vec<Api>,
    /// Whether what exceeds the plan is refused.
    pub enforcement: Enforcement,
    /// A label for people.
    pub region: String,
    /// A note for people.
    pub remark: String,
    /// The `secret_id`s bound to the plan.
    pub keys: Vec<String>,
    /// The environments bound to the plan.
    pub environments: Vec<EnvironmentRef>,
    /// When it was made, for people.
    pub created_at: Option<Timestamp>,
}

/// Requests admitted in a period of the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// How many; `None` is no limit.
    pub max_requests: Option<u64>,
    /// When it renews.
    pub period: Period,
    /// Where on Earth the period begins.
    pub utc_offset: UtcOffset,
}

/// How long a quota lasts before it renews.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Period {
    /// To the full hour.
    Hour,
    /// To midnight.
    Day,
    /// To midnight before Monday.
    Week,
    /// To the first of the month.
    Month,
    /// To the first of January.
    Year,
    /// For ever.
    #[default]
    Total,
}

/// How far local time is ahead of UTC, in minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UtcOffset(pub i16);

/// What has a counter of its own; neither: the plan as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CounterPer {
    /// Each key.
    pub key: bool,
    /// Each environment of each service.
    pub environment: bool,
}

/// A tighter limit on the requests of some methods to some paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Api {
    /// Upper case; none: any.
    pub methods: Vec<String>,
    /// The path that goes upstream, exact, or `/orders/*`: all below it, by whole segments.
    pub path: String,
    /// Requests admitted in any second; `None` is no limit.
    pub max_requests_per_second: Option<u64>,
    /// Requests admitted in a period of the calendar.
    pub quotas: Vec<Quota>,
}

/// Whether what would be refused is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    /// It is.
    #[default]
    Enforce,
    /// It passes, and is counted as what it would have been.
    Observe,
}

/// An environment of a service.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct EnvironmentRef {
    /// The service's id.
    pub service: String,
    /// The environment's name.
    pub environment: String,
}

// === impl UtcOffset ===

impl fmt::Display for UtcOffset {
    /// As the document has it: `+08:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let minutes = self.0.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

// === impl Period ===

impl Period {
    /// Every period there is.
    pub const ALL: [Self; 6] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year, Self::Total];

    /// The word in the document and in limit headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::Total => "total",
        }
    }
}
