//! Compares the state with a reference model: a plain log of every admission, and the calendar of a library.

mod races;

use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use jiff::{ToSpan, Unit, Zoned, ZonedRound};
use proptest::prelude::*;

use super::super::cell;
use super::*;
use crate::document::{Api, Quota};

impl CounterState {
    /// Whether a worker has reserved anything.
    pub(in crate::limit) fn has_leases(&self) -> bool {
        self.entries.iter().any(|entry| match &entry.usage {
            Usage::Window(window) => !window.leases().is_empty(),
            _ => false,
        })
    }
}

/// 2024-02-29 in nanoseconds since the Unix epoch, shortly before the end of a leap day, a month and a week.
const START: u64 = 1_709_200_000_000_000_000;
const NANOS: i128 = 1_000_000_000;

/// The limits of a plan, in the form in which the model reads them.
#[derive(Clone, Debug)]
struct Plan {
    rate: Option<u64>,
    burst: Option<u64>,
    quotas: Vec<Quota>,
    api: Api,
}

/// Every admission: the clock's reading in nanoseconds, and whether the request belonged to the API.
#[derive(Default)]
struct Log(Vec<(u64, bool)>);

struct Admission {
    /// The clock's reading.
    read: u64,
    /// The reading, or that of the newest earlier admission if the clock stepped back since.
    at: u64,
}

/// The admissions with times that never step back.
fn settled<'a>(admissions: impl Iterator<Item = &'a (u64, bool)>) -> Vec<Admission> {
    let settle = |newest: &mut u64, (read, _): &(u64, bool)| {
        *newest = (*newest).max(*read);
        Some(Admission { read: *read, at: *newest })
    };
    admissions.scan(0, settle).collect()
}

impl Plan {
    fn limits(&self) -> Limits {
        Limits::new(self.rate, self.burst, &self.quotas, std::slice::from_ref(&self.api))
    }
}

impl Log {
    /// Whether the plan admits a request at `now`, from the log alone.
    fn admits(&self, plan: &Plan, of_api: bool, now: u64) -> bool {
        let all = settled(self.0.iter());
        let api = settled(self.0.iter().filter(|(_, of_api)| *of_api));
        let plan_admits =
            within_rate(&all, plan.rate, plan.burst, now) && within_quotas(&all, &plan.quotas, now);
        let api_admits = within_rate(&api, plan.api.max_requests_per_second, None, now)
            && within_quotas(&api, &plan.api.quotas, now);
        plan_admits && (!of_api || api_admits)
    }
}

fn within_rate(log: &[Admission], rate: Option<u64>, burst: Option<u64>, now: u64) -> bool {
    let newest = log.last().map_or(0, |admission| admission.at).max(now);
    match (rate, burst) {
        (None, _) => true,
        (Some(rate), None) => {
            log.iter().filter(|admission| newest - admission.at < 1_000_000_000).count() < rate as usize
        }
        // At most burst + N·t in every span t that ends now.
        (Some(rate), Some(burst)) => (0..=log.len()).all(|first| {
            let since = log.get(first).map_or(now, |admission| admission.read);
            let span = i128::from(now) - i128::from(since);
            let admissions = (log.len() - first + 1) as i128;
            (admissions - i128::from(burst)) * NANOS <= i128::from(rate) * span
        }),
    }
}

fn within_quotas(log: &[Admission], quotas: &[Quota], now: u64) -> bool {
    let newest = log.last().map_or(0, |admission| admission.at).max(now);
    quotas.iter().all(|quota| {
        let (start, end) = period(quota, newest);
        let used =
            log.iter().filter(|admission| (start..end).contains(&i128::from(admission.at))).count() as u64;
        quota.max_requests.is_none_or(|max| used < max)
    })
}

/// The period that `now` lies in, by the library's calendar: its start and its end in nanoseconds.
fn period(quota: &Quota, now: u64) -> (i128, i128) {
    let zone = TimeZone::fixed(Offset::from_seconds(i32::from(quota.utc_offset.0) * 60).expect("an offset"));
    let now = jiff::Timestamp::from_nanosecond(now.into()).expect("a time").to_zoned(zone);
    let day = now.start_of_day().expect("a day");
    let first = |date: jiff::civil::Date| date.to_zoned(now.time_zone().clone()).expect("a date");
    let (start, length) = match quota.period {
        Period::Minute => {
            let floor = ZonedRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Trunc);
            (now.round(floor).expect("a minute"), 1.minute())
        }
        Period::Hour => {
            let floor = ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Trunc);
            (now.round(floor).expect("an hour"), 1.hour())
        }
        Period::Day => (day, 1.day()),
        Period::Week => {
            let monday = i64::from(now.weekday().to_monday_zero_offset());
            (day.checked_sub(monday.days()).expect("a Monday"), 1.week())
        }
        Period::Month => (first(now.first_of_month().expect("a month").date()), 1.month()),
        Period::Year => (first(now.first_of_year().expect("a year").date()), 1.year()),
        Period::Total => return (0, i128::MAX),
    };
    let nanos = |time: &Zoned| time.timestamp().as_nanosecond();
    (nanos(&start), nanos(&start.checked_add(length).expect("an end")))
}

fn quotas() -> impl Strategy<Value = Vec<Quota>> {
    let quota = (
        1u64..40,
        prop::sample::select(Period::ALL.to_vec()),
        prop::sample::select(vec![0i16, 480, -210, 345]),
    );
    let quota = quota.prop_map(|(max, period, offset)| Quota {
        max_requests: Some(max),
        period,
        utc_offset: UtcOffset(if period == Period::Total { 0 } else { offset }),
    });
    prop::collection::vec(quota, 0..3).prop_map(|mut quotas| {
        quotas.dedup_by_key(|quota| (quota.period, quota.utc_offset));
        if let [first, .., last] = quotas.as_slice()
            && (first.period, first.utc_offset) == (last.period, last.utc_offset)
        {
            quotas.pop();
        }
        quotas
    })
}

/// Plans whose rates divide a second into whole nanoseconds. At other rates a bucket rounds to the caller's
/// disadvantage.
fn plans() -> impl Strategy<Value = Plan> {
    let rate = || prop::option::weighted(0.8, prop::sample::select(vec![1u64, 2, 5, 8, 20, 50, 200]));
    let burst = prop::option::weighted(0.3, 1u64..30);
    (rate(), burst, quotas(), rate(), quotas()).prop_map(
        |(rate, burst, plan_quotas, api_rate, api_quotas)| Plan {
            rate,
            burst: burst.filter(|_| rate.is_some()),
            quotas: plan_quotas,
            api: Api {
                methods: vec!["POST".to_owned()],
                path: "/orders/*".to_owned(),
                max_requests_per_second: api_rate,
                quotas: api_quotas,
            },
        },
    )
}

/// Requests: the time since the last one, the clock's step back before it, and whether it belongs to the API.
fn requests() -> impl Strategy<Value = Vec<(u64, u64, bool)>> {
    const HOUR: u64 = 3_600_000_000_000;
    let gap = prop_oneof![
        6 => Just(0u64),
        6 => 0..300_000_000u64,
        3 => 900_000_000..1_100_000_000u64,
        1 => Just(1_000_000_000u64),
        1 => 0..2 * HOUR,
        1 => 0..24 * 45 * HOUR,
    ];
    let back = prop_oneof![9 => Just(0u64), 1 => 0..1_000_000_000u64];
    prop::collection::vec((gap, back, any::<bool>()), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_history_is_decided_like_the_log_of_all_admissions(
        plans in prop::collection::vec(plans(), 1..3), requests in requests()
    ) {
        let (mut state, mut log, mut clock) = (CounterState::default(), Log::default(), START);
        let changes = requests.len().div_ceil(plans.len());
        for (i, (gap, back, of_api)) in requests.into_iter().enumerate() {
            // A changed rate applies at once to the admissions made under the earlier one.
            let (now_plan, first) = (&plans[i / changes], &plans[0]);
            // A bucket's rate does not change here: its arrival time stands for a different count at a
            // different rate.
            let changed = first.rate.and(now_plan.rate).or(first.rate);
            let rate = if first.burst.is_some() { first.rate } else { changed };
            let plan = Plan { rate, ..first.clone() };
            clock += gap;
            let now = clock - back;
            let limits = plan.limits();
            let expected = log.admits(&plan, of_api, now);
            let before = state.clone();
            let admitted = state.admit(&limits, of_api.then_some(0), Timestamp::from_nanos(now)).is_ok();
            prop_assert_eq!(admitted, expected, "request {} at {}, plan {:?}", i, now, plan);
            if admitted {
                log.0.push((now, of_api));
            } else {
                prop_assert_eq!(&state, &before);
            }
            let mut bytes = Vec::new();
            cell::encode(&state, &mut bytes);
            let decoded = cell::decode(&bytes);
            prop_assert_eq!(decoded.as_ref(), Some(&state));
        }
    }

    #[test]
    fn a_refused_request_is_admitted_at_retry_at_and_not_before(plan in plans(), requests in requests()) {
        let (mut state, mut clock, limits) = (CounterState::default(), START, plan.limits());
        for (gap, _, of_api) in requests {
            clock += gap;
            let api = of_api.then_some(0);
            if let Err(violation) = state.admit(&limits, api, Timestamp::from_nanos(clock)) {
                prop_assert!(!violation.limits.is_empty());
                if violation.retry_at == Timestamp::NEVER {
                    continue;
                }
                prop_assert!(state.check(&limits, api, violation.retry_at).violation.is_none());
                let before = Timestamp::from_nanos(violation.retry_at.as_nanos() - 1);
                prop_assert!(state.check(&limits, api, before).violation.is_some());
            }
        }
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_nanos(START).saturating_add(Duration::from_secs(seconds))
}

fn day(max: u64) -> Quota {
    Quota { max_requests: Some(max), period: Period::Day, utc_offset: UtcOffset(0) }
}

#[test]
fn a_request_debits_every_limit_in_force_or_none() {
    let api = Api { path: "/a".to_owned(), max_requests_per_second: Some(1), ..Api::default() };
    let limits = Limits::new(Some(2), None, &[day(10)], &[api]);
    let mut state = CounterState::default();
    assert!(state.admit(&limits, Some(0), at(0)).is_ok());
    let refused = state.admit(&limits, Some(0), at(0)).expect_err("the API's rate is used up");
    assert_eq!(refused, Violation { of_rate: true, retry_at: at(1), limits: vec!["second /a".to_owned()] });
    let left = |state: &CounterState| {
        state.balances(&limits, Some(0), at(0)).iter().map(|b| b.remaining).collect::<Vec<_>>()
    };
    assert_eq!(left(&state), [1, 9, 0]);
    assert!(state.admit(&limits, None, at(0)).is_ok());
    assert_eq!(left(&state), [0, 8, 0]);
}

#[test]
fn retry_at_is_the_latest_of_all_limits_that_are_used_up() {
    let limits = Limits::new(Some(1), None, &[day(1)], &[]);
    let mut state = CounterState::default();
    assert!(state.admit(&limits, None, at(0)).is_ok());
    let refused = state.admit(&limits, None, at(0)).expect_err("both limits are used up");
    assert!(refused.of_rate);
    assert_eq!(refused.limits, ["second", "day"]);
    assert!(refused.retry_at > at(1));
    let later = state.admit(&limits, None, at(1)).expect_err("the quota is used up");
    assert!(!later.of_rate);
}

#[test]
fn the_entry_of_a_removed_limit_is_kept_until_its_time_is_over() {
    let both = Limits::new(Some(5), None, &[day(10)], &[]);
    let rate = Limits::new(Some(5), None, &[], &[]);
    let mut state = CounterState::default();
    assert!(state.admit(&both, None, at(0)).is_ok());
    assert!(state.admit(&rate, None, at(1)).is_ok());
    state.forget(&rate, at(1));
    assert_eq!(state.balances(&both, None, at(1))[1].remaining, 9);
    assert!(state.admit(&rate, None, at(86_400)).is_ok());
    state.forget(&rate, at(86_400));
    assert_eq!(state.entries.len(), 1);
}
