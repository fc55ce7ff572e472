//! Limits that an engine counts: a request takes a token of every one, or changes nothing.

use proptest::prelude::*;

use super::*;
use crate::document::{CountedBy, EngineKind, Fleet, OnEngineDown, QuotaDown, RateDown};
use crate::limit::Decision;
use crate::limit::drawn::{Drawn, Taken};

/// A plan of a rate and two quotas, all of which the engine counts.
fn limits(down: OnEngineDown, rates: CountedBy) -> Limits {
    let quota = |max, period| Quota { max_requests: Some(max), period, utc_offset: UtcOffset(0) };
    let quotas = [quota(1000, Period::Day), quota(3000, Period::Total)];
    let fleet = Fleet { expected_envoys: 4, rates, engine: EngineKind::UsagePlan, ..Fleet::default() };
    Limits::new(Some(40), None, &quotas, &[]).with_fleet(&fleet, down)
}

fn fleet() -> Limits {
    limits(OnEngineDown::default(), CountedBy::Fleet)
}

/// Puts tokens into the pools of the limits, in their order.
fn fill(counter: &mut Counter, limits: &Limits, now: Timestamp, tokens: [u64; 3], store: &Local<'_>) {
    for (limit, tokens) in limits.pooled().zip(tokens) {
        assert_eq!(counter.change_pool(store, limit, now, &mut |pool| pool.tokens += tokens), Some(0));
    }
}

fn tokens(counter: &Counter, limits: &Limits, now: Timestamp) -> Vec<u64> {
    limits.pooled().map(|limit| counter.pool(limit, now).tokens).collect()
}

fn draw(counter: &mut Counter, limits: &Limits, now: Timestamp, store: &Local<'_>, alone: bool) -> Drawn {
    counter.draw(store, limits, None, now, alone)
}

fn new() -> Counter {
    Counter::new("plan".to_owned())
}

proptest! {
    #[test]
    fn a_request_takes_a_token_of_every_limit_or_changes_nothing(
        have in prop::array::uniform3(0u64..3), spent in prop::array::uniform3(any::<bool>()), stale: bool,
    ) {
        let (limits, store, mut counter) = (fleet(), Local::default(), new());
        fill(&mut counter, &limits, NOW, have, &store);
        for (limit, spent) in limits.pooled().zip(spent) {
            let max = limit.max();
            counter.change_pool(&store, limit, NOW, &mut |pool| if spent { pool.set_spent(max, NOW) });
        }
        // A worker that has not seen the cell, or has seen it as it is.
        let mut worker = if stale { new() } else { counter };
        let before = store.cells.borrow().get("plan").expect("a cell").0;
        let drawn = draw(&mut worker, &limits, NOW, &store, false);
        let is_spent = have.iter().zip(spent).any(|(have, spent)| *have == 0 && spent);
        let expected = if have.iter().all(|tokens| *tokens > 0) {
            Taken::Granted
        } else if is_spent {
            let Taken::Exhausted(violation) = drawn.taken.clone() else {
                return Err(TestCaseError::fail(format!("{drawn:?}")));
            };
            prop_assert_eq!(violation.of_rate, have[0] == 0 && spent[0]);
            Taken::Exhausted(violation)
        } else {
            Taken::Lacking
        };
        prop_assert_eq!(&drawn.taken, &expected);
        if drawn.taken == Taken::Granted {
            prop_assert_eq!(tokens(&worker, &limits, NOW), have.map(|tokens| tokens - 1));
        } else {
            prop_assert_eq!(store.cells.borrow().get("plan").expect("a cell").0, before);
        }
    }
}

#[test]
fn no_token_is_used_after_its_second_or_its_period_and_the_window_stays() {
    let (limits, store, mut counter) = (fleet(), Local::default(), new());
    store.clock.set(NOW);
    fill(&mut counter, &limits, NOW, [100, 100, 100], &store);
    let granted = (0..50).filter(|_| draw(&mut counter, &limits, NOW, &store, false).taken == Taken::Granted);
    assert_eq!(granted.count(), 40, "the window of this Envoy alone");
    assert_eq!(tokens(&counter, &limits, NOW), [60, 60, 60], "a refused request takes none");
    let next = NOW.saturating_add(SECOND);
    assert_eq!(draw(&mut counter, &limits, next, &store, false).taken, Taken::Lacking);
    assert_eq!(tokens(&counter, &limits, next), [0, 60, 60]);
    let day = NOW.saturating_add(SECOND * 86_400);
    assert_eq!(tokens(&counter, &limits, day), [0, 0, 60]);
}

#[test]
fn an_old_reading_within_a_second_uses_the_pool_and_an_older_one_looks_at_the_clock() {
    let (limits, store, mut counter) = (fleet(), Local::default(), new());
    fill(&mut counter, &limits, NOW, [5, 5, 5], &store);
    let before = |nanos: u64| Timestamp::from_nanos(NOW.as_nanos() - nanos);
    assert_eq!(draw(&mut counter, &limits, before(1), &store, false).taken, Taken::Granted);
    store.clock.set(NOW);
    assert_eq!(draw(&mut counter, &limits, before(2_000_000_000), &store, false).taken, Taken::Granted);
    assert_eq!(store.looks.get(), 1);
    store.clock.set(before(2_000_000_000));
    assert_eq!(draw(&mut counter, &limits, before(2_000_000_000), &store, false).taken, Taken::Lacking);
}

#[test]
fn tokens_that_another_worker_has_put_there_are_found_before_a_request_waits() {
    let (limits, store) = (fleet(), Local::default());
    let (mut one, mut other) = (new(), new());
    fill(&mut one, &limits, NOW, [1, 1, 1], &store);
    assert_eq!(draw(&mut one, &limits, NOW, &store, false).taken, Taken::Granted);
    let vm = store.of_another_vm();
    fill(&mut other, &limits, NOW, [1, 1, 1], &vm);
    assert_eq!(draw(&mut one, &limits, NOW, &store, false).taken, Taken::Granted);
    assert_eq!(draw(&mut other, &limits, NOW, &vm, false).taken, Taken::Lacking);
}

/// What is decided without the engine: how many of so many requests are let through, and by which policy.
fn alone(down: OnEngineDown, requests: u32) -> (usize, Taken, Vec<Decision>) {
    let (limits, store, mut counter) = (limits(down, CountedBy::Fleet), Local::default(), new());
    let mut drawn = Vec::new();
    for i in 0..requests {
        let now = NOW.saturating_add(Duration::from_millis(u64::from(i) * 200));
        store.clock.set(now);
        drawn.push(draw(&mut counter, &limits, now, &store, true));
    }
    let last = drawn.last().expect("a request").clone();
    let granted = drawn.iter().filter(|drawn| drawn.taken == Taken::Granted).count();
    (granted, last.taken, last.decisions.iter().collect())
}

#[test]
fn without_the_engine_each_limit_is_decided_by_its_policy() {
    let down = |rate, quota| OnEngineDown { rate: Some(rate), quota: Some(quota), grace_percent: Some(2) };
    // 20 of the day, and 60 of the total: what is let through is the least.
    let (granted, last, by) = alone(down(RateDown::Allow, QuotaDown::Grace), 30);
    assert_eq!(
        (granted, last, by),
        (20, Taken::Unavailable, vec![Decision::Deny, Decision::Allow, Decision::Grace])
    );
    let (granted, _, by) = alone(down(RateDown::Allow, QuotaDown::Allow), 30);
    assert_eq!((granted, by), (30, vec![Decision::Allow]));
    assert_eq!(alone(down(RateDown::Deny, QuotaDown::Allow), 3).1, Taken::Unavailable);
    assert_eq!(alone(down(RateDown::Allow, QuotaDown::Deny), 3).1, Taken::Unavailable);
}

#[test]
fn the_share_of_an_envoy_is_a_window_of_its_own_size() {
    let down = OnEngineDown { quota: Some(QuotaDown::Allow), ..OnEngineDown::default() };
    let (limits, store, mut counter) = (limits(down, CountedBy::Fleet), Local::default(), new());
    store.clock.set(NOW);
    let mut draw_one = |now| draw(&mut counter, &limits, now, &store, true);
    assert_eq!((0..30).filter(|_| draw_one(NOW).taken == Taken::Granted).count(), 10);
    let Taken::Exhausted(violation) = draw_one(NOW).taken else { panic!("a violation") };
    assert!(violation.of_rate && violation.retry_at == NOW.saturating_add(SECOND));
    assert_eq!(draw_one(NOW.saturating_add(SECOND)).taken, Taken::Granted);
}

#[test]
fn a_rate_that_is_counted_here_needs_no_token() {
    let (limits, store) = (limits(OnEngineDown::default(), CountedBy::Local), Local::default());
    let mut counter = new();
    fill(&mut counter, &limits, NOW, [1, 1, 0], &store);
    assert_eq!(limits.pooled().map(|limit| limit.name().to_owned()).collect::<Vec<_>>(), ["day", "total"]);
    assert_eq!(draw(&mut counter, &limits, NOW, &store, false).taken, Taken::Granted);
    assert_eq!(draw(&mut counter, &limits, NOW, &store, false).taken, Taken::Lacking);
}

#[test]
fn a_reset_empties_the_pool_of_its_quota_once() {
    let later = NOW.saturating_add(SECOND * 60);
    let (store, mut counter) = (Local::default(), new());
    let plain = fleet();
    fill(&mut counter, &plain, NOW, [5, 5, 5], &store);
    let reset = fleet().with_resets_of_pools(later);
    assert_eq!(tokens(&counter, &reset, NOW), [5, 5, 5], "before its time");
    assert_eq!(tokens(&counter, &reset, later), [0, 0, 0]);
    fill(&mut counter, &reset, later, [2, 2, 2], &store);
    assert_eq!(tokens(&counter, &reset, later), [2, 2, 2]);
    let spans: Vec<_> = reset.pooled().map(|limit| limit.reset_of(counter.pool(limit, later).span)).collect();
    assert_eq!(spans, [None, Some(later), Some(later)]);
}

#[test]
fn debt_of_a_period_that_is_over_is_given_up_by_whoever_writes_first() {
    let down = OnEngineDown { quota: Some(QuotaDown::Allow), ..OnEngineDown::default() };
    let (limits, store) = (limits(down, CountedBy::Local), Local::default());
    let (mut one, mut other) = (new(), new());
    let draws = (0..7).map(|_| draw(&mut one, &limits, NOW, &store, true));
    let made: Vec<_> = draws.map(|drawn| (drawn.debt, drawn.written_off)).collect();
    assert_eq!(made, [(2, 0); 7], "of the day, and of the total");
    assert_eq!(draw(&mut other, &limits, NOW, &store, true).debt, 2);
    let day = NOW.saturating_add(SECOND * 86_400);
    let is_past =
        |limits: &Limits| limits.pooled().map(|limit| other.has_past_debt(limit, day)).collect::<Vec<_>>();
    assert_eq!(is_past(&limits), [true, false]);
    let mut drawn = [&mut one, &mut other].map(|worker| draw(worker, &limits, day, &store, true));
    assert_eq!(drawn.each_mut().map(|drawn| drawn.written_off), [8, 0], "the total is not over");
    // As much is made of the next day.
    let quota = limits.pooled().next().expect("the day");
    let after = day.saturating_add(SECOND * 86_400);
    let changed = [&mut one, &mut other].map(|worker| worker.change_pool(&store, quota, after, &mut |_| {}));
    assert_eq!(changed, [Some(2), Some(0)]);
}

#[test]
fn a_request_that_another_worker_was_before_makes_no_debt() {
    let (limits, store) = (limits(OnEngineDown::default(), CountedBy::Local), Local::default());
    let (mut one, mut other) = (new(), new());
    let mut of_one = || draw(&mut one, &limits, NOW, &store, true);
    assert_eq!((0..9).map(|_| of_one().debt).collect::<Vec<_>>(), [2; 9]);
    assert_eq!(draw(&mut other, &limits, NOW, &store, true).debt, 2, "the last of the grace");
    let drawn = of_one();
    assert_eq!((drawn.taken, drawn.debt, drawn.written_off), (Taken::Unavailable, 0, 0));
}

#[test]
fn debt_of_a_quota_that_the_plan_no_longer_has_is_given_up_too() {
    let down = OnEngineDown { quota: Some(QuotaDown::Allow), ..OnEngineDown::default() };
    let (limits, store, mut counter) = (limits(down, CountedBy::Local), Local::default(), new());
    assert_eq!(draw(&mut counter, &limits, NOW, &store, true).debt, 2);
    let quota = Quota { max_requests: Some(3000), period: Period::Total, utc_offset: UtcOffset(0) };
    let fleet = Fleet { rates: CountedBy::Local, ..Fleet::default() };
    let fewer = Limits::new(Some(40), None, &[quota], &[]).with_fleet(&fleet, down);
    let mut written_off = |now| draw(&mut counter, &fewer, now, &store, true).written_off;
    assert_eq!(written_off(NOW), 0, "another document may still have it");
    assert_eq!(written_off(NOW.saturating_add(SECOND * 86_400)), 1);
}

#[test]
fn what_is_left_is_the_tokens_and_what_the_engine_had_left() {
    let (limits, store, mut counter) = (fleet(), Local::default(), new());
    fill(&mut counter, &limits, NOW, [5, 6, 7], &store);
    for (limit, left) in limits.pooled().zip([20, 100, 200]) {
        counter.change_pool(&store, limit, NOW, &mut |pool| pool.set_remaining(Some(left)));
    }
    let left = |counter: &Counter| -> Vec<u64> {
        counter.pooled_balances(&limits, None, NOW).iter().map(|balance| balance.remaining).collect()
    };
    assert_eq!(left(&counter), [25, 106, 207]);
    draw(&mut counter, &limits, NOW, &store, false);
    assert_eq!(left(&counter), [24, 105, 206]);
    let all: Vec<_> = counter.peek(&store, &limits, NOW).into_iter().map(|(_, one)| one.remaining).collect();
    assert_eq!(all, [24, 105, 206]);
}
