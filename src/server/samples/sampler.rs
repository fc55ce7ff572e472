//! The thread that asks every Envoy at a steady interval.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use usage_plan_core::timestamp::{SECOND, Timestamp};
use usage_plan_manage::admin::Admin;
use usage_plan_manage::dates::now;
use usage_plan_manage::engine::EngineAdmin;
use usage_plan_manage::status::Snapshot;

use super::counting::{Counting, Reading};
use super::engine;
use super::keeper::{Look, Samples};
use super::ring::INTERVAL;
use super::slot::{Kind, Slot};

/// When a key is seen again within this time, it is not noted.
const SEEN_AGAIN: Duration = Duration::from_secs(60);

/// Asks Envoys until it is dropped.
#[derive(Debug)]
pub(crate) struct Sampler {
    samples: Arc<Samples>,
    /// Its end ends the thread, which nobody waits for: an Envoy that hangs would keep the server.
    _stop: Sender<()>,
}

/// When each key was noted as seen.
#[derive(Debug, Default)]
struct Seen(BTreeMap<String, Timestamp>);

// === impl Sampler ===

impl Sampler {
    /// Asks these Envoys and this engine from now on, if there are any.
    pub(crate) fn start(admins: Vec<Admin>, engine: Option<EngineAdmin>, samples: Arc<Samples>) -> Self {
        let (stop, stopped) = mpsc::channel();
        if !admins.is_empty() || engine.is_some() {
            let samples = Arc::clone(&samples);
            thread::spawn(move || run(&admins, engine.as_ref(), &samples, &stopped));
        }
        Self { samples, _stop: stop }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.samples.close();
    }
}

fn run(admins: &[Admin], engine: Option<&EngineAdmin>, samples: &Samples, stopped: &Receiver<()>) {
    let (mut counting, mut seen) = (Counting::default(), Seen::default());
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(until_next(now())) {
        let time = now();
        let answers = Snapshot::all(admins);
        let reading = |(admin, answer): &(Admin, Result<Snapshot, _>)| {
            let reading = answer
                .as_ref()
                .ok()
                .map(|snapshot: &Snapshot| Reading::new(snapshot.server.uptime, &snapshot.counts));
            (admin.address().to_owned(), reading)
        };
        let mut slot = counting.step(time, answers.iter().map(reading).collect());
        // Who has more counters than one answer holds finds them on the engine's own port.
        let rows = engine.and_then(|engine| engine.first_counters().ok()).unwrap_or_default();
        slot.amounts.extend(engine::spent(&rows, time));
        let before = samples.looks();
        let look = |(admin, answer): (Admin, Result<Snapshot, usage_plan_manage::admin::Error>)| {
            let envoy = admin.address().to_owned();
            let was_away = before.iter().find(|look| look.envoy == envoy).and_then(|look| look.away_since);
            let away_since = answer.is_err().then(|| was_away.unwrap_or(time));
            Look { envoy, answer: answer.map_err(|error| error.reason.to_string()), away_since }
        };
        samples.set_looks(answers.into_iter().map(look).collect());
        samples.record(time.as_secs(), &slot, &seen.note(&slot, time));
    }
}

/// The time until the middle of a step, so that each step has one question, though questions are late at
/// times.
fn until_next(now: Timestamp) -> Duration {
    let step = INTERVAL.as_secs();
    let into = (now.as_secs() + step / 2) % step;
    SECOND * u32::try_from(step - into).unwrap_or(1)
}

// === impl Seen ===

impl Seen {
    /// The keys in a step that are to be noted as seen.
    fn note<'s>(&mut self, slot: &'s Slot, now: Timestamp) -> Vec<&'s str> {
        let keys = slot.amounts.keys().filter(|series| series.kind == Kind::Key);
        let mut noted: Vec<&str> = keys.map(|series| series.name.as_str()).collect();
        noted.dedup();
        noted.retain(|key| self.0.get(*key).is_none_or(|last| now.saturating_since(*last) >= SEEN_AGAIN));
        self.0.extend(noted.iter().map(|key| ((*key).to_owned(), now)));
        self.0.retain(|_, last| now.saturating_since(*last) < SEEN_AGAIN);
        noted
    }
}

#[cfg(test)]
mod tests {
    use super::super::slot::{Amount, Series};
    use super::*;

    fn at(second: u64) -> Timestamp {
        Timestamp::from_nanos(second * 1_000_000_000)
    }

    #[test]
    fn questions_are_in_the_middle_of_steps() {
        for (second, wait) in [(0, 5), (4, 1), (5, 10), (6, 9), (14, 1), (15, 10)] {
            assert_eq!(until_next(at(1_700_000_000 + second)), Duration::from_secs(wait), "{second}");
        }
    }

    #[test]
    fn a_key_that_is_seen_again_is_noted_once_a_minute() {
        let mut slot = Slot::default();
        for (key, word) in [("AKIDa", "allowed"), ("AKIDa", "rate_limited"), ("AKIDb", "allowed")] {
            slot.amounts.insert(Series::new(Kind::Key, key, word), Amount { calls: 1, peak: 1 });
        }
        let mut seen = Seen::default();
        assert_eq!(seen.note(&slot, at(0)), ["AKIDa", "AKIDb"]);
        assert_eq!(seen.note(&slot, at(50)), [""; 0]);
        assert_eq!(seen.note(&slot, at(60)), ["AKIDa", "AKIDb"]);
    }
}
