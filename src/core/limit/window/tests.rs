//! Compares the window with its bound, and with a plain log of every admission.

use std::collections::VecDeque;
use std::time::Duration;

use proptest::prelude::*;

use super::limit::MAX_RUNS;
use super::*;

const START: Timestamp = Timestamp::from_nanos(1_700_000_000_000_000_000);
const NANOSECOND: Duration = Duration::from_nanos(1);

impl Window {
    fn admit(&mut self, limit: u64, now: Timestamp) -> Check {
        let limit = WindowLimit::new(limit);
        let check = self.check(limit, now);
        if !matches!(check, Check::Refused { .. }) {
            self.debit(limit, now, None);
        }
        check
    }
}

/// What wrong rules change.
impl Window {
    pub(in crate::limit) fn retain_leases(&mut self, keeps: impl Fn(&Lease) -> bool) {
        self.leases.retain(keeps);
    }

    /// Closes the lease, if it is there, as if so many of its admissions were used at its opening.
    pub(in crate::limit) fn close_any(&mut self, lease: Lease, used: u32) {
        self.close(WindowLimit::new(1), lease, (used, lease.opened), None);
    }

    /// Logs all leases as runs, stamped this long after their opening.
    pub(in crate::limit) fn log_leases(&mut self, ahead: Duration) {
        for lease in std::mem::take(&mut self.leases) {
            self.push(lease.opened.saturating_add(ahead), lease.count, 1);
        }
    }

    pub(in crate::limit) fn newest_stamp(&self) -> Option<Timestamp> {
        self.newest_run().map(|run| run.last)
    }

    /// Stamps the newest run with a time that is earlier than its own.
    pub(in crate::limit) fn restamp(&mut self, at: Timestamp) {
        if let Some(newest) = self.runs.last_mut() {
            let Run { last, count } = Run::read(newest);
            *newest = Run { last: last.min(at), count }.write();
        }
    }
}

fn admits(window: &mut Window, limit: u64, now: Timestamp) -> bool {
    !matches!(window.admit(limit, now), Check::Refused { .. })
}

/// The largest number of admissions in any half-open span of one second.
fn busiest(admitted: &[Timestamp]) -> usize {
    let within = |(i, first): (usize, &Timestamp)| {
        admitted[i..].iter().take_while(|last| last.saturating_since(*first) < SECOND).count()
    };
    admitted.iter().enumerate().map(within).max().unwrap_or(0)
}

#[test]
fn the_limit_is_admitted_at_once_and_one_more_is_not() {
    for limit in [1, 10, 256, 257, 2000] {
        let mut window = Window::default();
        for i in 1..=limit {
            assert_eq!(window.admit(limit, START), Check::Admitted { remaining: limit - i });
        }
        let retry_at = START.saturating_add(SECOND);
        assert_eq!(window.admit(limit, START), Check::Refused { retry_at });
    }
}

#[test]
fn a_refused_request_is_admitted_at_retry_at_and_not_a_nanosecond_before() {
    for limit in [1, 2, 300, 2000] {
        let mut window = Window::default();
        for i in 0..limit {
            assert!(admits(&mut window, limit, START.saturating_add(NANOSECOND * i as u32)));
        }
        let Check::Refused { retry_at } = window.admit(limit, START.saturating_add(SECOND - NANOSECOND))
        else {
            panic!("refused");
        };
        let before = Timestamp::from_nanos(retry_at.as_nanos() - 1);
        assert!(!admits(&mut window.clone(), limit, before), "limit {limit}");
        assert!(admits(&mut window, limit, retry_at), "limit {limit}");
    }
}

#[test]
fn all_requests_at_once_and_then_a_second_of_silence_lose_nothing() {
    for limit in [1, 10, 100, 2000] {
        let mut window = Window::default();
        let mut now = START;
        for _ in 0..5 {
            for _ in 0..limit {
                assert!(admits(&mut window, limit, now), "limit {limit}");
                now = now.saturating_add(Duration::from_micros(3));
            }
            now = now.saturating_add(SECOND);
        }
    }
}

#[test]
fn a_steady_rate_at_the_limit_loses_at_most_one_in_a_hundred() {
    for limit in [1, 2, 10, 100, 250, 256, 257, 500, 1000, 2000, 10_000, 1_000_000] {
        let mut window = Window::default();
        let sent = limit * 3;
        let lost = (0..sent)
            .filter(|i| {
                let offset = (1_000_000_000u128 * u128::from(*i)).div_ceil(limit.into());
                !admits(&mut window, limit, START.saturating_add(Duration::from_nanos(offset as u64)))
            })
            .count() as u64;
        assert!(lost * 100 <= sent, "limit {limit}: lost {lost} of {sent}");
    }
}

#[test]
fn a_window_stays_small() {
    let mut window = Window::default();
    for (limit, step) in [(2000, 400), (100, 400), (1_000_000, 1), (7, 100)] {
        let mut now = window.newest().unwrap_or(START);
        for _ in 0..20_000 {
            let _ = window.admit(limit, now);
            now = now.saturating_add(Duration::from_micros(step));
            assert!(window.runs.len() <= 2 * MAX_RUNS as usize + 1);
        }
    }
}

#[test]
fn a_changed_limit_applies_at_once_to_earlier_admissions() {
    let mut window = Window::default();
    for _ in 0..10 {
        assert!(admits(&mut window, 10, START));
    }
    assert!(!admits(&mut window, 5, START));
    assert_eq!(window.admit(12, START), Check::Admitted { remaining: 1 });
    assert!(admits(&mut window, 12, START));
    assert!(!admits(&mut window, 12, START));
}

#[test]
fn retry_at_of_a_lowered_limit_is_the_time_at_which_enough_admissions_have_left() {
    let mut window = Window::default();
    for i in 0..10u32 {
        assert!(admits(&mut window, 10, START.saturating_add(SECOND / 10 * i)));
    }
    let retry_at = START.saturating_add(SECOND / 10 * 6 + SECOND);
    assert_eq!(window.admit(4, START.saturating_add(SECOND / 10 * 9)), Check::Refused { retry_at });
    assert!(admits(&mut window, 4, retry_at));
}

#[test]
fn a_small_step_back_counts_as_the_newest_admission_and_a_large_one_starts_afresh() {
    let mut window = Window::default();
    assert!(admits(&mut window, 2, START));
    let back = |span: Duration| Timestamp::from_nanos(START.as_nanos() - span.as_nanos() as u64);
    assert!(admits(&mut window, 2, back(SECOND)));
    let retry_at = START.saturating_add(SECOND);
    assert_eq!(window.admit(2, back(SECOND)), Check::Refused { retry_at });
    assert_eq!(window.admit(2, back(SECOND + NANOSECOND)), Check::Afresh { remaining: 1 });
}

/// The gaps between requests in nanoseconds: many of zero, many short ones, and many near a second.
fn gaps() -> impl Strategy<Value = Vec<u64>> {
    let gap = prop_oneof![
        4 => Just(0u64),
        4 => 0..2_000_000u64,
        2 => 0..200_000_000u64,
        1 => 900_000_000..1_100_000_000u64,
        1 => Just(1_000_000_000u64),
    ];
    prop::collection::vec(gap, 1..600)
}

proptest! {
    #[test]
    fn no_second_ever_admits_more_than_the_limit(limit in 1u64..700, gaps in gaps()) {
        let (mut window, mut now, mut admitted) = (Window::default(), START, Vec::new());
        for gap in gaps {
            now = now.saturating_add(Duration::from_nanos(gap));
            if admits(&mut window, limit, now) {
                admitted.push(now);
            }
        }
        prop_assert!(busiest(&admitted) as u64 <= limit);
    }

    #[test]
    fn up_to_the_number_of_runs_the_window_is_the_exact_log(limit in 1u64..=MAX_RUNS, gaps in gaps()) {
        let (mut window, mut now, mut admitted) = (Window::default(), START, Vec::<Timestamp>::new());
        for gap in gaps {
            now = now.saturating_add(Duration::from_nanos(gap));
            let live = admitted.iter().filter(|last| now.saturating_since(**last) < SECOND).count() as u64;
            prop_assert_eq!(admits(&mut window, limit, now), live < limit);
            if live < limit {
                admitted.push(now);
            }
        }
    }

    #[test]
    fn above_the_number_of_runs_a_refusal_is_at_most_one_run_too_early(
        limit in MAX_RUNS..3000,
        gaps in gaps(),
    ) {
        let (mut window, mut now, mut live) = (Window::default(), START, VecDeque::<Timestamp>::new());
        for gap in gaps.into_iter().cycle().take(6000) {
            now = now.saturating_add(Duration::from_nanos(gap / 100));
            while live.front().is_some_and(|first| now.saturating_since(*first) >= SECOND) {
                live.pop_front();
            }
            if admits(&mut window, limit, now) {
                live.push_back(now);
            } else {
                prop_assert!(live.len() as u64 + u64::from(WindowLimit::new(limit).run_length) > limit);
            }
        }
    }

    #[test]
    fn retry_at_is_within_a_second_and_exact(limit in 1u64..400, gaps in gaps()) {
        let (mut window, mut now) = (Window::default(), START);
        for gap in gaps {
            now = now.saturating_add(Duration::from_nanos(gap));
            if let Check::Refused { retry_at } = window.admit(limit, now) {
                prop_assert!(retry_at > now && retry_at <= now.saturating_add(SECOND));
                prop_assert!(admits(&mut window.clone(), limit, retry_at));
                let before = Timestamp::from_nanos(retry_at.as_nanos() - 1);
                prop_assert!(!admits(&mut window.clone(), limit, before));
            }
        }
    }

    #[test]
    fn any_clock_keeps_the_runs_in_order(
        limit in 1u64..50,
        times in prop::collection::vec(any::<u64>(), 1..100),
    ) {
        let mut window = Window::default();
        for time in times {
            let _ = window.admit(limit, Timestamp::from_nanos(time));
        }
        prop_assert!(window.runs().zip(window.runs().skip(1)).all(|(a, b)| a.last <= b.last));
    }
}
