//! Compares periods with the test vectors, and with the calendar of a library that the product does not use.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{ToSpan, Zoned};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

const VECTORS: &str = include_str!("../../../../tests/vectors/periods.json");

const RENEWING: [Period; 6] =
    [Period::Minute, Period::Hour, Period::Day, Period::Week, Period::Month, Period::Year];
const END_OF_TIME: Timestamp = Timestamp::from_nanos(u64::MAX);
/// The largest offset that the tests use: 24 hours, in minutes.
const FURTHEST: i16 = 24 * 60;
/// 2501-01-01T00:00:00Z, in nanoseconds.
const YEAR_2501: u64 = 16_756_761_600 * 1_000_000_000;

/// A time of the library, clamped to the times that a [`Timestamp`] can represent.
fn clamped(time: jiff::Timestamp) -> Timestamp {
    let nanos = time.as_nanosecond().clamp(0, u64::MAX.into());
    Timestamp::from_nanos(u64::try_from(nanos).expect("clamped"))
}

fn parse(time: &str) -> Timestamp {
    let time: jiff::Timestamp = time.parse().expect("RFC 3339");
    assert_eq!(i128::from(clamped(time).as_nanos()), time.as_nanosecond(), "{time} is representable");
    clamped(time)
}

/// The period by the library, which [`span`] must return.
fn expected(period: Period, offset: UtcOffset, now: Timestamp) -> Span {
    let now = jiff::Timestamp::from_nanosecond(now.as_nanos().into()).expect("before the year 9999");
    let zone = TimeZone::fixed(Offset::from_seconds(i32::from(offset.0) * 60).expect("within 24 h"));
    let now = now.to_zoned(zone.clone());
    let today = now.date();
    let midnight = |date: Date| date.to_zoned(zone.clone()).expect("a fixed offset has every midnight");
    let (start, length) = match period {
        Period::Minute => {
            let minute = today.at(now.hour(), now.minute(), 0, 0).to_zoned(zone.clone());
            (minute.expect("a fixed offset has every minute"), 1.minute())
        }
        Period::Hour => {
            let hour = today.at(now.hour(), 0, 0, 0).to_zoned(zone.clone());
            (hour.expect("a fixed offset has every hour"), 1.hour())
        }
        Period::Day => (midnight(today), 1.day()),
        Period::Week => {
            let after = today.tomorrow().expect("before the year 9999");
            (midnight(after.nth_weekday(-1, Weekday::Monday).expect("a Monday before")), 1.week())
        }
        Period::Month => (midnight(today.first_of_month()), 1.month()),
        Period::Year => (midnight(today.first_of_year()), 1.year()),
        Period::Total => return Span { start: Timestamp::default(), end: END_OF_TIME },
    };
    let end: Zoned = start.checked_add(length).expect("before the year 9999");
    Span { start: clamped(start.timestamp()), end: clamped(end.timestamp()) }
}

#[test]
fn every_vector_has_its_period() {
    let document: Value = serde_json::from_str(VECTORS).expect("JSON");
    let mut rows = BTreeMap::new();
    for period in RENEWING {
        for row in document[period.name()].as_array().expect("rows") {
            let offset = row[0].as_i64().and_then(|minutes| i16::try_from(minutes).ok()).expect("minutes");
            let [now, start, end] = [1, 2, 3].map(|column| parse(row[column].as_str().expect("a time")));
            assert_eq!(span(period, UtcOffset(offset), now), Span { start, end }, "{period:?} {row}");
            *rows.entry(period.name()).or_insert(0) += 1;
        }
    }
    assert!(rows.len() == RENEWING.len() && rows.values().all(|count| *count > 5), "{rows:?}");
}

#[test]
fn a_total_never_renews() {
    for now in [Timestamp::default(), parse("2024-02-29T12:00:00Z"), END_OF_TIME] {
        let forever = Span { start: Timestamp::default(), end: END_OF_TIME };
        assert_eq!(span(Period::Total, UtcOffset(480), now), forever);
    }
}

#[test]
fn the_ends_of_time_are_clamped() {
    for period in Period::ALL {
        for offset in [i16::MIN, -FURTHEST, 0, FURTHEST, i16::MAX].map(UtcOffset) {
            let first = span(period, offset, Timestamp::default());
            assert_eq!(first.start, Timestamp::default(), "{period:?} {offset:?}");
            assert!(first.end > first.start, "{period:?} {offset:?}");
            let last = span(period, offset, END_OF_TIME);
            assert_eq!(last.end, END_OF_TIME, "{period:?} {offset:?}");
            assert!(last.start < END_OF_TIME, "{period:?} {offset:?}");
        }
    }
}

/// Four centuries of days, after which leap years, month ends and weekdays repeat.
#[test]
fn every_day_of_four_centuries_has_the_periods_of_the_library() {
    let day = std::time::Duration::from_hours(24);
    let mut now = Timestamp::default();
    for _ in 0..146_097 {
        for period in RENEWING {
            assert_eq!(span(period, UtcOffset(0), now), expected(period, UtcOffset(0), now), "{period:?}");
        }
        now = now.saturating_add(day);
    }
}

fn periods() -> impl Strategy<Value = Period> {
    proptest::sample::select(Period::ALL.as_slice())
}

fn offsets() -> impl Strategy<Value = UtcOffset> {
    (-FURTHEST..=FURTHEST).prop_map(UtcOffset)
}

/// Times: most until the year 2500, some up to the end of time.
fn times() -> impl Strategy<Value = Timestamp> {
    prop_oneof![4 => 0..YEAR_2501, 1 => YEAR_2501..=u64::MAX].prop_map(Timestamp::from_nanos)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// Checks a random time, and both ends of its period, where an error of one would show.
    #[test]
    fn a_period_is_that_of_the_library(period in periods(), offset in offsets(), now in times()) {
        let found = span(period, offset, now);
        prop_assert_eq!(found, expected(period, offset, now));
        let before = |time: Timestamp| Timestamp::from_nanos(time.as_nanos().saturating_sub(1));
        for time in [found.start, before(found.start), found.end, before(found.end)] {
            prop_assert_eq!(span(period, offset, time), expected(period, offset, time));
        }
    }

    #[test]
    fn periods_follow_each_other_without_a_gap(period in periods(), offset in offsets(), now in times()) {
        let found = span(period, offset, now);
        prop_assert!(found.start <= now);
        prop_assert!(now < found.end || now == END_OF_TIME);
        prop_assert_eq!(span(period, offset, found.start), found);
        prop_assert_eq!(span(period, offset, Timestamp::from_nanos(found.end.as_nanos() - 1)), found);
        if found.end < END_OF_TIME {
            prop_assert_eq!(span(period, offset, found.end).start, found.end);
        }
    }
}
