//! Compares the bucket with its bound, and with a log of every admission in exact arithmetic.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_nanos(1_700_000_000_000_000_000);
const NANOS: i128 = 1_000_000_000;
const MOST: u64 = 999_999_999_999_999;
const RATES: [u64; 11] = [1, 2, 3, 7, 10, 1000, 999_999, 1_000_000, 999_999_999, 1_000_000_007, MOST];

fn limit(per_second: u64, burst: u64) -> BucketLimit {
    BucketLimit { per_second, burst }
}

fn admits(bucket: &mut Bucket, limit: BucketLimit, now: Timestamp) -> bool {
    let admitted = !matches!(bucket.check(limit, now), Check::Refused { .. });
    if admitted {
        bucket.debit(limit, now);
    }
    admitted
}

fn after(span: Duration) -> Timestamp {
    START.saturating_add(span)
}

fn moved(time: Timestamp, nanos: i64) -> Timestamp {
    Timestamp::from_nanos(time.as_nanos().saturating_add_signed(nanos))
}

/// The time at which request number `i` of a steady N is due, rounded up to the nanosecond.
fn due(per_second: u64, i: u64) -> Timestamp {
    let nanos = (u128::from(i) * NANOS as u128).div_ceil(per_second.into());
    after(Duration::from_nanos(nanos as u64))
}

/// Whether one more admission at `now` keeps `count ≤ burst + N·t` in every span that ends with it, in exact
/// arithmetic.
fn fits(log: &[Timestamp], limit: BucketLimit, now: Timestamp) -> bool {
    let (per_second, burst) = (i128::from(limit.per_second), i128::from(limit.burst));
    log.iter().rev().zip(2..).all(|(first, count)| {
        let span = i128::from(now.as_nanos()) - i128::from(first.as_nanos());
        (count - burst) * NANOS <= per_second * span
    })
}

#[test]
fn the_burst_is_admitted_at_once_and_then_n_per_second() {
    for per_second in RATES {
        for burst in [1, 2, 10, 2000] {
            let (limit, mut bucket) = (limit(per_second, burst), Bucket::default());
            for i in 1..=burst {
                assert_eq!(bucket.check(limit, START), Check::Admitted { remaining: burst - i });
                bucket.debit(limit, START);
            }
            assert!(!admits(&mut bucket, limit, START));
            let after_a_second = (0..burst.min(per_second) + 1)
                .filter(|_| admits(&mut bucket, limit, moved(START, NANOS as i64 + 1)))
                .count() as u64;
            assert_eq!(after_a_second, burst.min(per_second), "{limit:?}");
        }
    }
}

#[test]
fn a_refused_request_is_admitted_at_retry_at_and_not_a_nanosecond_before() {
    for per_second in RATES {
        for burst in [1, 2, 300] {
            let (limit, mut bucket, mut now) = (limit(per_second, burst), Bucket::default(), START);
            for _ in 0..burst + 1000 {
                match bucket.check(limit, now) {
                    Check::Admitted { .. } | Check::Afresh { .. } => bucket.debit(limit, now),
                    Check::Refused { retry_at } => {
                        assert!(retry_at > now, "{limit:?}");
                        assert!(!admits(&mut bucket.clone(), limit, moved(retry_at, -1)), "{limit:?}");
                        assert!(admits(&mut bucket, limit, retry_at), "{limit:?}");
                        now = retry_at;
                    }
                }
            }
        }
    }
}

#[test]
fn a_steady_rate_at_the_limit_loses_nothing() {
    for per_second in RATES {
        // From 10⁹ per second on, several requests share a nanosecond and arrive at once.
        let burst = 1 + per_second.div_ceil(NANOS as u64);
        let (limit, mut bucket) = (limit(per_second, burst), Bucket::default());
        for i in 0..(per_second * 3).clamp(1000, 100_000) {
            assert!(admits(&mut bucket, limit, due(per_second, i)), "{limit:?}: request {i}");
        }
    }
}

#[test]
fn one_at_a_time_is_refused_a_nanosecond_early_and_never_when_it_is_due() {
    for per_second in RATES {
        let (limit, mut bucket, mut now) = (limit(per_second, 1), Bucket::default(), START);
        let interval = 1_000_000_000u64.div_ceil(per_second) as i64;
        for _ in 0..1000 {
            assert!(admits(&mut bucket, limit, now), "{limit:?}");
            assert!(!admits(&mut bucket, limit, moved(now, interval - 1)), "{limit:?}");
            now = moved(now, interval);
        }
    }
}

#[test]
fn the_interval_is_rounded_up_by_less_than_a_tick() {
    for per_second in RATES {
        let excess = limit(per_second, 1).interval() * u128::from(per_second) - u128::from(SECOND_TICKS);
        assert!(excess < per_second.into(), "{per_second}: {excess}");
    }
}

#[test]
fn the_largest_limits_are_exact() {
    for per_second in [1, MOST] {
        let limit = limit(per_second, MOST);
        let mut bucket = Bucket::default();
        for i in 1..=1000 {
            assert_eq!(bucket.check(limit, START), Check::Admitted { remaining: MOST - i });
            bucket.debit(limit, START);
        }
    }
    let limit = limit(MOST, MOST);
    let used_up = Bucket { arrival: ticks(START) + limit.refill() };
    assert_eq!(used_up.check(limit, START), Check::Refused { retry_at: moved(START, 1) });
    let one_left = Bucket { arrival: used_up.arrival - limit.interval() };
    assert_eq!(one_left.check(limit, START), Check::Admitted { remaining: 0 });
    let almost_one_left = Bucket { arrival: one_left.arrival + 1 };
    assert_eq!(almost_one_left.check(limit, START), Check::Refused { retry_at: moved(START, 1) });
}

#[test]
fn full_at_is_the_first_nanosecond_at_which_the_whole_burst_is_left() {
    let (limit, mut bucket) = (limit(3, 5), Bucket::default());
    assert_eq!(bucket.full_at(), Timestamp::default());
    for requests in 1..=5 {
        assert!(admits(&mut bucket, limit, START));
        let late = bucket.full_at().saturating_since(due(3, requests));
        assert!(bucket.full_at() >= due(3, requests) && late <= Duration::from_nanos(1));
        let full = Check::Admitted { remaining: 4 };
        assert_eq!(bucket.check(limit, bucket.full_at()), full);
        assert_ne!(bucket.check(limit, moved(bucket.full_at(), -1)), full);
    }
}

#[test]
fn a_changed_limit_applies_at_once_to_the_same_arrival_time() {
    let bucket = Bucket { arrival: ticks(START) + limit(10, 10).refill() };
    let refused_for = |millis| Check::Refused { retry_at: after(Duration::from_millis(millis)) };
    assert_eq!(bucket.check(limit(10, 10), START), refused_for(100));
    assert_eq!(bucket.check(limit(10, 5), START), refused_for(600));
    assert_eq!(bucket.check(limit(20, 10), START), refused_for(550));
    assert_eq!(bucket.check(limit(10, 12), START), Check::Admitted { remaining: 1 });
    assert_eq!(bucket.check(limit(5, 10), START), Check::Admitted { remaining: 4 });
    assert_eq!(bucket.full_at(), after(SECOND));
}

#[test]
fn a_limit_that_cannot_have_moved_the_arrival_time_so_far_starts_afresh() {
    let bucket = Bucket { arrival: ticks(START) + limit(1, 100).refill() };
    let retry_at = after(Duration::from_secs(2));
    assert_eq!(bucket.check(limit(1, 99), START), Check::Refused { retry_at });
    assert_eq!(bucket.check(limit(1, 98), START), Check::Afresh { remaining: 97 });
}

#[test]
fn a_small_step_back_admits_less_and_a_large_one_starts_afresh() {
    let (limit, mut bucket) = (limit(2, 2), Bucket::default());
    let second = NANOS as i64;
    assert!(admits(&mut bucket, limit, START));
    assert!(admits(&mut bucket, limit, START));
    let retry_at = moved(START, second / 2);
    assert_eq!(bucket.check(limit, moved(START, -second)), Check::Refused { retry_at });
    let set_back = moved(START, -second - 1);
    assert_eq!(bucket.check(limit, set_back), Check::Afresh { remaining: 1 });
    bucket.debit(limit, set_back);
    assert_eq!(bucket.full_at(), moved(set_back, second / 2));
}

#[test]
fn the_layout_is_as_documented() {
    let bucket = Bucket { arrival: 0x0102_0304_0506_0708_090a_0b0c };
    assert_eq!(bucket.to_bytes(), [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let mut second = Bucket::default();
    second.debit(limit(1, 1), Timestamp::default());
    assert_eq!(second.to_bytes()[..4], [0; 4]);
    assert_eq!(second.to_bytes()[4..], 1_000_000_000u64.to_le_bytes());
}

fn limits() -> impl Strategy<Value = BucketLimit> {
    let rates = prop_oneof![1u64..50, prop::sample::select(RATES.to_vec()), 1..2_000_000_000u64, 1..=MOST];
    let bursts = prop_oneof![4 => 1u64..20, 2 => 1u64..200, 1 => 1..=MOST];
    (rates, bursts).prop_map(|(per_second, burst)| limit(per_second, burst))
}

/// A limit, and the gaps between requests: many near its interval and its refill, and many of zero.
fn histories() -> impl Strategy<Value = (BucketLimit, Vec<i64>)> {
    let intervals_in_thousandths = prop_oneof![
        4 => Just(0u64),
        3 => 0..1500u64,
        2 => Just(1000u64),
        1 => 0..100_000u64,
    ];
    let gaps = prop::collection::vec((intervals_in_thousandths, 0u64..2), 1..300);
    (limits(), gaps).prop_map(|(limit, gaps)| {
        let nanos = |(thousandths, more)| (thousandths * 1_000_000 / limit.per_second + more) as i64;
        (limit, gaps.into_iter().map(nanos).collect())
    })
}

fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), prop::sample::select(vec![0, 1, u64::MAX - 1, u64::MAX])]
}

proptest! {
    #[test]
    fn every_span_keeps_the_bound_and_a_refusal_is_less_than_a_nanosecond_off((limit, gaps) in histories()) {
        let exact = SECOND_TICKS.is_multiple_of(limit.per_second);
        let (mut bucket, mut now, mut log) = (Bucket::default(), START, Vec::new());
        for gap in gaps {
            now = moved(now, gap);
            if admits(&mut bucket, limit, now) {
                prop_assert!(fits(&log, limit, now), "one too many at {now:?}");
                log.push(now);
            } else {
                let earlier = if exact { now } else { moved(now, -1) };
                prop_assert!(!fits(&log, limit, earlier), "refused at {now:?}");
            }
        }
    }

    #[test]
    fn clock_readings_up_to_a_second_late_do_not_admit_more(
        (limit, gaps) in histories(), late in prop::collection::vec(0i64..=NANOS as i64, 300)
    ) {
        let (mut bucket, mut clock, mut log) = (Bucket::default(), START, Vec::new());
        for (i, (gap, late)) in gaps.into_iter().zip(late).enumerate() {
            clock = moved(clock, gap);
            let now = if i % 3 == 0 { clock } else { moved(clock, -late) };
            if admits(&mut bucket, limit, now) {
                log.push(now);
            }
        }
        log.sort();
        for (i, last) in log.iter().enumerate() {
            prop_assert!(fits(&log[..i], limit, *last));
        }
    }

    #[test]
    fn remaining_and_retry_at_are_exact((limit, gaps) in histories()) {
        let (mut bucket, mut now) = (Bucket::default(), START);
        for gap in gaps {
            now = moved(now, gap);
            match bucket.check(limit, now) {
                Check::Admitted { remaining } | Check::Afresh { remaining } => {
                    bucket.debit(limit, now);
                    let mut ahead = bucket;
                    let more = (0..300).take_while(|_| admits(&mut ahead, limit, now)).count() as u64;
                    prop_assert_eq!(more, remaining.min(300));
                }
                Check::Refused { retry_at } => {
                    let interval = Duration::from_nanos(1_000_000_000u64.div_ceil(limit.per_second));
                    prop_assert!(retry_at > now && retry_at <= now.saturating_add(interval));
                    prop_assert!(admits(&mut bucket.clone(), limit, retry_at));
                    prop_assert!(!admits(&mut bucket.clone(), limit, moved(retry_at, -1)));
                }
            }
        }
    }

    #[test]
    fn any_stored_bytes_limit_and_clock_do_not_panic(
        stored in prop_oneof![any::<[u8; LEN]>(), Just([u8::MAX; LEN])],
        calls in prop::collection::vec((any_number(), any_number(), any_number()), 1..50)
    ) {
        let mut bucket = Bucket::from_bytes(stored);
        prop_assert_eq!(bucket.to_bytes(), stored);
        for (per_second, burst, now) in calls {
            let (limit, now) = (limit(per_second, burst), Timestamp::from_nanos(now));
            if let Check::Refused { retry_at } = bucket.check(limit, now) {
                prop_assert!(retry_at >= now);
            }
            bucket.debit(limit, now);
            prop_assert_eq!(Bucket::from_bytes(bucket.to_bytes()), bucket);
            let _ = bucket.full_at();
        }
    }
}
