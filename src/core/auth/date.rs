//! The dates that a caller signs: `X-Date` and `Date` (`docs/rules.md#dates`).

use std::cell::RefCell;
use std::time::Duration;

use super::date_name::DateName;
use super::failure::Failure;
use crate::document::{DateHeader, Options};
use crate::request::{Headers, Occurrence};
use crate::timestamp::Timestamp;

/// The date that was parsed last. Requests of the same second carry the same string, so most strings are
/// compared instead of parsed.
#[derive(Default)]
pub struct LastDate(RefCell<(Vec<u8>, Timestamp)>);

// === impl LastDate ===

impl LastDate {
    fn parse(&self, value: &[u8]) -> Option<Timestamp> {
        let mut last = self.0.borrow_mut();
        if value.is_empty() || last.0 != value {
            let date = httpdate::parse_http_date(std::str::from_utf8(value).ok()?).ok()?;
            last.0.clear();
            last.0.extend_from_slice(value);
            last.1 = date.into();
        }
        Some(last.1)
    }
}

// === impl DateName ===

impl DateName {
    /// Whether this date, when it is signed, is compared with the clock.
    pub fn is_checked(self, options: &Options) -> bool {
        self != Self::Date || options.date_header != DateHeader::Unchecked
    }

    /// Reads the header: an HTTP date (RFC 9110 section 5.6.7) in any of its three forms.
    ///
    /// # Errors
    ///
    /// [`Failure::DateInvalid`]: the header is absent or repeated, or its value is not an HTTP date.
    pub fn read(self, headers: Headers<'_>, last: &LastDate) -> Result<Timestamp, Failure> {
        let Occurrence::Once(value) = headers.occurrence(self.name().as_bytes()) else {
            return Err(Failure::DateInvalid(self));
        };
        last.parse(value).ok_or(Failure::DateInvalid(self))
    }

    /// Checks that `date` is at most `skew` before or after `now`.
    ///
    /// # Errors
    ///
    /// [`Failure::DateOutOfRange`]: the date is further from `now`.
    pub fn check(self, date: Timestamp, now: Timestamp, skew: Duration) -> Result<(), Failure> {
        let apart = now.saturating_since(date).max(date.saturating_since(now));
        if apart > skew { Err(Failure::DateOutOfRange(self)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::timestamp::SECOND;

    const NANOSECOND: Duration = Duration::from_nanos(1);

    fn read(value: &[u8]) -> Option<u64> {
        DateName::XDate
            .read(Headers::new(&[(b"x-date", value)]), &LastDate::default())
            .ok()
            .map(Timestamp::as_secs)
    }

    #[test]
    fn the_three_forms_of_an_http_date_are_read() {
        for form in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(read(form.as_bytes()), Some(784_111_777), "{form}");
        }
    }

    #[test]
    fn a_string_that_is_not_an_http_date_is_invalid() {
        for other in [
            "",
            "1521461320",
            "2018-03-19T12:08:40Z",
            "Mon, 19 Mar 2018 12:08:40 +0800",
            "Mon, 32 Mar 2018 12:08:40 GMT",
        ] {
            assert_eq!(read(other.as_bytes()), None, "{other}");
        }
        assert_eq!(read(b"Mon, 19 Mar 2018 12:08:40 GM\xff"), None);
    }

    #[test]
    fn the_skew_is_inclusive_before_and_after_the_clock() {
        let (now, skew) = (Timestamp::from_nanos(1_521_461_320_000_000_000), Duration::from_secs(900));
        let check = |date| DateName::Date.check(date, now, skew);
        let shift = |span: Duration, late: bool| {
            let nanos = u64::try_from(span.as_nanos()).expect("small");
            let now = now.as_nanos();
            Timestamp::from_nanos(if late { now + nanos } else { now - nanos })
        };
        for late in [true, false] {
            assert_eq!(check(shift(skew, late)), Ok(()));
            assert_eq!(check(shift(skew - NANOSECOND, late)), Ok(()));
            let out = Err(Failure::DateOutOfRange(DateName::Date));
            assert_eq!(check(shift(skew + NANOSECOND, late)), out);
            assert_eq!(check(shift(skew + SECOND, late)), out);
        }
    }

    #[test]
    fn a_date_is_not_mistaken_for_the_one_read_before_it() {
        let last = LastDate::default();
        let dates = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT", "x", ""];
        for (date, seconds) in dates.iter().zip([Some(784_111_777), Some(784_111_778), None, None]) {
            for _ in 0..2 {
                assert_eq!(last.parse(date.as_bytes()).map(Timestamp::as_secs), seconds, "{date}");
            }
        }
        assert_eq!(last.parse(dates[1].as_bytes()).map(Timestamp::as_secs), Some(784_111_778));
    }

    proptest! {
        #[test]
        fn reading_any_bytes_does_not_panic(value in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&value);
        }

        #[test]
        fn every_second_until_9999_is_read_back(seconds in 0u64..253_402_300_800) {
            let time = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
            let seconds = seconds.min(u64::MAX / 1_000_000_000);
            prop_assert_eq!(read(httpdate::fmt_http_date(time).as_bytes()), Some(seconds));
        }
    }
}
