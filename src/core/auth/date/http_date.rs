//! Reads an HTTP date as callers write it (`docs/rules.md#dates`):
//!
//! ```text
//! HTTP-date = IMF-fixdate / rfc850-date / asctime-date        ; RFC 9110 section 5.6.7
//! zone      = "GMT" / "UTC"
//! ```
//!
//! Two things are laxer than in the RFC, because callers do them: Go's `time.RFC1123` writes the zone as
//! `UTC`, and a program that formats a date by hand can get the weekday wrong.

use time::{Date, Month, PrimitiveDateTime, Time};

use crate::timestamp::Timestamp;

/// The short name of each weekday, and what makes it the long one.
const WEEKDAYS: [(&[u8], &[u8]); 7] = [
    (b"Mon", b"day"),
    (b"Tue", b"sday"),
    (b"Wed", b"nesday"),
    (b"Thu", b"rsday"),
    (b"Fri", b"day"),
    (b"Sat", b"urday"),
    (b"Sun", b"day"),
];

const MONTHS: [(&[u8], Month); 12] = [
    (b"Jan", Month::January),
    (b"Feb", Month::February),
    (b"Mar", Month::March),
    (b"Apr", Month::April),
    (b"May", Month::May),
    (b"Jun", Month::June),
    (b"Jul", Month::July),
    (b"Aug", Month::August),
    (b"Sep", Month::September),
    (b"Oct", Month::October),
    (b"Nov", Month::November),
    (b"Dec", Month::December),
];

/// What is left to read.
struct Reader<'a>(&'a [u8]);

/// The time that `text` means; `None` when it is not an HTTP date from 1970 on. A time after 2554 becomes
/// [`Timestamp::NEVER`].
///
/// The cost does not depend on the length of `text`.
// Not inlined: most requests carry the date that was parsed last, and need none of this.
#[inline(never)]
pub(super) fn parse(text: &[u8]) -> Option<Timestamp> {
    let mut reader = Reader(text);
    let rest_of_weekday = reader.name(&WEEKDAYS)?;
    let (date, time) = if reader.skip(b", ").is_some() {
        reader.imf_fixdate()
    } else if reader.skip(b" ").is_some() {
        reader.asctime_date()
    } else {
        reader.skip(rest_of_weekday)?;
        reader.skip(b", ")?;
        reader.rfc850_date()
    }?;
    if !reader.0.is_empty() {
        return None;
    }
    let seconds = PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp();
    Some(Timestamp::from_nanos(u64::try_from(seconds).ok()?.saturating_mul(1_000_000_000)))
}

// === impl Reader ===

impl Reader<'_> {
    /// `19 Mar 2018 12:08:40 GMT`
    fn imf_fixdate(&mut self) -> Option<(Date, Time)> {
        let day = self.two_digits()?;
        self.skip(b" ")?;
        let month = self.name(&MONTHS)?;
        self.skip(b" ")?;
        let year = self.year()?;
        self.skip(b" ")?;
        let time = self.time()?;
        self.zone()?;
        Some((Date::from_calendar_date(year, month, day).ok()?, time))
    }

    /// `19-Mar-18 12:08:40 GMT`
    fn rfc850_date(&mut self) -> Option<(Date, Time)> {
        let day = self.two_digits()?;
        self.skip(b"-")?;
        let month = self.name(&MONTHS)?;
        self.skip(b"-")?;
        let year = i32::from(self.two_digits()?);
        // RFC 9110 takes the century that is nearest to the clock, roughly. Until 2069 this is the same for
        // every date that is near the clock; no other date is accepted.
        let century = if year < 70 { 2000 } else { 1900 };
        self.skip(b" ")?;
        let time = self.time()?;
        self.zone()?;
        Some((Date::from_calendar_date(year.saturating_add(century), month, day).ok()?, time))
    }

    /// `Mar 19 12:08:40 2018`; a day of one digit has a space before it.
    fn asctime_date(&mut self) -> Option<(Date, Time)> {
        let month = self.name(&MONTHS)?;
        self.skip(b" ")?;
        let day = if self.skip(b" ").is_some() { self.digit() } else { self.two_digits() }?;
        self.skip(b" ")?;
        let time = self.time()?;
        self.skip(b" ")?;
        let year = self.year()?;
        Some((Date::from_calendar_date(year, month, day).ok()?, time))
    }

    /// `12:08:40`
    fn time(&mut self) -> Option<Time> {
        let hour = self.two_digits()?;
        self.skip(b":")?;
        let minute = self.two_digits()?;
        self.skip(b":")?;
        Time::from_hms(hour, minute, self.two_digits()?).ok()
    }

    fn zone(&mut self) -> Option<()> {
        self.skip(b" GMT").or_else(|| self.skip(b" UTC"))
    }

    fn year(&mut self) -> Option<i32> {
        let [century, year] = [self.two_digits()?, self.two_digits()?].map(i32::from);
        Some(century.saturating_mul(100).saturating_add(year))
    }

    fn two_digits(&mut self) -> Option<u8> {
        Some(self.digit()?.saturating_mul(10).saturating_add(self.digit()?))
    }

    fn digit(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first().filter(|(first, _)| first.is_ascii_digit())?;
        self.0 = rest;
        Some(first.saturating_sub(b'0'))
    }

    fn skip(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// What belongs to the name that is read next.
    fn name<T: Copy>(&mut self, names: &[(&[u8], T)]) -> Option<T> {
        names.iter().find_map(|(name, value)| self.skip(name).map(|()| *value))
    }
}

#[cfg(test)]
mod tests;
