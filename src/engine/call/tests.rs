//! What a call asks for, and what is no call.

use super::*;
use crate::message::{Entry, RateLimitOverride};

fn call(entries: &[(&str, &str)], limit: Option<(u32, i32)>, hits: u32) -> RateLimitRequest {
    let entry = |(key, value): &(&str, &str)| Entry { key: (*key).to_owned(), value: (*value).to_owned() };
    let limit = limit.map(|(requests_per_unit, unit)| RateLimitOverride { requests_per_unit, unit });
    let descriptor =
        RateLimitDescriptor { entries: entries.iter().map(entry).collect(), limit, ..Default::default() };
    RateLimitRequest { domain: "d".to_owned(), descriptors: vec![descriptor], hits_addend: hits }
}

fn ask(request: RateLimitRequest) -> Result<Ask, Refusal> {
    Ask::of(request, &["c".to_owned(), "d".to_owned()])
}

const DAY: [(&str, &str); 2] = [("w", "day"), ("p", "2026-11-24+0800")];

#[test]
fn the_descriptors_hits_win_and_only_there_zero_is_nothing() {
    for (of_request, of_descriptor, expected) in [
        (0, None, 1),
        (1, None, 1),
        (7, None, 7),
        (7, Some(0), 0),
        (7, Some(2), 2),
        (0, Some(u64::MAX), u64::MAX),
    ] {
        let mut request = call(&DAY, Some((5, 4)), of_request);
        request.descriptors[0].hits_addend = of_descriptor;
        assert_eq!(ask(request).expect("a call").hits, expected, "{of_request}, {of_descriptor:?}");
    }
}

#[test]
fn a_quota_is_of_the_period_that_is_named_whatever_the_unit() {
    for unit in 1..=6 {
        let Ask { target: Target::Quota(quota), limit: 5, .. } =
            ask(call(&DAY, Some((5, unit)), 1)).expect("a call")
        else {
            panic!("not the quota");
        };
        assert_eq!(quota.span.start.to_rfc3339(), "2026-11-23T16:00:00Z");
    }
}

#[test]
fn a_rate_is_of_the_unit_and_its_name_may_not_say_another() {
    for (word, unit) in [("second", 1), ("minute", 2), ("hour", 3), ("day", 4), ("month", 5), ("year", 6)] {
        let asked = ask(call(&[("w", word)], Some((5, unit)), 1)).expect(word);
        assert!(matches!(asked.target, Target::Rate(_)) && asked.unit.number() == unit, "{word}");
        let error = ask(call(&[("w", word)], Some((5, unit % 6 + 1)), 1)).expect_err(word);
        assert!(error.message.contains(&format!("w {word:?} is not limit.unit")), "{}", error.message);
    }
    assert_eq!(ask(call(&[("plan", "x")], Some((5, 1)), 1)).expect("a call").unit, Unit::Second);
}

#[test]
fn what_is_no_call_is_refused_with_the_reason() {
    let refused = |request: RateLimitRequest| {
        let refusal = ask(request).expect_err("no call");
        (refusal.reason, refusal.message)
    };
    for unit in [0, 7, 8, 9, -1, i32::MAX, i32::MIN] {
        for entries in [&DAY[..], &[("plan", "x")]] {
            let expected = format!("limit.unit: there is no unit {unit}");
            assert_eq!(refused(call(entries, Some((5, unit)), 1)), (Reason::Invalid, expected));
        }
    }
    let unknown = RateLimitRequest { domain: "e".to_owned(), ..call(&DAY, Some((5, 4)), 1) };
    let message = "there is no domain \"e\": this engine serves c, d".to_owned();
    assert_eq!(refused(unknown), (Reason::UnknownDomain, message));
    assert_eq!(refused(RateLimitRequest::default()).0, Reason::UnknownDomain);
    let mut negative = call(&DAY, Some((5, 4)), 1);
    negative.descriptors[0].is_negative_hits = true;
    let mut two = call(&DAY, Some((5, 4)), 1);
    two.descriptors.push(two.descriptors[0].clone());
    let none = RateLimitRequest { descriptors: Vec::new(), ..two.clone() };
    for (request, wanted) in [
        (negative, "cannot be given back"),
        (two, "one descriptor"),
        (none, "one descriptor"),
        (call(&DAY, None, 1), "has no limit"),
        (call(&[], Some((5, 4)), 1), "no entries"),
        (call(&[("w", "total")], Some((5, 4)), 1), "needs p"),
    ] {
        let (reason, message) = refused(request);
        assert!(reason == Reason::Invalid && message.contains(wanted), "{wanted}: {message}");
    }
}

#[test]
fn a_window_is_of_the_clock_in_utc() {
    let now = Timestamp::from_rfc3339("2026-02-28T23:59:59.999999999Z").expect("a time");
    for (unit, start, end) in [
        (Unit::Second, "2026-02-28T23:59:59Z", "2026-03-01T00:00:00Z"),
        (Unit::Minute, "2026-02-28T23:59:00Z", "2026-03-01T00:00:00Z"),
        (Unit::Hour, "2026-02-28T23:00:00Z", "2026-03-01T00:00:00Z"),
        (Unit::Day, "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z"),
        (Unit::Month, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        (Unit::Year, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    ] {
        let window = unit.window(now);
        assert_eq!((window.start.to_rfc3339(), window.end.to_rfc3339()), (start.into(), end.into()));
    }
}
