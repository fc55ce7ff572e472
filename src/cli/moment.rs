//! Moments, as the document writes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use usage_plan_core::document::decode::moment;
use usage_plan_core::timestamp::Timestamp;

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

/// A moment as RFC 3339 or HTTP writes it.
pub(super) fn parse(text: &str) -> Result<Timestamp, String> {
    let http = || httpdate::parse_http_date(text).ok().map(Timestamp::from);
    moment(text).or_else(http).ok_or_else(|| {
        "is no moment such as 2026-12-31T23:59:59Z, nor a date of HTTP such as Thu, 31 Dec 2026 23:59:59 GMT".to_owned()
    })
}

/// `moment` as HTTP writes dates, rounded down to the second.
pub(super) fn http_date(moment: Timestamp) -> String {
    let since = Duration::from_secs(moment.as_secs());
    httpdate::fmt_http_date(UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH))
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

    #[test]
    fn moments_are_read_as_the_document_and_as_http_write_them() {
        for text in ["1994-11-06T08:49:37Z", "1994-11-06T09:49:37+01:00", "Sun, 06 Nov 1994 08:49:37 GMT"] {
            let moment = parse(text).expect(text);
            assert_eq!(http_date(moment), "Sun, 06 Nov 1994 08:49:37 GMT");
        }
        assert!(parse("yesterday").is_err());
    }
}
