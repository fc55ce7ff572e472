//! What is a counter's name, and which period a quota's name says.

use proptest::prelude::*;
use usage_plan_core::document::UtcOffset;

use super::*;

fn name(entries: &[(&str, &str)]) -> Result<Counter, String> {
    Counter::new("d", entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
}

fn quota(entries: &[(&str, &str)]) -> QuotaCounter {
    name(entries).and_then(Counter::quota).expect("a name").expect("a quota's")
}

fn at(time: &str) -> Timestamp {
    Timestamp::from_rfc3339(time).expect("a time")
}

#[test]
fn the_order_of_entries_makes_no_second_counter() {
    assert_eq!(name(&[("a", "1"), ("b", "2")]), name(&[("b", "2"), ("a", "1")]));
    assert_ne!(name(&[("a", "1"), ("b", "2")]), name(&[("a", "2"), ("b", "1")]));
}

#[test]
fn a_name_that_breaks_a_rule_is_refused() {
    let many: Vec<String> = (0..17).map(|number| number.to_string()).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "")).collect();
    assert!(name(&many[..16]).is_ok());
    let long = "x".repeat(2048);
    assert!(name(&[("a", &long[2..])]).is_ok());
    for (entries, wanted) in [
        (&[][..], "there are no entries"),
        (&[("", "x")], "an entry has an empty key"),
        (&[("a", "x"), ("a", "y")], "two entries have the key \"a\""),
        (&many, "at most 16 entries"),
        (&[("a", &long)], "at most 16 entries and 2048 bytes"),
    ] {
        let error = name(entries).expect_err(wanted);
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn only_a_name_with_a_period_is_a_quotas() {
    for entries in [&[("plan", "x")][..], &[("w", "second")], &[("w", "day")]] {
        let rate = name(entries).and_then(Counter::quota).expect("a name");
        assert!(rate.is_err(), "{entries:?}");
    }
    for (entries, wanted) in [
        (&[("w", "total")][..], "w \"total\" is of a quota, which needs p"),
        (&[("w", "week")], "w \"week\" is of a quota"),
        (&[("w", "decade")], "there is no w \"decade\""),
        (&[("p", "total")], "p \"total\" needs a w that is one of minute, hour"),
        (&[("w", "second"), ("p", "total")], "needs a w"),
        (&[("w", "day"), ("p", "2026-11-24")], "such as \"1970-01-01+0000\""),
        (&[("w", "week"), ("p", "2026-11-24+0000")], "no week has the id"),
    ] {
        let error = name(entries).and_then(Counter::quota).expect_err(wanted);
        assert!(error.contains(wanted), "{entries:?}: {error}");
    }
}

#[test]
fn a_counter_is_forgotten_one_period_after_its_end_and_a_total_never() {
    for (entries, expected) in [
        ([("w", "day"), ("p", "2026-11-24+0800")], "2026-11-25T16:00:00Z"),
        ([("w", "month"), ("p", "2026-02+0000")], "2026-03-29T00:00:00Z"),
        ([("w", "minute"), ("p", "2026-11-24T13:05+0000")], "2026-11-24T13:07:00Z"),
    ] {
        assert_eq!(quota(&entries).forgotten_at(), at(expected), "{entries:?}");
    }
    let total = quota(&[("w", "total"), ("p", "total")]);
    assert_eq!(total.forgotten_at(), Timestamp::NEVER);
    assert_eq!(total.renews_in(at("2026-11-24T00:00:00Z")), None);
}

#[test]
fn a_key_begins_with_the_time_at_which_it_is_forgotten() {
    let day = quota(&[("plan", "x"), ("w", "day"), ("p", "2026-11-24+0800")]);
    let forgotten = day.forgotten_at();
    let later = Timestamp::from_nanos(forgotten.as_nanos() + 1);
    assert!(key_from(forgotten) < day.to_key() && day.to_key() < key_from(later));
}

#[test]
fn what_is_no_key_of_a_counter_is_not_read() {
    let day = quota(&[("plan", "x"), ("w", "day"), ("p", "2026-11-24+0800")]).to_key();
    for end in 0..day.len() {
        assert_eq!(QuotaCounter::of_key(&day[..end]), None, "{end} bytes");
    }
}

proptest! {
    #[test]
    fn a_key_is_read_back_as_it_was_written(
        domain in ".{0,20}",
        entries in proptest::collection::btree_map("[a-z]{1,8}", ".{0,20}", 0..8),
        seconds in 0..4_000_000_000_u64,
        offset in -720..=840_i16,
        period in proptest::sample::select(Period::ALL.to_vec()),
    ) {
        let mut entries = entries;
        let now = Timestamp::from_nanos(seconds * 1_000_000_000);
        let id = period_id::write(period, UtcOffset(offset), now);
        entries.insert(WINDOW.to_owned(), period.name().to_owned());
        entries.insert(PERIOD.to_owned(), id);
        // A period that began before 1970 cannot be named.
        if let Ok(Ok(counter)) = Counter::new(&domain, entries).expect("a name").quota() {
            prop_assert_eq!(QuotaCounter::of_key(&counter.to_key()), Some(counter));
        } else {
            prop_assert!(seconds < 2 * 366 * 86_400);
        }
    }
}
