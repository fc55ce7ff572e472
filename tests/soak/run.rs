//! A run from its begin to its report.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use testbed::{Error, FilterKind, Result};

use crate::check::Check;
use crate::crashes::Crashes;
use crate::director::Director;
use crate::event::Event;
use crate::flat::{self, Holding};
use crate::history::History;
use crate::judge::Judge;
use crate::load::Load;
use crate::stage::Stage;
use crate::world::World;

/// How often memory and descriptors are read.
const SAMPLING: Duration = Duration::from_secs(1);

/// How much of a run must be left when a VM dies, so that it is seen to be replaced.
const LAST_CRASH: Duration = Duration::from_secs(5);

/// How long Envoy may take to log what it has answered.
const SETTLING: Duration = Duration::from_secs(60);

/// Two listeners with two protocols each.
const DOORS: usize = 4;

/// What was found.
pub struct Report {
    /// All properties.
    pub checks: Vec<Check>,
    /// Each second.
    pub holdings: Vec<Holding>,
    /// What was done, in a sentence.
    pub summary: String,
    /// Envoy's log, for what was broken.
    pub envoy_log: String,
}

/// Runs for `duration`, or until `interrupted`. `say` is given a line every ten seconds.
///
/// # Errors
/// Something is missing, or Envoy does not start or does not stay.
pub fn run(duration: Duration, interrupted: &dyn Fn() -> bool, say: &mut dyn FnMut(&str)) -> Result<Report> {
    let (events, received) = channel();
    let stage = Stage::raise(&World::first(), events.clone())?;
    let start = Instant::now();
    let history = History::new(World::first(), start);
    let crashes = Crashes::default();
    let load = Load::new(events.clone());
    let director = Director {
        stage: &stage,
        history: &history,
        crashes: &crashes,
        generation: &load.generation,
        publications: AtomicU64::new(0),
        stop: &load.stop,
    };
    // A panic of the native module is the end of one request. So no other request may fail, as if there were
    // no crash at all.
    let excuses = Crashes::default();
    let excuses = if FilterKind::of_tests() == FilterKind::Native { &excuses } else { &crashes };
    let mut judge = Judge::new(&history, excuses);
    let mut holdings = Vec::new();
    let mut came = false;
    std::thread::scope(|scope| -> Result<()> {
        let callers = load.start(stage.envoy.listeners())?;
        scope.spawn({
            let (director, events) = (&director, events.clone());
            move || director.publish(&events)
        });
        scope.spawn({
            let (director, events) = (&director, events.clone());
            move || director.crash(start + duration.saturating_sub(LAST_CRASH), &events)
        });
        let mut sample = || -> Result<()> {
            let mut due = start;
            while start.elapsed() < duration && !came {
                take(&mut judge, &received, due);
                came = interrupted();
                if Instant::now() < due {
                    continue;
                }
                let holding = Holding::of(&stage.envoy, start.elapsed(), load.sent())?;
                holdings.push(holding);
                if holdings.len() % 10 == 0 {
                    say(&progress(&holding, &director));
                }
                due += SAMPLING;
            }
            Ok(())
        };
        let sampled = sample();
        // The threads must end before the scope does, also after an error.
        load.stop.store(true, Ordering::Relaxed);
        callers.join().map_err(|_| Error::new("a caller panicked"))?;
        sampled
    })?;
    let deadline = Instant::now() + SETTLING;
    while Instant::now() < deadline {
        take(&mut judge, &received, Instant::now() + Duration::from_millis(300));
        if judge.is_complete() {
            break;
        }
    }
    let mut checks = judge.finish();
    checks.extend(flat::checks(&holdings));
    if !came {
        checks.push(happened(&judge, crashes.number(), director.publications.load(Ordering::Relaxed)));
    }
    let summary = format!(
        "{:.0} s, {} requests, {} publications, {} crashes{}",
        start.elapsed().as_secs_f64(),
        load.sent(),
        director.publications.load(Ordering::Relaxed),
        crashes.number(),
        if came { "; interrupted" } else { "" },
    );
    Ok(Report { checks, holdings, summary, envoy_log: stage.envoy.log() })
}

/// Gives all events to the judge that come until `due`.
fn take(judge: &mut Judge<'_>, received: &Receiver<Event>, due: Instant) {
    loop {
        match received.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(event) => judge.take(event),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
        if Instant::now() >= due {
            return;
        }
    }
}

fn progress(holding: &Holding, director: &Director<'_>) -> String {
    format!(
        "{:5.0} s: {} requests, {} publications, {} crashes, {:.0} MiB, {} descriptors",
        holding.at.as_secs_f64(),
        holding.requests,
        director.publications.load(Ordering::Relaxed),
        director.crashes.number(),
        holding.memory / 1024.0,
        holding.descriptors,
    )
}

/// A run in which something never happened proves nothing about it.
fn happened(judge: &Judge<'_>, crashes: usize, publications: u64) -> Check {
    let mut check = Check::new("everything that is to be proved happened");
    for kind in Judge::KINDS {
        let never = judge.certain(kind) == 0;
        check.examine(never.then(|| format!("no request {kind} that must have had this end")));
    }
    let doors = judge.doors();
    check.examine(
        (doors < DOORS).then(|| format!("only {doors} of {DOORS} listeners and protocols answered")),
    );
    check.examine((crashes == 0).then(|| "nothing crashed".to_owned()));
    check.examine((publications == 0).then(|| "nothing was published".to_owned()));
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_in_which_nothing_happened_proves_nothing() {
        let history = History::new(World::first(), Instant::now());
        let crashes = Crashes::default();
        let check = happened(&Judge::new(&history, &crashes), 0, 0);
        assert_eq!(check.broken(), check.examined());
        assert_eq!(check.examined(), Judge::KINDS.len() as u64 + 3);
    }
}
