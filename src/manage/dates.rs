//! Dates and times as the document and HTTP write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use usage_plan_core::timestamp::Timestamp;

/// The present time, rounded down to the second: nobody reads more of it in a document.
#[expect(clippy::disallowed_methods, reason = "this is the clock of the command line")]
pub fn now() -> Timestamp {
    whole_seconds(Timestamp::from(SystemTime::now()))
}

/// `time` without the fraction of its second.
pub fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_nanos(time.as_secs().saturating_mul(1_000_000_000))
}

/// Reads a time as RFC 3339 or HTTP writes it. The error continues a sentence that begins with the text.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    let http = || httpdate::parse_http_date(text).ok().map(Timestamp::from);
    Timestamp::from_rfc3339(text).or_else(http).ok_or_else(|| {
        "is neither a time such as 2026-12-31T23:59:59Z \
         nor an HTTP date such as Thu, 31 Dec 2026 23:59:59 GMT"
            .to_owned()
    })
}

/// `time` as an HTTP date (RFC 9110, section 5.6.7), rounded down to the second.
pub fn http_date(time: Timestamp) -> String {
    let since = Duration::from_secs(time.as_secs());
    httpdate::fmt_http_date(UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_with_their_fraction_of_a_second() {
        assert_eq!(Timestamp::default().to_rfc3339(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::from_nanos(1_795_321_348_500_000_000).to_rfc3339(), "2026-11-22T04:22:28.5Z");
        assert_eq!(Timestamp::NEVER.to_rfc3339(), "2554-07-21T23:34:33.709551615Z");
        assert!(!now().to_rfc3339().contains('.'));
    }

    #[test]
    fn times_are_read_as_the_document_and_as_http_write_them() {
        for text in ["1994-11-06T08:49:37Z", "1994-11-06T09:49:37+01:00", "Sun, 06 Nov 1994 08:49:37 GMT"] {
            let time = parse(text).expect(text);
            assert_eq!(http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        }
        assert!(parse("yesterday").is_err());
    }
}
