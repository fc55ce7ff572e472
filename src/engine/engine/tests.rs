//! The engine as callers and operators see it, without a network.

use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::*;
use crate::message::{Entry, RateLimitDescriptor, RateLimitOverride};

/// A clock that shows what it is set to, in seconds.
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::Relaxed) * 1_000_000_000)
    }
}

struct Fixture {
    engine: Engine,
    clock: Arc<Hand>,
    runtime: Runtime,
    _directory: TempDir,
}

/// An engine of two domains at noon, UTC, of a day.
fn fixture() -> Fixture {
    let directory = TempDir::new().expect("a directory");
    let clock = Arc::new(Hand(AtomicU64::new(0)));
    let domains = vec!["one".to_owned(), "two".to_owned()];
    let engine =
        Engine::open(&directory.path().join("engine.redb"), domains, clock.clone()).expect("an engine");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let fixture = Fixture { engine, clock, runtime, _directory: directory };
    fixture.set("2026-11-24T12:00:00Z");
    fixture
}

fn request(domain: &str, entries: &[(&str, &str)], unit: i32, hits: u64) -> RateLimitRequest {
    let entry = |(key, value): &(&str, &str)| Entry { key: (*key).to_owned(), value: (*value).to_owned() };
    let limit = Some(RateLimitOverride { requests_per_unit: 10, unit });
    let entries = entries.iter().map(entry).collect();
    let descriptor = RateLimitDescriptor { entries, limit, hits_addend: Some(hits), is_negative_hits: false };
    RateLimitRequest { domain: domain.to_owned(), descriptors: vec![descriptor], hits_addend: 0 }
}

impl Fixture {
    fn set(&self, time: &str) {
        let time = Timestamp::from_rfc3339(time).expect("a time");
        self.clock.0.store(time.as_secs(), Ordering::Relaxed);
    }

    fn decide(&self, request: RateLimitRequest) -> Result<(Code, u32, Option<i64>), Refusal> {
        let response = self.runtime.block_on(self.engine.decide(request))?;
        let [status] = &response.statuses[..] else { panic!("{response:?}") };
        assert_eq!(status.code, response.overall_code);
        assert_eq!(status.current_limit.as_ref().expect("a limit").requests_per_unit, 10);
        let reset = status.duration_until_reset.as_ref().map(|reset| reset.seconds);
        Ok((status.code(), status.limit_remaining, reset))
    }

    fn day(&self, domain: &str, day: &str, hits: u64) -> Result<(Code, u32, Option<i64>), Refusal> {
        self.decide(request(domain, &[("plan", "a"), ("w", "day"), ("p", day)], 4, hits))
    }
}

#[test]
fn quotas_of_two_domains_and_of_two_periods_are_apart() {
    let fixture = fixture();
    let today = "2026-11-24+0000";
    assert_eq!(fixture.day("one", today, 7), Ok((Code::Ok, 3, Some(43_200))));
    assert_eq!(fixture.day("one", today, 4), Ok((Code::OverLimit, 3, Some(43_200))));
    assert_eq!(fixture.day("two", today, 9), Ok((Code::Ok, 1, Some(43_200))));
    assert_eq!(fixture.day("one", "2026-11-24+0800", 10), Ok((Code::Ok, 0, Some(14_400))));
    assert_eq!(fixture.day("one", "2026-11-25+0000", 10), Ok((Code::Ok, 0, Some(129_600))));
    assert_eq!(fixture.day("one", today, 0), Ok((Code::Ok, 3, Some(43_200))));
    let total = request("one", &[("w", "total"), ("p", "total")], 6, 1);
    assert_eq!(fixture.decide(total), Ok((Code::Ok, 9, None)));
}

#[test]
fn a_period_counts_after_its_end_until_it_is_forgotten_and_never_begins_again() {
    let fixture = fixture();
    let today = "2026-11-24+0000";
    assert_eq!(fixture.day("one", today, 7).expect("an answer").0, Code::Ok);
    fixture.set("2026-11-25T23:59:59Z");
    fixture.runtime.block_on(fixture.engine.sweep_quotas()).expect("it is swept");
    assert_eq!(fixture.day("one", today, 3), Ok((Code::Ok, 0, Some(0))));
    fixture.set("2026-11-26T00:00:00Z");
    let refusal = fixture.day("one", today, 1).expect_err("it is forgotten");
    assert_eq!(refusal.reason, Reason::PeriodForgotten);
    assert!(refusal.message.contains("ended at 2026-11-25T00:00:00Z"), "{}", refusal.message);
    fixture.set("2026-11-26T00:00:01Z");
    fixture.runtime.block_on(fixture.engine.sweep_quotas()).expect("it is swept");
    let rows = fixture.engine.list(&Filter::default(), &[], 10).expect("a list").rows;
    assert!(rows.is_empty(), "{rows:?}");
    assert!(fixture.engine.metrics().contains("usage_plan_engine_forgotten_counters_total 1\n"));
}

#[test]
fn rates_are_apart_from_quotas_and_renew_by_the_engines_clock() {
    let fixture = fixture();
    let rate = |hits| fixture.decide(request("one", &[("plan", "a"), ("w", "second")], 1, hits));
    assert_eq!(rate(10), Ok((Code::Ok, 0, Some(1))));
    assert_eq!(rate(1), Ok((Code::OverLimit, 0, Some(1))));
    assert_eq!(fixture.day("one", "2026-11-24+0000", 1).expect("an answer").0, Code::Ok);
    fixture.set("2026-11-24T12:00:01Z");
    assert_eq!(rate(4), Ok((Code::Ok, 6, Some(1))));
}

#[test]
fn a_row_says_what_is_spent_and_by_whom() {
    let fixture = fixture();
    let entries =
        [("plan", "a"), ("part", "key/AKID1/environment/s/e"), ("w", "day"), ("p", "2026-11-24+0000")];
    fixture.decide(request("one", &entries, 4, 2)).expect("an answer");
    fixture.decide(request("one", &[("plan", "a")], 1, 1)).expect("an answer");
    fixture.day("two", "2026-11-24+0000", 1).expect("an answer");
    let list = |members: &[(&str, &str)]| {
        let members = members.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let filter = Filter::of(members).expect("a filter");
        fixture.engine.list(&filter, &[], 10).expect("a list").rows
    };
    assert_eq!(list(&[]).len(), 3);
    assert_eq!(list(&[("domain", "two")]).len(), 1);
    assert_eq!(list(&[("key", "AKID")]).len(), 0);
    assert_eq!(list(&[("plan", "a"), ("period", "day")]).len(), 2);
    let [row] = &list(&[("key", "AKID1")])[..] else { panic!("not one row") };
    let json = row.to_json();
    for (member, expected) in [
        ("kind", "\"quota\""),
        ("spent", "2"),
        ("limit", "10"),
        ("remaining", "8"),
        ("period_id", "\"2026-11-24+0000\""),
        ("renews_at", "\"2026-11-25T00:00:00Z\""),
        ("part", "\"key/AKID1/environment/s/e\""),
    ] {
        assert_eq!(json[member].to_string(), expected, "{member}");
    }
    assert_eq!(list(&[])[0].to_json()["kind"], "rate");
}

#[test]
fn what_is_refused_is_counted_and_changes_nothing() {
    let fixture = fixture();
    for request in [
        request("three", &[("plan", "a")], 1, 1),
        request("one", &[("plan", "a")], 0, 1),
        request("one", &[], 1, 1),
    ] {
        fixture.decide(request).expect_err("no decision");
    }
    let metrics = fixture.engine.metrics();
    for wanted in ["reason=\"unknown_domain\"} 1\n", "reason=\"invalid\"} 2\n", "quota_counters 0\n"] {
        assert!(metrics.contains(wanted), "{wanted} is not in\n{metrics}");
    }
    assert!(fixture.runtime.block_on(fixture.engine.is_healthy()));
}
