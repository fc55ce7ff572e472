//! Whether the engine is asked at all. All workers of an Envoy share this, in a cell of the store, so that
//! one of them tries an engine that is away, and all others answer without it at once.

use std::time::Duration;

use crate::limit::{Store, Version};
use crate::timestamp::{SECOND, Timestamp};

/// So many failures in a row stop the asking.
const MOST_FAILURES: u8 = 3;

/// How long the engine is not asked after these failures, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What is written down to be longer than this ahead was written by a clock that has been set back since.
const FAR_AHEAD: Duration = Duration::from_secs(30);

/// How often a change is tried.
const MAX_TRIES: u32 = 64;

const LAYOUT: u8 = 1;
const LEN: usize = 15;

/// What is known of the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Breaker {
    state: State,
    /// Failures in a row.
    failures: u8,
    /// Until when the state lasts, unless it is closed.
    until: Timestamp,
    /// How long the next pause is, in milliseconds.
    pause: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// The engine is asked.
    #[default]
    Closed,
    /// The engine is not asked.
    Open,
    /// One worker has asked it, to try it.
    Tried,
    /// It has answered. It is asked again from the next full second on, because in this one requests were
    /// let through without it.
    Closing,
}

/// What a worker may do at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It may ask the engine.
    Closed,
    /// It may not ask the engine: the plan's policy decides.
    Open,
    /// One worker may ask, to try whether the engine answers again. The others may not.
    Due,
}

/// Something that the operator hears of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Opened,
    Closed,
}

/// Where the workers of an Envoy keep what they know of one engine.
#[derive(Debug)]
pub(super) struct BreakerCell(String);

// === impl Breaker ===

impl Breaker {
    pub(super) fn phase(self, now: Timestamp) -> Phase {
        let left = self.until.saturating_since(now);
        let is_over = left == Duration::ZERO || left > FAR_AHEAD;
        match self.state {
            State::Closed => Phase::Closed,
            State::Closing if is_over => Phase::Closed,
            State::Open | State::Tried if is_over => Phase::Due,
            _ => Phase::Open,
        }
    }

    /// Lets one worker try the engine, whose answer may take so long.
    fn tried(self, now: Timestamp, timeout: Duration) -> Option<Self> {
        let until = now.saturating_add(timeout.saturating_mul(2));
        (self.phase(now) == Phase::Due).then_some(Self { state: State::Tried, until, ..self })
    }

    /// Hears that an ask, or that of the worker that tries, had no answer.
    fn failed(self, now: Timestamp, is_try: bool) -> Option<Self> {
        let open = |pause: Duration, failures| {
            let millis = u32::try_from(pause.as_millis()).unwrap_or(u32::MAX);
            Self { state: State::Open, failures, until: now.saturating_add(pause), pause: millis }
        };
        match self.state {
            State::Tried if is_try => {
                let pause = Duration::from_millis(self.pause.into()).saturating_mul(2).min(LONGEST_PAUSE);
                Some(open(pause, self.failures))
            }
            // What was asked before they opened tells nothing new.
            _ if self.phase(now) != Phase::Closed => None,
            state => {
                let before = if state == State::Closed { self.failures } else { 0 };
                let failures = before.saturating_add(1);
                Some(if failures >= MOST_FAILURES {
                    open(FIRST_PAUSE, failures)
                } else {
                    Self { failures, ..Self::default() }
                })
            }
        }
    }

    /// Hears that an ask, or that of the worker that tries, was answered.
    fn succeeded(self, now: Timestamp, is_try: bool) -> Option<Self> {
        match self.state {
            State::Tried if is_try => {
                let second = Timestamp::from_nanos(now.as_secs().saturating_mul(1_000_000_000));
                Some(Self { state: State::Closing, until: second.saturating_add(SECOND), ..Self::default() })
            }
            _ if self.phase(now) != Phase::Closed || self == Self::default() => None,
            _ => Some(Self::default()),
        }
    }

    fn to_bytes(self) -> [u8; LEN] {
        let mut bytes = [LAYOUT, self.state as u8, self.failures, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let (_, numbers) = bytes.split_at_mut(3);
        let (until, pause) = numbers.split_at_mut(8);
        until.copy_from_slice(&self.until.as_nanos().to_le_bytes());
        pause.copy_from_slice(&self.pause.to_le_bytes());
        bytes
    }

    /// What bytes say; nothing is known of the engine if they are none of these.
    fn from_bytes(bytes: &[u8]) -> Self {
        let Ok([LAYOUT, state, failures, until @ .., a, b, c, d]) = <[u8; LEN]>::try_from(bytes) else {
            return Self::default();
        };
        let states = [State::Closed, State::Open, State::Tried, State::Closing];
        let state = states.into_iter().find(|known| *known as u8 == state).unwrap_or_default();
        let until = Timestamp::from_nanos(u64::from_le_bytes(until));
        Self { state, failures, until, pause: u32::from_le_bytes([a, b, c, d]) }
    }
}

// === impl BreakerCell ===

impl BreakerCell {
    /// The cell of the engine at a cluster. Plans have no such names, so it is none of theirs.
    pub(super) fn new(cluster: &str) -> Self {
        Self(format!("usage_plan_engine/{cluster}"))
    }

    pub(super) fn phase(&self, store: &impl Store, now: Timestamp) -> Phase {
        self.get(store).0.phase(now)
    }

    /// Whether this worker is the one that tries the engine now.
    pub(super) fn is_tried(&self, store: &impl Store, now: Timestamp, timeout: Duration) -> bool {
        let (breaker, version) = self.get(store);
        let tried = breaker.tried(now, timeout);
        tried.is_some_and(|tried| store.set(&self.0, &tried.to_bytes(), version).is_ok())
    }

    /// Hears how an ask, or that of the worker that tries, ended.
    pub(super) fn hear(
        &self,
        store: &impl Store,
        now: Timestamp,
        is_answered: bool,
        is_try: bool,
    ) -> Option<Change> {
        for _ in 0..MAX_TRIES {
            let (before, version) = self.get(store);
            let after = if is_answered { before.succeeded(now, is_try) } else { before.failed(now, is_try) }?;
            if store.set(&self.0, &after.to_bytes(), version).is_ok() {
                return match (before.state, after.state) {
                    (State::Closed | State::Closing, State::Open) => Some(Change::Opened),
                    (_, State::Closing) => Some(Change::Closed),
                    _ => None,
                };
            }
        }
        None
    }

    fn get(&self, store: &impl Store) -> (Breaker, Version) {
        match store.get(&self.0) {
            Some((bytes, version)) => (Breaker::from_bytes(&bytes), version),
            None => (Breaker::default(), Version::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_nanos((1_700_000_000_000 + millis) * 1_000_000)
    }

    const TIMEOUT: Duration = Duration::from_millis(50);

    fn failures(count: usize) -> Breaker {
        (0..count).fold(Breaker::default(), |breaker, _| breaker.failed(at(0), false).unwrap_or(breaker))
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_a_success_between_them_does_not() {
        assert_eq!(failures(2).phase(at(0)), Phase::Closed);
        assert_eq!(failures(3).phase(at(0)), Phase::Open);
        let again = failures(2).succeeded(at(1), false).expect("a change");
        assert_eq!(again, Breaker::default());
        assert_eq!(Breaker::default().succeeded(at(1), false), None, "nothing to write");
    }

    #[test]
    fn one_worker_tries_it_after_a_pause_that_doubles_up_to_five_seconds() {
        let (mut breaker, mut now, mut pauses) = (failures(3), 0, Vec::new());
        for _ in 0..6 {
            let pause = (0..10_000).find(|pause| breaker.phase(at(now + pause)) == Phase::Due).expect("due");
            pauses.push(pause);
            now += pause;
            breaker = breaker.tried(at(now), TIMEOUT).expect("it is due");
            assert_eq!(breaker.tried(at(now), TIMEOUT), None, "one worker");
            assert_eq!(breaker.failed(at(now), false), None, "of another call");
            breaker = breaker.failed(at(now), true).expect("it failed");
        }
        assert_eq!(pauses, [300, 600, 1200, 2400, 4800, 5000]);
    }

    #[test]
    fn a_try_whose_worker_died_is_made_by_another_one() {
        let tried = failures(3).tried(at(300), TIMEOUT).expect("due");
        assert_eq!((tried.phase(at(399)), tried.phase(at(400))), (Phase::Open, Phase::Due));
    }

    #[test]
    fn it_closes_at_the_next_full_second() {
        let tried = failures(3).tried(at(300), TIMEOUT).expect("due");
        assert_eq!(tried.succeeded(at(310), false), None, "an old call");
        let closing = tried.succeeded(at(310), true).expect("it answered");
        assert_eq!((closing.phase(at(999)), closing.phase(at(1000))), (Phase::Open, Phase::Closed));
        let failed = closing.failed(at(1001), false).expect("a failure");
        assert_eq!((failed.failures, failed.phase(at(1001))), (1, Phase::Closed));
    }

    #[test]
    fn a_clock_that_was_set_back_shuts_nothing_for_long() {
        let open = failures(3);
        let hour = Timestamp::from_nanos(at(0).as_nanos() - 3_600_000_000_000);
        assert_eq!(open.phase(hour), Phase::Due);
    }

    #[test]
    fn what_is_stored_is_read_and_other_bytes_say_nothing() {
        for breaker in [failures(2), failures(3), failures(3).tried(at(300), TIMEOUT).expect("due")] {
            assert_eq!(Breaker::from_bytes(&breaker.to_bytes()), breaker);
        }
        for bytes in [&[][..], &[1; 14], &[2; 15], &[1; 16]] {
            assert_eq!(Breaker::from_bytes(bytes), Breaker::default());
        }
    }
}
