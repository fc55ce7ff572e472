//! Planted violations, each of which must be found, and found by its own check.

use std::time::{Duration, Instant};

use testbed::busiest::Bracket;

use super::*;
use crate::claim::Claim;
use crate::event::Line;
use crate::world::{GOLD, MOVED, ROTATED, SILVER, STEADY, TOGGLED, UNLIMITED, World};

/// A run whose events can be what they should not be.
struct Run {
    start: Instant,
    history: History,
    crashes: Crashes,
    events: Vec<Event>,
    requests: u64,
}

/// When a request is sent, in milliseconds since the start. It is answered a millisecond later.
type Ms = u64;

// === impl Run ===

impl Run {
    /// [`TOGGLED`] is disabled in the second 1 and enabled in the second 2. [`MOVED`] goes to another plan in
    /// the second 1. [`ROTATED`] has a new secret from the second 1 on, and the old one up to the second 3.
    fn new() -> Self {
        let start = Instant::now();
        let history = History::new(World::first(), start);
        let mut world = World::first();
        world.key(TOGGLED).enabled = false;
        world.key(MOVED).plan = Some(SILVER);
        world.key(ROTATED).generation = 1;
        world.key(ROTATED).previous_until = Some(3_000_000_000);
        history.begin(world.clone(), start + Duration::from_millis(1000));
        history.in_force(start + Duration::from_millis(1100));
        world.key(TOGGLED).enabled = true;
        history.begin(world, start + Duration::from_millis(2000));
        history.in_force(start + Duration::from_millis(2100));
        Self { start, history, crashes: Crashes::default(), events: Vec::new(), requests: 0 }
    }

    fn at(&self, ms: Ms) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    /// What the caller sees.
    fn answered(&mut self, ms: Ms, claim: Claim, status: u16, body: &str) -> u64 {
        self.requests += 1;
        let id = self.requests;
        let (sent, answered) = (self.at(ms), self.at(ms + 1));
        let door = (testbed::ports::local(1), Protocol::Http1);
        let answer = Ok(Answer { status, body: body.replace("ID", &id.to_string()) });
        self.events.push(Event::Answered(Sample { id, claim, door, connection: 1, sent, answered, answer }));
        id
    }

    /// What Envoy logs.
    fn logged(&mut self, id: u64, ms: Ms, status: u16, plan: &str, outcome: &str) {
        let decided = Bracket { earliest: ms * 1_000_000, latest: ms * 1_000_000 + 10_000 };
        let entry = Entry { decided, status, plan: plan.to_owned(), outcome: outcome.to_owned() };
        self.events.push(Event::Logged(vec![Line { id: Some(id), entry }]));
    }

    /// A request that was counted on `plan` and let through.
    fn passed(&mut self, ms: Ms, claim: Claim, plan: &str) {
        let id = self.answered(ms, claim, 200, &format!("/soak/ID {plan}"));
        self.logged(id, ms, 200, plan, "allowed");
    }

    /// A request that was refused.
    fn refused(&mut self, ms: Ms, claim: Claim, outcome: &str) {
        let id = self.answered(ms, claim, 401, "{}");
        self.logged(id, ms, 401, "", outcome);
    }

    /// The names of the checks that found something.
    fn broken(self) -> Vec<&'static str> {
        let mut judge = Judge::new(&self.history, &self.crashes);
        self.events.into_iter().for_each(|event| judge.take(event));
        let checks = judge.finish();
        checks.iter().filter(|check| check.broken() > 0).map(|check| check.name).collect()
    }
}

fn broken(plant: impl FnOnce(&mut Run)) -> Vec<&'static str> {
    let mut run = Run::new();
    plant(&mut run);
    run.broken()
}

fn signed(key: &'static str, generation: u32) -> Claim {
    Claim::Signed { key, generation }
}

const THROUGH: [&str; 1] = ["nothing passes that should not"];
const REFUSED: [&str; 1] = ["nothing is refused that should pass"];
const TOLD: [&str; 1] = ["answer, upstream and log agree on each request"];
const NONE: [&str; 0] = [];

#[test]
fn a_run_as_it_should_be_breaks_nothing() {
    let found = broken(|run| {
        run.passed(500, signed(TOGGLED, 0), UNLIMITED);
        run.refused(1500, signed(TOGGLED, 0), "key_disabled");
        run.passed(2500, signed(TOGGLED, 0), UNLIMITED);
        run.passed(500, signed(MOVED, 0), GOLD);
        run.passed(1500, signed(MOVED, 0), SILVER);
        run.refused(500, signed(ROTATED, 1), "signature_mismatch");
        run.passed(1500, signed(ROTATED, 0), UNLIMITED);
        run.refused(3500, signed(ROTATED, 0), "signature_mismatch");
        run.refused(500, Claim::Unsigned, "credential_missing");
    });
    assert_eq!(found, NONE);
}

#[test]
fn while_a_publication_is_under_way_both_ends_are_right() {
    for ms in [1000, 1050, 1099] {
        assert_eq!(broken(|run| run.passed(ms, signed(TOGGLED, 0), UNLIMITED)), NONE, "{ms}");
        assert_eq!(broken(|run| run.refused(ms, signed(TOGGLED, 0), "key_disabled")), NONE, "{ms}");
    }
}

#[test]
fn a_request_that_passes_and_should_not_is_found() {
    let gold = STEADY[1].0;
    for claim in [Claim::Forged(gold), Claim::Unknown, Claim::Stale(gold), Claim::Unsigned] {
        assert_eq!(broken(|run| run.passed(1500, claim, GOLD)), THROUGH, "{claim:?}");
    }
    for (ms, claim, plan) in [
        (1100, signed(TOGGLED, 0), UNLIMITED),
        (1999, signed(MOVED, 0), GOLD),
        (500, signed(MOVED, 0), SILVER),
        (500, signed(ROTATED, 1), UNLIMITED),
        (3001, signed(ROTATED, 0), UNLIMITED),
    ] {
        assert_eq!(broken(|run| run.passed(ms, claim, plan)), THROUGH, "{claim:?} at {ms}");
    }
}

#[test]
fn a_request_that_is_refused_and_should_pass_is_found() {
    for (ms, claim, outcome) in [
        (500, signed(TOGGLED, 0), "key_disabled"),
        (2100, signed(TOGGLED, 0), "key_disabled"),
        (1500, signed(ROTATED, 0), "signature_mismatch"),
        (1500, signed(MOVED, 0), "key_not_bound"),
        (1500, signed(STEADY[0].0, 0), "key_unknown"),
        (1500, signed(TOGGLED, 0), "key_unknown"),
    ] {
        assert_eq!(broken(|run| run.refused(ms, claim, outcome)), REFUSED, "{claim:?} at {ms}");
    }
}

#[test]
fn an_answer_that_no_rule_knows_is_found() {
    let found = broken(|run| {
        let id = run.answered(500, signed(TOGGLED, 0), 500, "");
        run.logged(id, 500, 500, "", "");
    });
    assert_eq!(found, REFUSED);
}

#[test]
fn a_request_of_which_only_one_side_is_seen_is_found() {
    assert_eq!(broken(|run| assert_eq!(run.answered(500, Claim::Unsigned, 401, "{}"), 1)), TOLD);
    assert_eq!(broken(|run| run.logged(9, 500, 401, "", "credential_missing")), TOLD);
}

#[test]
fn an_answer_of_another_request_or_on_another_plan_is_found() {
    for body in ["/soak/999 plan-unlimited", "/soak/ID plan-gold", ""] {
        let found = broken(|run| {
            let id = run.answered(500, signed(TOGGLED, 0), 200, body);
            run.logged(id, 500, 200, UNLIMITED, "allowed");
        });
        assert_eq!(found, TOLD, "{body}");
    }
    let found = broken(|run| {
        let id = run.answered(500, Claim::Unsigned, 401, "/soak/ID plan-gold");
        run.logged(id, 500, 401, "", "credential_missing");
    });
    assert_eq!(found, TOLD, "a refusal that the upstream has seen");
}

#[test]
fn a_command_that_fails_is_found() {
    let found = broken(|run| run.events.push(Event::Failed("publication 7".to_owned())));
    assert_eq!(found, ["every connection, command and publication works"]);
}
