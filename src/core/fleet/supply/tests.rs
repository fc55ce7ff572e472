//! The machine against a model: an engine that counts exactly, in one second after the other.

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_nanos(1_700_000_000_000_000_000);
const TIMEOUT: Duration = Duration::from_millis(50);

fn at(millis: u64) -> Timestamp {
    START.saturating_add(Duration::from_millis(millis))
}

/// The second of the clock that a time lies in.
fn second(now: Timestamp) -> Span {
    let start = Timestamp::from_nanos(now.as_secs() * 1_000_000_000);
    Span { start, end: start.saturating_add(SECOND) }
}

fn terms(engine: EngineKind, is_quota: bool) -> Terms {
    Terms { engine, max: 100, is_quota, timeout: TIMEOUT }
}

/// A pool with so many tokens, of which the engine has this left.
fn pool(tokens: u64, remaining: u32) -> Pool {
    let mut pool = Pool::new(second(START));
    pool.tokens = tokens;
    pool.set_remaining(Some(remaining));
    pool
}

/// What a supply asks for that has this many requests waiting, after so many in the last moment.
fn next(engine: EngineKind, waiting: u32, used: u32, pool: &Pool) -> Option<Request> {
    let mut supply = Supply::new(false);
    supply.waiting = waiting;
    (0..used).for_each(|_| supply.needs(START));
    supply.next(terms(engine, false), pool, START)
}

#[test]
fn much_is_asked_for_while_much_is_left_and_little_near_the_end() {
    use EngineKind::{Envoyproxy, UsagePlan};
    for (engine, waiting, used, left, asked) in [
        // As much as is used in 50 ms, and a fifth more, but not more than a sixteenth of what is left.
        (UsagePlan, 1, 10, 100, 6),
        (UsagePlan, 1, 100, 64, 4),
        (UsagePlan, 1, 100, 5, 1),
        // Who waits is asked for, but with envoyproxy not more than a sixteenth.
        (UsagePlan, 50, 0, 100, 50),
        (UsagePlan, 50, 0, 20, 20),
        (Envoyproxy, 50, 0, 100, 6),
        (Envoyproxy, 50, 0, 15, 1),
        (Envoyproxy, 1, 0, 100, 1),
    ] {
        let request = next(engine, waiting, used, &pool(0, left));
        assert_eq!(request, Some(Request::Tokens(asked)), "{engine:?} {waiting} {used} {left}");
    }
    assert_eq!(next(UsagePlan, 0, 10, &pool(5, 100)), None, "enough is there");
    assert_eq!(next(UsagePlan, 0, 10, &pool(1, 100)), Some(Request::Tokens(6)), "a third of it is left");
    assert_eq!(next(UsagePlan, 5, 0, &pool(5, 100)), None, "those who wait have tokens");
}

#[test]
fn one_ask_is_in_flight_and_one_that_is_lost_is_made_again() {
    let (mut supply, terms) = (Supply::new(false), terms(EngineKind::UsagePlan, false));
    supply.waiting = 1;
    let empty = pool(0, 100);
    let request = supply.next(terms, &empty, START).expect("an ask");
    supply.send(terms, (1, request, empty.span), START);
    assert_eq!(supply.next(terms, &empty, at(99)), None);
    assert!(supply.next(terms, &empty, at(100)).is_some());
}

#[test]
fn a_quota_is_looked_at_after_a_timeout_then_taken_one_by_one() {
    let (mut supply, terms) = (Supply::new(true), terms(EngineKind::Envoyproxy, true));
    supply.waiting = 20;
    let mut pool = pool(0, 100);
    let mut step = |answer| {
        let request = supply.next(terms, &pool, START).expect("an ask");
        supply.send(terms, (1, request, pool.span), START);
        let asked = supply.in_flight.expect("in flight");
        let meaning = supply.answered(terms, asked, answer, &mut pool, START);
        supply.ended(terms, request, meaning);
        request
    };
    assert_eq!(step(Answer::Failed), Request::Tokens(6));
    assert_eq!(step(Answer::Failed), Request::Look);
    assert_eq!(step(Answer::Granted { remaining: 80 }), Request::Look);
    assert_eq!(step(Answer::Granted { remaining: 79 }), Request::Tokens(1));
    assert_eq!(step(Answer::Granted { remaining: 75 }), Request::Tokens(4));
}

#[test]
fn debt_is_reported_before_tokens_are_taken_and_given_up_when_nothing_is_left() {
    let (mut supply, terms) = (Supply::new(true), terms(EngineKind::UsagePlan, true));
    supply.waiting = 1;
    let mut pool = Pool::new(second(START));
    (pool.debt, pool.grace_used) = (30, 30);
    let mut step = |pool: &mut Pool, answer| {
        let request = supply.next(terms, pool, START).expect("an ask");
        if let Request::Debt(hits) = request {
            pool.debt -= u64::from(hits);
        }
        supply.send(terms, (1, request, pool.span), START);
        let asked = supply.in_flight.expect("in flight");
        let meaning = supply.answered(terms, asked, answer, pool, START);
        supply.ended(terms, request, meaning);
        (request, meaning)
    };
    let look = step(&mut pool, Answer::Granted { remaining: 20 });
    assert_eq!(look, (Request::Look, Meaning::Looked));
    assert_eq!(step(&mut pool, Answer::OverLimit { remaining: 12 }), (Request::Debt(20), Meaning::Less));
    assert_eq!(pool.debt, 30);
    assert_eq!(step(&mut pool, Answer::Granted { remaining: 5 }), (Request::Debt(12), Meaning::Reported(12)));
    assert_eq!((pool.debt, pool.grace_used), (18, 18));
    assert_eq!(step(&mut pool, Answer::OverLimit { remaining: 0 }), (Request::Debt(5), Meaning::Spent(18)));
    assert_eq!((pool.debt, pool.grace_used, pool.is_spent(100)), (0, 18, true));
}

#[test]
fn a_quota_that_is_used_up_is_looked_at_again_after_five_seconds_and_a_rate_is_not() {
    for (is_quota, expected) in [(true, Some(Request::Look)), (false, None)] {
        let (mut supply, terms) = (Supply::new(is_quota), terms(EngineKind::UsagePlan, is_quota));
        supply.waiting = 1;
        let mut spent = pool(0, 0);
        spent.set_spent(100, START);
        assert_eq!(supply.next(terms, &spent, at(4999)), None);
        assert_eq!(supply.next(terms, &spent, at(5000)), expected);
        assert!(supply.next(Terms { max: 101, ..terms }, &spent, at(0)).is_some(), "another limit");
    }
}

/// Something that happens to a worker.
#[derive(Clone, Copy, Debug)]
enum Step {
    Request,
    Ask,
    /// The answer comes, or is lost.
    Answer(bool),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => Just(Step::Request),
        3 => Just(Step::Ask),
        3 => prop::bool::weighted(0.9).prop_map(Step::Answer),
        2 => (0u64..300).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..200)
}

proptest! {
    #[test]
    fn no_token_is_used_twice_or_after_its_second(
        steps in steps(),
        engine in prop::sample::select(vec![
            EngineKind::UsagePlan, EngineKind::Envoyproxy, EngineKind::Limitador,
        ]),
    ) {
        let terms = terms(engine, false);
        let (mut supply, mut pool) = (Supply::new(false), Pool::new(second(START)));
        // What the engine has counted and granted in each second, and what requests used in it.
        let mut seconds = std::collections::HashMap::<u64, (u64, u64, u64)>::new();
        let (mut now, mut serial, mut outstanding) = (0, 0, None);
        for step in steps {
            let time = at(now);
            if time >= pool.span.end {
                pool = Pool::new(second(time));
            }
            let (counted, granted, used) = seconds.entry(time.as_secs()).or_default();
            match step {
                Step::Wait(millis) => now += millis,
                Step::Request => {
                    supply.needs(time);
                    if pool.tokens > 0 {
                        pool.tokens -= 1;
                        *used += 1;
                    } else {
                        supply.waiting += 1;
                    }
                    prop_assert!(*used <= *granted, "{used} of {granted}");
                    prop_assert!(*granted <= 100);
                }
                Step::Ask => {
                    let Some(request) = supply.next(terms, &pool, time) else { continue };
                    serial += 1;
                    supply.send(terms, (serial, request, pool.span), time);
                    let hits = u64::from(request.hits());
                    prop_assert!(hits > 0 && hits <= 100, "{request:?}");
                    // The engine decides when it is asked.
                    let fits = *counted + hits <= 100;
                    if fits || engine == EngineKind::Envoyproxy {
                        *counted += hits;
                    }
                    let left = u32::try_from(100_u64.saturating_sub(*counted)).expect("small");
                    let remaining = if engine == EngineKind::Limitador { 0 } else { left };
                    outstanding = Some(if fits {
                        *granted += hits;
                        Answer::Granted { remaining }
                    } else {
                        let tells = engine == EngineKind::UsagePlan;
                        Answer::OverLimit { remaining: if tells { remaining } else { 0 } }
                    });
                }
                Step::Answer(arrives) => {
                    let asked = supply.in_flight;
                    let (Some(answer), Some(asked)) = (outstanding.take(), asked) else { continue };
                    let answer = if arrives { answer } else { Answer::Failed };
                    let before = pool;
                    let meaning = supply.answered(terms, asked, answer, &mut pool, time);
                    supply.ended(terms, asked.request, meaning);
                    if asked.span != before.span {
                        prop_assert_eq!(pool.tokens, before.tokens, "late: {:?}", meaning);
                    }
                    let served = u32::try_from(pool.tokens).unwrap_or(u32::MAX).min(supply.waiting);
                    supply.waiting -= served;
                    pool.tokens -= u64::from(served);
                    *used += u64::from(served);
                    prop_assert!(*used <= *granted, "{used} of {granted}");
                }
            }
        }
    }
}
