//! The documents that were published, and between which times each of them ruled.
//!
//! A document may rule from the moment its publication begins. It no longer rules once the publication of a
//! later one has been reported to be in force.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use testbed::busiest::Bracket;

use crate::claim::Claim;
use crate::world::{Possible, World};

/// How many documents are kept: those of the last minutes, much longer than a request takes.
const KEPT: usize = 300;

/// All documents.
#[derive(Debug)]
pub struct History(Mutex<Vec<Era>>);

#[derive(Debug)]
struct Era {
    world: World,
    begun: Instant,
    in_force: Option<Instant>,
}

impl History {
    /// Begins with a document that rules alone since `start`.
    pub fn new(first: World, start: Instant) -> Self {
        Self(Mutex::new(vec![Era { world: first, begun: start, in_force: Some(start) }]))
    }

    /// The publication of `world` begins at `now`.
    pub fn begin(&self, world: World, now: Instant) {
        let mut eras = self.eras();
        if eras.len() >= KEPT {
            eras.remove(0);
        }
        eras.push(Era { world, begun: now, in_force: None });
    }

    /// What was published last was reported at `now` to be in force.
    pub fn in_force(&self, now: Instant) {
        if let Some(last) = self.eras().last_mut() {
            last.in_force = Some(now);
        }
    }

    /// What may become of a request with `claim` that was sent and answered at these times of the caller, and
    /// decided in `decided` by Envoy's clock.
    pub fn judge(&self, claim: Claim, sent: Instant, answered: Instant, decided: Bracket) -> Possible {
        let mut possible = Possible::default();
        for era in self.eras().iter().rev().filter(|era| era.begun <= answered) {
            era.world.judge(claim, decided, &mut possible);
            // Once this one was in force, none before it ruled.
            if era.in_force.is_some_and(|in_force| in_force <= sent) {
                break;
            }
        }
        possible
    }

    fn eras(&self) -> MutexGuard<'_, Vec<Era>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::world::{TOGGLED, UNLIMITED};

    #[test]
    fn a_document_rules_from_its_publication_until_the_next_is_in_force() {
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        let mut disabled = World::first();
        disabled.key(TOGGLED).enabled = false;
        let history = History::new(World::first(), start);
        history.begin(disabled, at(10));
        let judge = |sent, answered| {
            let claim = Claim::Signed { key: TOGGLED, generation: 0 };
            let possible = history.judge(claim, at(sent), at(answered), Bracket { earliest: 1, latest: 2 });
            (possible.plans.contains(&UNLIMITED), !possible.refusals.is_empty())
        };
        assert_eq!(judge(8, 9), (true, false), "before");
        assert_eq!(judge(9, 10), (true, true), "at its begin");
        assert_eq!(judge(90, 91), (true, true), "not in force");
        history.in_force(at(12));
        assert_eq!(judge(11, 13), (true, true), "in between");
        assert_eq!(judge(12, 13), (false, true), "in force");
        history.begin(World::first(), at(20));
        history.in_force(at(21));
        assert_eq!(judge(11, 25), (true, true));
        assert_eq!(judge(13, 19), (false, true));
        assert_eq!(judge(21, 22), (true, false), "enabled again");
    }
}
