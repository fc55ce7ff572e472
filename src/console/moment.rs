//! Moments, as the document writes them.

use std::time::SystemTime;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::time::Timestamp;

/// The present moment, to the second: nobody reads more of it in a document.
pub(super) fn now() -> Timestamp {
    let seconds = Timestamp::from(SystemTime::now()).as_secs();
    Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000))
}

/// `moment` as RFC 3339 writes it, in UTC.
pub(super) fn rfc3339(moment: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(moment.as_nanos().into()).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_in_utc_with_what_they_have_of_a_second() {
        assert_eq!(rfc3339(Timestamp::default()), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(Timestamp::from_nanos(1_795_321_348_500_000_000)), "2026-11-22T04:22:28.5Z");
        assert_eq!(rfc3339(Timestamp::NEVER), "2554-07-21T23:34:33.709551615Z");
        assert!(!rfc3339(now()).contains('.'));
    }
}
