//! Two kinds of requests in a random order, each timed alone.

use std::hint::black_box;
use std::iter::{once, repeat_n};
use std::time::Instant;

use crate::cropped::{Finding, Sample, furthest_apart};
use crate::random::Random;
use crate::subject::{Credential, Kind, Subject};

/// How many requests are made before they are timed.
const BATCH: usize = 1000;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The gate's decision.
    Decide,
    /// The gate's decision, and a MAC.
    DecideAndMac,
    /// The gate's decision, and a comparison that stops at the first wrong byte.
    DecideAndCompare,
}

/// Times as many requests of both classes as `measurements`, and says how far apart they are.
pub fn run(subject: &Subject, classes: [(Action, Kind); 2], measurements: usize) -> Finding {
    let mut random = Random::new(1);
    let mut samples = Vec::with_capacity(measurements);
    let mut batch = vec![(false, subject.credential()); BATCH];
    // Every request is decided in the same place in memory.
    let mut credential = subject.credential();
    // The first batch finds caches and branch predictors empty.
    for is_warm in once(false).chain(repeat_n(true, measurements.div_ceil(BATCH))) {
        // What the making of a request leaves in the processor would be timed with it.
        for (second, credential) in &mut batch {
            *second = random.number() & 1 == 1;
            credential.become_a(classes[usize::from(*second)].1, &mut random);
        }
        for (second, made) in &batch {
            credential.copy_from(made);
            let started = Instant::now();
            act(subject, classes[usize::from(*second)].0, black_box(&credential));
            let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
            if is_warm {
                samples.push(Sample { second: *second, nanos });
            }
        }
    }
    furthest_apart(samples)
}

#[inline(always)]
fn act(subject: &Subject, action: Action, credential: &Credential) {
    black_box(subject.decide(credential));
    match action {
        Action::Decide => {}
        Action::DecideAndMac => drop(black_box(subject.mac())),
        Action::DecideAndCompare => drop(black_box(subject.compare(credential))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_measures_whole_batches() {
        let wrong = (Action::Decide, Kind::WrongSignature);
        assert!(run(&Subject::new(), [wrong, wrong], 1500).t.is_finite());
    }
}
