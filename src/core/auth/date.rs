//! The dates that a caller signs: `X-Date` and `Date` (`docs/rules.md#dates`).

mod http_date;

use std::cell::RefCell;
use std::time::Duration;

use super::date_name::DateName;
use super::failure::Failure;
use crate::document::{DateHeader, Options};
use crate::request::{Headers, Occurrence, is_same};
use crate::timestamp::Timestamp;

/// The date that was parsed last. Requests of the same second carry the same string, so most strings are
/// compared instead of parsed.
#[derive(Default)]
pub struct LastDate(RefCell<(Vec<u8>, Timestamp)>);

// === impl LastDate ===

impl LastDate {
    fn parse(&self, value: &[u8]) -> Option<Timestamp> {
        let mut last = self.0.borrow_mut();
        if value.is_empty() || !is_same(&last.0, value) {
            let date = http_date::parse(value)?;
            last.0.clear();
            last.0.extend_from_slice(value);
            last.1 = date;
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

    /// Reads the header: an HTTP date in any of its three forms.
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

    /// Checks that `date` is at most `skew` before or after `now`, in whole seconds: a signed date has no
    /// fraction, so a caller that is exactly `skew` late is accepted through that whole second.
    ///
    /// # Errors
    ///
    /// [`Failure::DateOutOfRange`]: the date is further from `now`.
    pub fn check(self, date: Timestamp, now: Timestamp, skew: Duration) -> Result<(), Failure> {
        let apart = now.as_secs().abs_diff(date.as_secs());
        if apart > skew.as_secs() { Err(Failure::DateOutOfRange(self)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_skew_is_inclusive_through_the_whole_second_before_and_after_the_clock() {
        let (second, skew) = (1_521_461_320, Duration::from_secs(900));
        let at = |seconds: u64, nanos: u64| Timestamp::from_nanos(seconds * 1_000_000_000 + nanos);
        for nanos in [0, 1, 500_000_000, 999_999_999] {
            let check = |date| DateName::Date.check(at(date, 0), at(second, nanos), skew);
            let out = Err(Failure::DateOutOfRange(DateName::Date));
            assert_eq!(check(second - 900), Ok(()), "{nanos}");
            assert_eq!(check(second + 900), Ok(()), "{nanos}");
            assert_eq!(check(second - 901), out, "{nanos}");
            assert_eq!(check(second + 901), out, "{nanos}");
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
}
