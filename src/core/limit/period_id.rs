//! The id of a calendar period, by which a counter outside of this process knows which period is meant: the
//! start of the period in local time, as exact as the period needs, and the offset from UTC.
//!
//! | period | id |
//! |---|---|
//! | minute | `2026-11-24T13:05+0800` |
//! | hour | `2026-11-24T13+0800` |
//! | day, and a week by its Monday | `2026-11-24+0800` |
//! | month | `2026-11+0800` |
//! | year | `2026+0800` |
//! | total | `total` |

use time::{Date, Duration, Month, OffsetDateTime};

use super::calendar::{Span, span};
use crate::document::{Period, UtcOffset};
use crate::timestamp::Timestamp;

/// The id of the period that never renews. It has no offset, because it has no start.
const TOTAL: &str = "total";

/// The id of the period that `now` lies in, by the calendar at `offset` from UTC.
pub fn write(period: Period, offset: UtcOffset, now: Timestamp) -> String {
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let seconds = seconds.saturating_add(i64::from(offset.0).saturating_mul(60));
    let local = OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::seconds(seconds));
    let mut date = local.date();
    if period == Period::Week {
        let days = i64::from(date.weekday().number_days_from_monday());
        date = date.saturating_sub(Duration::days(days));
    }
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let (hour, minute) = (local.hour(), local.minute());
    let start = match period {
        Period::Minute => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"),
        Period::Hour => format!("{year:04}-{month:02}-{day:02}T{hour:02}"),
        Period::Day | Period::Week => format!("{year:04}-{month:02}-{day:02}"),
        Period::Month => format!("{year:04}-{month:02}"),
        Period::Year => format!("{year:04}"),
        Period::Total => return TOTAL.to_owned(),
    };
    format!("{start}{}", offset.to_string().replace(':', ""))
}

/// The period with this id; `None` if no period has it. Every period has one id only, so that no two counters
/// are of the same period.
pub fn read(period: Period, id: &str) -> Option<Span> {
    if period == Period::Total {
        return (id == TOTAL).then(|| span(period, UtcOffset::default(), Timestamp::default()));
    }
    let (start, offset) = id.split_at_checked(id.len().checked_sub("+0800".len())?)?;
    let (hours, minutes) = offset.split_at_checked("+08".len())?;
    let offset = UtcOffset::parse(&format!("{hours}:{minutes}"))?;
    let local = local_seconds(start)?;
    let utc = local.checked_sub(i64::from(offset.0).checked_mul(60)?)?;
    let nanos = u64::try_from(utc).ok()?.checked_mul(1_000_000_000)?;
    let span = span(period, offset, Timestamp::from_nanos(nanos));
    (write(period, offset, span.start) == id).then_some(span)
}

/// The seconds from the Unix epoch to a local time that ends with its year, month, day, hour or minute.
fn local_seconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T').unwrap_or((text, "00"));
    let mut parts = date.split('-');
    let mut next = |default: Option<u16>| parts.next().map_or(default, |part| part.parse().ok());
    let (year, month, day) = (next(None)?, next(Some(1))?, next(Some(1))?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year.into(), month, u8::try_from(day).ok()?).ok()?;
    let (hour, minute) = time.split_once(':').unwrap_or((time, "00"));
    let time = date.with_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()?;
    Some(time.assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        Timestamp::from_rfc3339(time).expect("a time")
    }

    const EAST: UtcOffset = UtcOffset(480);

    #[test]
    fn an_id_is_the_local_start_of_the_period_and_its_offset() {
        let now = at("2026-11-24T18:05:59Z");
        for (period, offset, expected) in [
            (Period::Minute, EAST, "2026-11-25T02:05+0800"),
            (Period::Hour, EAST, "2026-11-25T02+0800"),
            (Period::Day, EAST, "2026-11-25+0800"),
            (Period::Day, UtcOffset(0), "2026-11-24+0000"),
            (Period::Day, UtcOffset(-210), "2026-11-24-0330"),
            (Period::Week, EAST, "2026-11-23+0800"),
            (Period::Month, EAST, "2026-11+0800"),
            (Period::Year, EAST, "2026+0800"),
            (Period::Total, EAST, "total"),
        ] {
            assert_eq!(write(period, offset, now), expected);
            assert_eq!(read(period, expected).expect(expected), span(period, offset, now), "{expected}");
        }
    }

    #[test]
    fn the_id_changes_with_the_period_and_not_before() {
        for (last, first) in [
            ("2026-12-31T15:59:59Z", "2026-12-31T16:00:00Z"),
            ("2027-01-03T15:59:59Z", "2027-01-03T16:00:00Z"),
            ("2028-02-29T15:59:59Z", "2028-02-29T16:00:00Z"),
        ] {
            for period in Period::ALL {
                let [before, after] = [last, first].map(|time| span(period, EAST, at(time)));
                let [id_before, id_after] = [last, first].map(|time| write(period, EAST, at(time)));
                assert_eq!(before == after, id_before == id_after, "{period:?} from {last}");
                assert_eq!(read(period, &id_before), Some(before), "{period:?}: {id_before}");
                assert_eq!(read(period, &id_after), Some(after), "{period:?}: {id_after}");
            }
        }
    }

    #[test]
    fn what_is_no_id_of_the_period_is_not_read() {
        for (period, text) in [
            (Period::Day, ""),
            (Period::Day, "2026-11-24"),
            (Period::Day, "2026-11-24+08:00"),
            (Period::Day, "2026-11-31+0800"),
            (Period::Day, "2026-11-24T00+0800"),
            (Period::Day, "2026-11-24-0000"),
            (Period::Day, "2026-11-24+1500"),
            (Period::Day, "2026-+1-24+0800"),
            (Period::Day, "2026-1-24+0800"),
            (Period::Day, "26-11-24+0800"),
            (Period::Day, "1969-12-31+0000"),
            (Period::Day, "9999-12-31+0000"),
            (Period::Day, "2026-11-24-01+0800"),
            (Period::Day, "total"),
            (Period::Day, "日+0800"),
            (Period::Day, "2026-11-24日"),
            (Period::Week, "2026-11-24+0800"),
            (Period::Month, "2026-11-24+0800"),
            (Period::Minute, "2026-11-24T13:60+0800"),
            (Period::Hour, "2026-11-24T24+0800"),
            (Period::Year, "2026-11+0800"),
            (Period::Total, "2026+0800"),
        ] {
            assert_eq!(read(period, text), None, "{period:?}: {text}");
        }
    }
}
