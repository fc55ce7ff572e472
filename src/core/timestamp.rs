//! Points in time of a wall clock, in nanoseconds since the Unix epoch.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// One second, the span that rates and clock steps are measured against.
pub const SECOND: Duration = Duration::from_secs(1);

// === impl Timestamp ===

impl Timestamp {
    /// The last representable time, in the year 2554. It stands for "never".
    pub const NEVER: Self = Self(u64::MAX);

    /// The time `nanos` nanoseconds after the Unix epoch.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000_000
    }

    /// Parses a time in the form of RFC 3339; `None` when `text` has a different form or is not within 1970
    /// to 2554.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        u64::try_from(time.unix_timestamp_nanos()).ok().map(Self)
    }

    /// The time in UTC, in the form of RFC 3339.
    pub fn to_rfc3339(self) -> String {
        // Every timestamp lies between 1970 and 2554, which both conversions can express.
        let time = OffsetDateTime::from_unix_timestamp_nanos(self.0.into());
        time.ok().and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
    }

    /// The span from `earlier` to this time; zero when this time is before `earlier`.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// The time `span` after this one, at most [`NEVER`](Self::NEVER).
    pub fn saturating_add(self, span: Duration) -> Self {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

impl From<SystemTime> for Timestamp {
    /// A time before the epoch becomes the epoch.
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::default().saturating_add(since)
    }
}

/// `span` in whole seconds, rounded up, so that a `Retry-After` made from it is never early.
pub fn ceil_seconds(span: Duration) -> u64 {
    span.as_secs().saturating_add(u64::from(span.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_second_counts_as_a_whole_one() {
        assert_eq!(ceil_seconds(Duration::ZERO), 0);
        assert_eq!(ceil_seconds(Duration::from_nanos(1)), 1);
        assert_eq!(ceil_seconds(SECOND), 1);
        assert_eq!(ceil_seconds(SECOND + Duration::from_nanos(1)), 2);
    }

    #[test]
    fn arithmetic_saturates_at_both_ends_of_time() {
        let end = Timestamp::from_nanos(u64::MAX);
        assert_eq!(end.saturating_add(Duration::MAX), end);
        assert_eq!(Timestamp::default().saturating_since(end), Duration::ZERO);
        assert_eq!(Timestamp::from(UNIX_EPOCH - SECOND), Timestamp::default());
    }
}
