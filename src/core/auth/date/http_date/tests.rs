//! HTTP dates as callers write them; the model is the crate `httpdate`.

use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;

const SHORT: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LONG: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn seconds(text: &str) -> Option<u64> {
    parse(text.as_bytes()).map(Timestamp::as_secs)
}

/// The model: what the crate `httpdate` reads. It compares the weekday with the date. Of a date with a long
/// weekday it takes any byte between the year and the time, where RFC 9110 section 5.6.7 has a space.
fn model(text: &str) -> Option<Timestamp> {
    let is_spaced =
        text.strip_suffix(" GMT").is_none_or(|rest| rest.as_bytes().iter().nth_back(8) == Some(&b' '));
    let read = httpdate::parse_http_date(text).ok().map(Timestamp::from);
    read.filter(|_| is_spaced)
}

#[test]
fn a_space_is_between_the_year_and_the_time() {
    let text = "Tuesday, 17-Apr-79A00:00:00 GMT";
    assert!(httpdate::parse_http_date(text).is_ok(), "the model needs no rule of its own any more");
    assert_eq!(parse(text.as_bytes()), None);
}

#[test]
fn the_three_forms_are_read_with_either_zone() {
    for form in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 UTC",
        "Sun Nov  6 08:49:37 1994",
        "Sun Nov 06 08:49:37 1994",
    ] {
        assert_eq!(seconds(form), Some(784_111_777), "{form}");
    }
}

#[test]
fn every_weekday_may_be_named_with_every_date() {
    for (short, long) in SHORT.into_iter().zip(LONG) {
        for form in [
            format!("{short}, 06 Nov 1994 08:49:37 GMT"),
            format!("{long}, 06-Nov-94 08:49:37 GMT"),
            format!("{short} Nov  6 08:49:37 1994"),
        ] {
            assert_eq!(seconds(&form), Some(784_111_777), "{form}");
        }
    }
}

#[test]
fn another_string_is_no_date() {
    for other in [
        "",
        "Mon",
        "1521461320",
        "2018-03-19T12:08:40Z",
        "Mon, 19 Mar 2018 12:08:40",
        "Mon, 19 Mar 2018 12:08:40 ",
        "Mon, 19 Mar 2018 12:08:40 +0800",
        "Mon, 19 Mar 2018 12:08:40 CST",
        "Mon, 19 Mar 2018 12:08:40 gmt",
        "Mon, 19 Mar 2018 12:08:40 GMT ",
        "Mon, 19 Mar 2018 12:08:40 GMT+08:00",
        "Mon, 19 Mar 2018 12:08:40 UTCC",
        "Mon, 19 Mar 2018 12:08:60 GMT",
        "Mon, 19 Mar 2018 12:60:40 GMT",
        "Mon, 19 Mar 2018 24:08:40 GMT",
        "Mon, 19 Mar 2018 1208:40 GMT",
        "Mon, 32 Mar 2018 12:08:40 GMT",
        "Mon, 00 Mar 2018 12:08:40 GMT",
        "Mon, 29 Feb 2018 12:08:40 GMT",
        "Mon, 9 Mar 2018 12:08:40 GMT",
        "Mon, 19 mar 2018 12:08:40 GMT",
        "Mon, 19 Mar 18 12:08:40 GMT",
        "Mon, 19 Mar +018 12:08:40 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "mon, 19 Mar 2018 12:08:40 GMT",
        "Xyz, 19 Mar 2018 12:08:40 GMT",
        "Monday, 19 Mar 2018 12:08:40 GMT",
        "Mon, 19-Mar-18 12:08:40 GMT",
        "Monsday, 19-Mar-18 12:08:40 GMT",
        "Monday, 19-Mar-2018 12:08:40 GMT",
        "Mon Mar 19 12:08:40 2018 GMT",
        "Mon Mar 9 12:08:40 2018",
        " Mon, 19 Mar 2018 12:08:40 GMT",
    ] {
        assert_eq!(parse(other.as_bytes()), None, "{other}");
    }
    assert_eq!(parse(b"Mon, 19 Mar 2018 12:08:40 GM\xff"), None);
    assert_eq!(parse(&b"Mon, 19 Mar 2018 12:08:40 GMT".repeat(2000)), None);
}

#[test]
fn a_year_of_two_digits_is_between_1970_and_2069() {
    for (year, full) in [("69", "2069"), ("70", "1970"), ("99", "1999"), ("00", "2000")] {
        let short = seconds(&format!("Monday, 01-Mar-{year} 00:00:00 GMT"));
        assert_eq!(short, seconds(&format!("Mon, 01 Mar {full} 00:00:00 GMT")), "{year}");
        assert!(short.is_some());
    }
}

#[test]
fn a_time_after_the_last_one_is_never() {
    assert_eq!(parse(b"Fri, 31 Dec 9999 23:59:59 GMT"), Some(Timestamp::NEVER));
}

/// A date with the weekday that is written there, in one of the three forms.
fn written(seconds: u64, weekday: usize, form: usize) -> String {
    let imf = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    let (day, month, year, time) = (&imf[5..7], &imf[8..11], &imf[12..16], &imf[17..25]);
    let (short, long) = (SHORT[weekday], LONG[weekday]);
    match form {
        0 => format!("{short}, {day} {month} {year} {time} GMT"),
        1 => format!("{long}, {day}-{month}-{} {time} GMT", &year[2..]),
        2 => format!("{short} {month} {:>2} {time} {year}", day.trim_start_matches('0')),
        _ => format!("{short} {month} {day} {time} {year}"),
    }
}

proptest! {
    #[test]
    fn what_httpdate_reads_is_read_alike_with_every_weekday(
        seconds in 0u64..253_402_300_800, form in 0usize..4
    ) {
        let every: Vec<String> = (0..7).map(|weekday| written(seconds, weekday, form)).collect();
        let wanted = every.iter().find_map(|text| model(text));
        prop_assert!(wanted.is_some());
        for text in &every {
            prop_assert_eq!(parse(text.as_bytes()), wanted, "{}", text);
            let utc = text.replace(" GMT", " UTC");
            prop_assert_eq!(parse(utc.as_bytes()), wanted, "{}", utc);
        }
    }

    #[test]
    fn a_date_with_a_few_other_bytes_is_read_when_httpdate_reads_it(
        seconds in 0u64..253_402_300_800, weekday in 0usize..7, form in 0usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[ -~]"), 1..3)
    ) {
        let mut text = written(seconds, weekday, form);
        for (index, character) in changes {
            let at = index.index(text.len());
            text.replace_range(at..=at, &character);
        }
        let text = text.trim();
        if let Some(wanted) = model(text) {
            prop_assert_eq!(parse(text.as_bytes()), Some(wanted), "{}", text);
        }
        // What only this parser reads has the weekday of another date.
        if let Some(read) = parse(text.as_bytes()) {
            let wanted = SHORT.into_iter().zip(LONG).find_map(|(short, long)| {
                let rest = text.trim_start_matches(|byte: char| byte.is_ascii_alphabetic());
                model(&format!("{short}{rest}")).or_else(|| model(&format!("{long}{rest}")))
            });
            prop_assert_eq!(Some(read), wanted, "{}", text);
        }
    }

    #[test]
    fn any_bytes_do_not_panic(text in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = parse(&text);
    }
}
