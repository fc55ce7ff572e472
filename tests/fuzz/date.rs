//! The value of `X-Date` and `Date`.

use std::time::{Duration, UNIX_EPOCH};

use usage_plan_core::auth::DateName;
use usage_plan_core::auth::date::LastDate;
use usage_plan_core::request::Headers;
use usage_plan_core::timestamp::Timestamp;

const SKEW: u64 = 900;

/// Reads `value` as a date. An accepted one must be one of the three spellings of its own time. The bytes are
/// also a number of seconds, whose spellings must be accepted.
pub fn date(value: &[u8]) {
    let last = LastDate::default();
    let found = read(value, &last);
    assert_eq!(read(value, &last), found, "a date that is remembered is the same date");
    // A year after 2554 counts as the end of time.
    if let Some(time) = found.filter(|time| *time != Timestamp::NEVER) {
        assert_eq!(time.as_nanos() % 1_000_000_000, 0, "a date has whole seconds");
        let spelled = without_weekday_and_zone(value);
        let spellings = spellings(time.as_secs());
        assert!(spellings.contains(&spelled), "{} is read as {}", value.escape_ascii(), time.to_rfc3339());
        is_compared_with_the_clock(time);
    }
    let (first, _) = value.split_at(value.len().min(8));
    let mut bytes = [0; 8];
    bytes[..first.len()].copy_from_slice(first);
    // The last second that a timestamp holds is in the year 2554.
    is_accepted(u64::from_le_bytes(bytes) % (u64::MAX / 1_000_000_000), &last);
}

fn read(value: &[u8], last: &LastDate) -> Option<Timestamp> {
    let fields = [(&b"x-date"[..], value)];
    DateName::XDate.read(Headers::new(&fields), last).ok()
}

/// What is compared: the weekday is not looked at, and the zone is one of two.
fn without_weekday_and_zone(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let text = text.trim_matches([' ', '\t']);
    let text = text.split_once(' ').map_or("", |(_, rest)| rest);
    let zone = ["GMT", "UTC"].iter().find_map(|zone| text.strip_suffix(zone));
    zone.map_or(text, |text| text.strip_suffix(' ').unwrap_or("no blank before the zone")).to_owned()
}

/// The spellings of a time without weekday and zone (RFC 9110 section 5.6.7): IMF-fixdate, RFC 850, asctime.
/// A day of one digit is written in two ways in the last.
fn spellings(seconds: u64) -> [String; 4] {
    let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    let words: Vec<&str> = text.split(' ').collect();
    let [_, day, month, year, time, _] = words[..] else { panic!("{text}") };
    let padded = day.strip_prefix('0').map_or(day.to_owned(), |day| format!(" {day}"));
    [
        format!("{day} {month} {year} {time}"),
        format!("{day}-{month}-{} {time}", &year[year.len() - 2..]),
        format!("{month} {padded} {time} {year}"),
        format!("{month} {day} {time} {year}"),
    ]
}

/// A date of up to 900 seconds before or after the clock is within, and one of 901 is not.
fn is_compared_with_the_clock(time: Timestamp) {
    let skew = Duration::from_secs(SKEW);
    for apart in [0, 1, SKEW - 1, SKEW, SKEW + 1, 10 * SKEW] {
        let later = time.saturating_add(Duration::from_secs(apart));
        let is_within = apart <= SKEW || later == Timestamp::NEVER;
        assert_eq!(DateName::XDate.check(time, later, skew).is_ok(), is_within, "{apart} s ago");
        assert_eq!(DateName::XDate.check(later, time, skew).is_ok(), is_within, "in {apart} s");
    }
}

/// Every spelling of a time is accepted, with the right weekday.
fn is_accepted(seconds: u64, last: &LastDate) {
    let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    let weekday = &text[..3];
    let full = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let full = full.into_iter().find(|full| full.starts_with(weekday)).expect("a weekday");
    let [_, rfc850, asctime, _] = spellings(seconds);
    let written = [text.clone(), format!("{weekday} {asctime}"), format!("{full}, {rfc850} GMT")];
    // Two digits of a year mean 1970 to 2069.
    let forms = if seconds < 3_155_760_000 { 3 } else { 2 };
    for form in &written[..forms] {
        let time = read(form.as_bytes(), last).map(Timestamp::as_secs);
        assert_eq!(time, Some(seconds), "{form}");
    }
}
