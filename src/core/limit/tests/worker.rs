//! A worker that stops at each call to its host: at each look at the clock, each read and each write.
//!
//! [`Counter`] calls its host and waits, so it cannot be stopped in between. But what it does depends on the
//! host's answers alone. A worker is therefore a list of answers: it does its tasks from the start with
//! these, and the first call that has no answer is where it stands.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use super::super::{Admission, Clock, Conflict, Counter, Store, Version, VersionGuess};
use super::plan::Plan;
use crate::timestamp::Timestamp;

/// What a worker does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task {
    /// Counts a request on the counter of this name.
    Request { counter: &'static str, of_api: bool },
    /// Takes over the document with this plan.
    Load(usize),
}

/// A call to the host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Call {
    Now,
    Get(String),
    Set(String, Rc<[u8]>, Version),
}

/// The host's answer to a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Answer {
    Now(Reading),
    Get(Option<(Rc<[u8]>, Version)>),
    /// Whether the cell was written.
    Set(bool),
}

/// A look at the clock, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reading {
    /// What the clock showed.
    pub(super) clock: u64,
    /// When that was, on a clock that nobody sets.
    pub(super) real: u64,
}

/// A request that was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Judged {
    pub(super) counter: &'static str,
    pub(super) plan: usize,
    pub(super) of_api: bool,
    /// The last look at the clock before the decision.
    pub(super) reading: Reading,
}

/// What was decided.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) request: Judged,
    pub(super) admission: Admission,
    /// How often the cell was written for the request.
    pub(super) writes: usize,
}

/// How far a worker has come.
pub(super) struct Progress {
    /// The call that it waits for; `None` when it has done all.
    pub(super) call: Option<Call>,
    /// What it has decided.
    pub(super) decisions: Vec<Decision>,
    /// How many answers its decided requests took.
    pub(super) answers: usize,
    /// How many tasks it has done.
    pub(super) tasks: usize,
}

/// What a worker does wrong, so that tests can show that it is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing: it is the real counter on a correct host.
    #[default]
    None,
    /// It does not look at the clock again, but takes the first reading for a second one.
    NoSecondLook,
    /// It writes whatever the cell's version is.
    BlindWrite,
    /// It guesses versions too high by one.
    HighGuess,
    /// It takes the version that it reads back for that of its own write, whatever the bytes are.
    UnseenReadBack,
    /// It takes a lost race for a won one.
    LostWriteCounts,
    /// It admits one request more than its check does.
    DebitAfterRefusal,
    /// It lets an admission leave a nanosecond early.
    LeavesEarly,
    /// It repeats a refusal for ever.
    RefusesForever,
    /// It does not know of the reset.
    NoReset,
    /// It carries out the reset once more when the quota is used up again.
    ResetsAgain,
}

/// Does the tasks after the first `skipped` ones, from the start and with these answers.
pub(super) fn run(
    tasks: &[Task],
    skipped: usize,
    plans: &[Plan],
    answers: &[Answer],
    fault: Fault,
    reads_back: bool,
) -> Progress {
    let versions = VersionGuess::with_patience(1);
    let host = Replay { answers, taken: Cell::new(0), call: RefCell::default(), fault, reads_back, versions };
    let mut progress = Progress { call: None, decisions: Vec::new(), answers: 0, tasks: 0 };
    let (skipped, tasks) = tasks.split_at(skipped);
    let loaded = skipped.iter().rev().find_map(|task| match task {
        Task::Load(plan) => Some(*plan),
        Task::Request { .. } => None,
    });
    let (mut plan, mut counters) = (loaded.unwrap_or(0), HashMap::new());
    for task in tasks {
        match *task {
            Task::Load(loaded) => {
                plan = loaded;
                counters.clear();
            }
            Task::Request { counter: name, of_api } => {
                let counter = counters.entry(name).or_insert_with(|| Counter::new(name.to_owned()));
                let refusal = progress.decisions.iter().find(|earlier| {
                    fault == Fault::RefusesForever && matches!(earlier.admission, Admission::Exhausted(_))
                });
                let admission = match refusal {
                    None => request(counter, &host, &plans[plan], of_api, fault),
                    Some(earlier) => {
                        host.now();
                        earlier.admission.clone()
                    }
                };
                progress.call = host.call.take();
                let taken = &answers[progress.answers..host.taken.get()];
                let writes = taken.iter().filter(|answer| **answer == Answer::Set(true)).count();
                // Once its write has succeeded, a request is admitted, even while its worker reads back.
                if progress.call.is_some() && writes == 0 {
                    return progress;
                }
                let look = taken.iter().rev().find_map(|answer| match answer {
                    Answer::Now(reading) => Some(*reading),
                    _ => None,
                });
                let reading = look.expect("a request looks at the clock");
                let request = Judged { counter: name, plan, of_api, reading };
                progress.decisions.push(Decision { request, admission, writes });
                if progress.call.is_some() {
                    return progress;
                }
                progress.answers = host.taken.get();
            }
        }
        progress.tasks += 1;
    }
    progress
}

fn request(counter: &mut Counter, host: &Replay, plan: &Plan, of_api: bool, fault: Fault) -> Admission {
    let api = of_api.then_some(0);
    let now = host.now();
    let limits = if fault == Fault::NoReset { &plan.unaware } else { &plan.limits };
    let admission = counter.debit(host, limits, api, now).admission;
    match (&admission, fault) {
        (Admission::Exhausted(_), Fault::DebitAfterRefusal) => {
            counter.debit(host, &plan.lax, api, now).admission
        }
        (Admission::Exhausted(_), Fault::ResetsAgain) => counter.debit(host, &plan.twice, api, now).admission,
        (Admission::Exhausted(violation), Fault::LeavesEarly)
            if violation.retry_at.saturating_since(now) == Duration::from_nanos(1) =>
        {
            counter.debit(host, &plan.limits, api, violation.retry_at).admission
        }
        _ => admission,
    }
}

/// A host that repeats answers. After the last, it notes the next call and answers no matter what: the run is
/// then over, and its result is not used.
struct Replay<'a> {
    answers: &'a [Answer],
    taken: Cell<usize>,
    call: RefCell<Option<Call>>,
    fault: Fault,
    reads_back: bool,
    versions: VersionGuess,
}

// === impl Replay ===

impl Replay<'_> {
    fn answer(&self, call: impl FnOnce() -> Call) -> Option<&Answer> {
        if self.call.borrow().is_some() {
            return None;
        }
        let taken = self.taken.get();
        let answer = self.answers.get(taken);
        match answer {
            Some(_) => self.taken.set(taken + 1),
            None => drop(self.call.replace(Some(call()))),
        }
        answer
    }
}

impl Clock for Replay<'_> {
    fn now(&self) -> Timestamp {
        match self.answer(|| Call::Now) {
            Some(Answer::Now(reading)) => Timestamp::from_nanos(reading.clock),
            None => Timestamp::default(),
            Some(other) => panic!("{other:?} to a look at the clock"),
        }
    }
}

impl Store for Replay<'_> {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        let (cell, version) = match self.answer(|| Call::Get(key.to_owned())) {
            Some(Answer::Get(cell)) => cell.as_ref().map(|(cell, version)| (cell.to_vec(), *version))?,
            None => return None,
            Some(other) => panic!("{other:?} to a read"),
        };
        self.versions.read(version);
        Some((cell, version))
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        let written = match self.answer(|| Call::Set(key.to_owned(), cell.into(), version)) {
            Some(Answer::Set(written)) => *written,
            None => true,
            Some(other) => panic!("{other:?} to a write"),
        };
        if !written && self.fault != Fault::LostWriteCounts {
            return Err(Conflict);
        }
        Ok(self.versions.wrote(cell, || {
            let (found, version) = if self.reads_back { self.get(key)? } else { return None };
            Some((if self.fault == Fault::UnseenReadBack { cell.to_vec() } else { found }, version))
        }))
    }

    fn missed(&self, found: Version) {
        self.versions.missed(found);
    }
}
