//! An engine that cannot be asked, in every way, under every policy; and that is back.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::{Envoy, Response};

use super::engines::{FakeEngine, Manner};
use super::{PATIENT_MS, UNAVAILABLE, document, fleet, member, send};
use crate::until;

/// How many calls each plan gets while the engine is away.
const CALLS: usize = 20;

const RATE: usize = 10;
/// The rate divided by `expected_envoys`.
const SHARE: usize = 5;

/// After this pause nothing of a rate is used.
const UNUSED: Duration = Duration::from_millis(1200);

const QUOTA: usize = 50;
/// `grace_percent` of the quota.
const GRACE: usize = 5;

/// What is admitted of quotas without the engine.
const DEBT: f64 = (GRACE + CALLS) as f64;

/// Ways in which an engine is away.
#[derive(Clone, Copy, Debug)]
enum Away {
    Closed,
    Is(Manner),
}

// === impl Away ===

impl Away {
    /// Only an engine that never answers is found to be away by waiting for it. All others are waited for, so
    /// that a call that is answered late on a busy machine is not left to the policies.
    fn timeout_ms(self) -> u64 {
        match self {
            Self::Is(Manner::Mute) => 1000,
            _ => PATIENT_MS,
        }
    }

    /// Whether an engine that is back may still answer too late.
    fn may_be_late(self) -> bool {
        self.timeout_ms() < PATIENT_MS
    }
}

/// A plan for each policy.
fn plans() -> Vec<(&'static str, Value)> {
    let of_rate = |policy: &str| json!({"max_requests_per_second": RATE, "on_engine_down": {"rate": policy}});
    let of_quota = |policy: &str| {
        json!({"quotas": [{"max_requests": QUOTA, "period": "day"}],
            "on_engine_down": {"quota": policy, "grace_percent": 100 * GRACE / QUOTA}})
    };
    vec![
        ("rate-share", of_rate("local_share")),
        ("rate-deny", of_rate("deny")),
        ("rate-allow", of_rate("allow")),
        ("quota-grace", of_quota("grace")),
        ("quota-deny", of_quota("deny")),
        ("quota-allow", of_quota("allow")),
    ]
}

/// The answers to so many calls, one after the other.
fn answers(envoy: &Envoy, plan: &str, number: usize) -> Vec<Response> {
    (0..number).map(|_| send(envoy, plan)).collect()
}

fn passed(answers: &[Response]) -> usize {
    answers.iter().filter(|answer| answer.status == 200).count()
}

/// How much the engine has granted of a plan.
fn granted(engine: &FakeEngine, plan: &str) -> u64 {
    let calls = engine.calls();
    let of_plan = calls.iter().filter(|call| call.granted && call.entries["plan"] == plan);
    of_plan.map(|call| call.hits).sum()
}

/// Each policy decides, and nothing waits for an engine that was found to be away.
fn assert_policies(envoy: &Envoy, away: Away) {
    for plan in ["rate-deny", "quota-deny"] {
        for answer in answers(envoy, plan, CALLS) {
            assert_eq!(answer.status, 503, "{away:?}, {plan}: {}", answer.text());
            assert!(answer.text().contains(UNAVAILABLE), "{away:?}, {plan}: {}", answer.text());
        }
    }
    for (plan, limit) in [("rate-share", SHARE), ("rate-allow", RATE)] {
        let start = Instant::now();
        let answers = answers(envoy, plan, CALLS);
        let seconds = start.elapsed().as_secs() as usize + 2;
        let passed = passed(&answers);
        assert!((limit..=limit * seconds).contains(&passed), "{away:?}, {plan}: {passed} in {seconds} s");
        let is_limited = |answer: &Response| matches!(answer.status, 200 | 429);
        assert!(answers.iter().all(is_limited), "{away:?}, {plan}: {answers:?}");
    }
    assert_eq!(passed(&answers(envoy, "quota-grace", CALLS)), GRACE, "{away:?}");
    assert_eq!(passed(&answers(envoy, "quota-allow", CALLS)), CALLS, "{away:?}");
}

/// Once the engine is back, it is asked again, and what passed without it is reported to it.
fn assert_recovers(envoy: &Envoy, engine: &FakeEngine, away: Away) {
    for plan in ["rate-deny", "quota-deny"] {
        let answer = until(|| send(envoy, plan), |answer| answer.status == 200);
        assert_eq!(answer.status, 200, "{away:?}, {plan}: {}", answer.text());
    }
    let burst = || {
        // So that the plan is unused.
        std::thread::sleep(UNUSED);
        passed(&answers(envoy, "rate-share", RATE))
    };
    let full = until(burst, |passed| *passed == RATE);
    assert_eq!(full, RATE, "{away:?}: the full rate, which is twice the share");
    for (plan, debt) in [("quota-grace", GRACE), ("quota-allow", CALLS)] {
        let told = until(|| granted(engine, plan), |granted| *granted >= debt as u64);
        assert!(told >= debt as u64, "{away:?}, {plan}: {told} of a debt of {debt}");
        let mut admitted = debt;
        let refused = until(
            || {
                let answer = send(envoy, plan);
                admitted += usize::from(answer.status == 200);
                answer
            },
            |answer| answer.status == 429,
        );
        assert_eq!(refused.status, 429, "{away:?}, {plan}: {}", refused.text());
        // An answer that comes too late on a machine that is busy takes its tokens with it.
        assert!((QUOTA / 2..=QUOTA).contains(&admitted), "{away:?}, {plan}: {admitted} of the whole day");
    }
}

fn through_outage(away: Away) {
    let mut engine = FakeEngine::start();
    let fleet = fleet("envoyproxy", json!({"timeout_ms": away.timeout_ms()}));
    let envoy = Envoy::start(&member(&document(&fleet, &plans()), engine.address));
    match away {
        Away::Closed => engine.close(),
        Away::Is(manner) => engine.behave(manner),
    }
    // Three calls that fail, and it is not asked any more.
    let breaker = |event| envoy.metric("usage_plan_engine_breaker", &[("event", event)]);
    let opened = until(
        || {
            send(&envoy, "rate-deny");
            breaker("open")
        },
        |opened| *opened > 0.0,
    );
    assert!(opened > 0.0, "{away:?}");
    assert_policies(&envoy, away);
    // The root context counts these, when it is called next.
    for decision in ["local_share", "deny", "allow", "grace"] {
        let decided = || envoy.metric("usage_plan_engine_policy", &[("decision", decision)]);
        assert!(until(decided, |decided| *decided > 0.0) > 0.0, "{away:?}: {decision}");
    }
    let debt = |kind| envoy.metric("usage_plan_debt", &[("kind", kind)]);
    assert_eq!(until(|| debt("taken"), |taken| *taken >= DEBT), DEBT, "{away:?}");
    match away {
        Away::Closed => engine.listen(),
        Away::Is(_) => engine.behave(Manner::Counts),
    }
    assert_recovers(&envoy, &engine, away);
    assert!(until(|| breaker("close"), |closed| *closed > 0.0) > 0.0, "{away:?}");
    let (reported, taken) = until(
        || (debt("reported"), debt("taken")),
        |(reported, taken)| *reported >= DEBT && reported == taken,
    );
    assert_eq!(reported, taken, "{away:?}");
    assert!(taken == DEBT || (away.may_be_late() && taken > DEBT), "{away:?}: {taken}");
}

#[test]
fn a_closed_port_leaves_it_to_the_policies() {
    through_outage(Away::Closed);
}

#[test]
fn an_engine_that_does_not_answer_leaves_it_to_the_policies() {
    through_outage(Away::Is(Manner::Mute));
}

#[test]
fn an_engine_that_fails_leaves_it_to_the_policies() {
    through_outage(Away::Is(Manner::Fails));
}

#[test]
fn an_answer_that_is_none_leaves_it_to_the_policies() {
    through_outage(Away::Is(Manner::Nonsense));
}

#[test]
fn a_domain_that_the_engine_does_not_know_leaves_it_to_the_policies() {
    through_outage(Away::Is(Manner::UnknownDomain));
}
