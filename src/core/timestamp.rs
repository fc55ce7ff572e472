//! Points in time of a wall clock, in nanoseconds since the Unix epoch.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

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
        u64::try_from(parse_rfc3339(text.as_bytes())?.unix_timestamp_nanos()).ok().map(Self)
    }

    /// The time in UTC, in the form of RFC 3339.
    pub fn to_rfc3339(self) -> String {
        // Every timestamp lies between 1970 and 2554, which both conversions can express.
        let Ok(time) = OffsetDateTime::from_unix_timestamp_nanos(self.0.into()) else {
            return String::new();
        };
        let (date, (hour, minute, second, nanos)) = (time.date(), time.to_hms_nano());
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        let seconds = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        let fraction = if nanos == 0 { String::new() } else { format!(".{nanos:09}") };
        [&seconds, fraction.trim_end_matches('0'), "Z"].concat()
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

/// Reads a time as RFC 3339 writes it. The parser of the crate `time` accepts the same, and is ten times as
/// large: a fiftieth of the module.
fn parse_rfc3339(text: &[u8]) -> Option<OffsetDateTime> {
    let (date, rest) = text.split_first_chunk::<10>()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date else { return None };
    // Any separator is read, as the RFC allows.
    let (time, rest) = rest.get(1..)?.split_first_chunk::<8>()?;
    let [h1, h2, b':', n1, n2, b':', s1, s2] = *time else { return None };
    let (nanos, offset) = fraction(rest)?;
    let offset = match *offset {
        [b'Z' | b'z'] => UtcOffset::UTC,
        [sign @ (b'+' | b'-'), hours1, hours2, b':', minutes1, minutes2] => {
            let (hours, minutes) = (number([hours1, hours2])?, number([minutes1, minutes2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?;
            let seconds = i32::try_from(seconds).ok()?;
            UtcOffset::from_whole_seconds(if sign == b'-' { seconds.checked_neg()? } else { seconds }).ok()?
        }
        _ => return None,
    };
    let month = Month::try_from(u8::try_from(number([m1, m2])?).ok()?).ok()?;
    let year = i32::try_from(number([y1, y2, y3, y4])?).ok()?;
    let date = Date::from_calendar_date(year, month, u8::try_from(number([d1, d2])?).ok()?).ok()?;
    let [hour, minute, second] = [[h1, h2], [n1, n2], [s1, s2]].map(number);
    let [hour, minute] = [hour?, minute?].map(|number| u8::try_from(number).unwrap_or(u8::MAX));
    // A leap second is read as the end of the second before it.
    let is_leap = second? == 60;
    let (second, nanos) = if is_leap { (59, 999_999_999) } else { (u8::try_from(second?).ok()?, nanos) };
    let time = Time::from_hms_nano(hour, minute, second, nanos).ok()?;
    let read = PrimitiveDateTime::new(date, time).assume_offset(offset);
    let utc = read.checked_to_offset(UtcOffset::UTC)?;
    let is_last_of_month = || utc.day() == utc.month().length(utc.year());
    let ends_a_month = || (utc.hour(), utc.minute()) == (23, 59) && is_last_of_month();
    (!is_leap || ends_a_month()).then_some(read)
}

/// The nanoseconds of a fraction of a second, if `text` begins with one, and what follows it. Digits after
/// the ninth are dropped.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let [b'.', digits @ ..] = text else { return Some((0, text)) };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at_checked(count).filter(|_| count > 0)?;
    let mut nine = [b'0'; 9];
    nine.iter_mut().zip(digits).for_each(|(digit, read)| *digit = *read);
    Some((number(nine)?, rest))
}

/// The number of these digits.
fn number<const N: usize>(digits: [u8; N]) -> Option<u32> {
    digits.into_iter().try_fold(0_u32, |number, digit| {
        let digit = char::from(digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// `span` in whole seconds, rounded up, so that a `Retry-After` made from it is never early.
pub fn ceil_seconds(span: Duration) -> u64 {
    span.as_secs().saturating_add(u64::from(span.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    /// Compares with the parser and the writer of the crate `time`.
    fn assert_is_read_alike(text: &str) -> Result<(), TestCaseError> {
        let expected = OffsetDateTime::parse(text, &Rfc3339).ok();
        let expected = expected.and_then(|time| u64::try_from(time.unix_timestamp_nanos()).ok());
        prop_assert_eq!(Timestamp::from_rfc3339(text).map(Timestamp::as_nanos), expected, "{}", text);
        Ok(())
    }

    proptest! {
        #[test]
        fn a_time_is_read_as_the_crate_time_reads_it(
            text in "[12][0-9]{3}-[01][0-9]-[0-3][0-9][Tt _][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,12})?([Zz]|[+-][0-2][0-9]:[0-6][0-9])"
        ) {
            assert_is_read_alike(&text)?;
        }

        #[test]
        fn a_time_with_a_byte_changed_is_read_as_the_crate_time_reads_it(
            nanos: u64, index: prop::sample::Index, byte in "[0-9TZ:+. -]"
        ) {
            let mut text = Timestamp(nanos).to_rfc3339();
            let index = index.index(text.len());
            text.replace_range(index..=index, &byte);
            assert_is_read_alike(&text)?;
        }

        #[test]
        fn a_time_is_written_as_the_crate_time_writes_it(nanos: u64, parts in 0_u32..10) {
            let nanos = nanos - nanos % 10_u64.pow(parts);
            let time = OffsetDateTime::from_unix_timestamp_nanos(nanos.into()).expect("in range");
            prop_assert_eq!(Timestamp(nanos).to_rfc3339(), time.format(&Rfc3339).expect("in range"));
        }
    }

    #[test]
    fn a_leap_second_is_read_at_the_end_of_a_month_alone() {
        for text in [
            "2016-12-31T23:59:60Z",
            "2017-01-01T07:59:60+08:00",
            "2016-12-31T23:58:60Z",
            "2016-12-30T23:59:60Z",
            "2016-12-31T23:59:60.5Z",
            "2016-12-31T23:59:61Z",
            "2026-02-28T23:59:60Z",
            "2024-02-28T23:59:60Z",
        ] {
            assert_is_read_alike(text).expect(text);
        }
    }

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
