//! Workers on one host, whose clock anything can happen to, and what one of them does next.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::{Admission, Version};
use super::plan::{Bound, Plan, Rule};
use super::promise::{self, Counted};
use super::worker::{Answer, Call, Decision, Fault, Judged, Reading, Task, run};

/// What can happen at any time, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Time passes. Between two calls of a worker, it is held up.
    Pass(u64),
    SetBack(u64),
    SetForward(u64),
    /// The VM of this worker dies, and a new one takes its place.
    Die(usize),
}

/// What is explored.
#[derive(Default)]
pub(super) struct World {
    pub(super) plans: Vec<Plan>,
    /// What each worker does.
    pub(super) workers: Vec<Vec<Task>>,
    /// What can happen, and how often at most.
    pub(super) events: Vec<Event>,
    pub(super) most_events: usize,
    /// What the clock shows at first.
    pub(super) start: u64,
    pub(super) fault: Fault,
    /// Whether a VM reads back what it has written, when it doubts its guess of the versions.
    pub(super) reads_back: bool,
}

/// Everything that what happens from now on depends on, and whether the promise is kept.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    cells: BTreeMap<String, (Rc<[u8]>, Version)>,
    /// How many writes the store has seen. A cell's version is that of its write.
    writes: Version,
    now: Reading,
    events_left: usize,
    workers: Vec<Rc<Worker>>,
    /// The admissions, in the order of their writes.
    admitted: Vec<Judged>,
}

/// A worker that has done all before its call.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Worker {
    /// The first task of its VM.
    first: usize,
    /// The answers that its VM got.
    answers: Vec<Answer>,
    /// The tasks that its VM has done, and the answers that these took.
    done: (usize, usize),
    /// How many decisions of its VM were judged.
    judged: usize,
    call: Option<Call>,
}

/// One of the things that can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The call of this worker is answered, and it goes on to its next one.
    Worker(usize),
    Event(Event),
}

// === impl World ===

impl World {
    /// The state before anything happened.
    pub(super) fn begin(&self) -> State {
        let worker = |worker| Rc::new(self.started(worker, 0));
        State {
            cells: BTreeMap::new(),
            writes: 0,
            now: Reading { clock: self.start, real: self.start },
            events_left: self.most_events,
            workers: (0..self.workers.len()).map(worker).collect(),
            admitted: Vec::new(),
        }
    }

    /// All that can happen next; nothing when every worker has done its tasks.
    pub(super) fn steps(&self, state: &State) -> Vec<Step> {
        let waits = |worker: &usize| state.workers[*worker].call.is_some();
        let workers: Vec<usize> = (0..state.workers.len()).filter(waits).collect();
        let can_happen = |event: &&Event| match event {
            Event::Die(worker) => waits(worker),
            _ => true,
        };
        let happens = state.events_left > 0 && !workers.is_empty();
        let events = self.events.iter().filter(can_happen).filter(|_| happens);
        workers.iter().map(|worker| Step::Worker(*worker)).chain(events.map(|e| Step::Event(*e))).collect()
    }

    /// The state after one of the steps.
    ///
    /// # Errors
    ///
    /// The promise is broken, as the text says.
    pub(super) fn after(&self, state: &State, step: Step) -> Result<State, String> {
        let mut state = state.clone();
        match step {
            Step::Worker(index) => return self.answer(state, index),
            Step::Event(event) => {
                state.events_left -= 1;
                let Reading { clock, real } = &mut state.now;
                match event {
                    Event::Pass(span) => (*clock, *real) = (*clock + span, *real + span),
                    Event::SetBack(span) => *clock -= span,
                    Event::SetForward(span) => *clock += span,
                    Event::Die(worker) => {
                        let dead = &state.workers[worker];
                        // Its request is gone, and its next VM begins with the task after that.
                        let next = dead.first + dead.done.0 + 1;
                        state.workers[worker] = Rc::new(self.started(worker, next));
                    }
                }
            }
        }
        Ok(state)
    }

    fn started(&self, worker: usize, first: usize) -> Worker {
        let call = run(&self.workers[worker], first, &self.plans, &[], self.fault, self.reads_back).call;
        Worker { first, answers: Vec::new(), done: (0, 0), judged: 0, call }
    }

    /// Answers the call of a worker.
    fn answer(&self, mut state: State, index: usize) -> Result<State, String> {
        let mut worker = Worker::clone(&state.workers[index]);
        let call = worker.call.take().expect("the worker waits");
        let answer = self.answer_to(call, &mut state, &worker.answers[worker.done.1..]);
        worker.answers.push(answer);
        let tasks = &self.workers[index];
        let progress = run(tasks, worker.first, &self.plans, &worker.answers, self.fault, self.reads_back);
        (worker.call, worker.done) = (progress.call, (progress.tasks, progress.answers));
        let judged = std::mem::replace(&mut worker.judged, progress.decisions.len());
        state.workers[index] = Rc::new(worker);
        for decision in progress.decisions.iter().skip(judged) {
            self.judge(&mut state, decision)?;
        }
        Ok(state)
    }

    /// What the host answers. `earlier` are its answers in the same request.
    fn answer_to(&self, call: Call, state: &mut State, earlier: &[Answer]) -> Answer {
        match call {
            Call::Now => {
                let first = earlier.iter().find(|answer| matches!(answer, Answer::Now(_)));
                let first = first.filter(|_| self.fault == Fault::NoSecondLook);
                first.cloned().unwrap_or(Answer::Now(state.now))
            }
            Call::Get(key) => Answer::Get(state.cells.get(&key).cloned()),
            Call::Set(key, cell, mut version) => {
                let was_read = earlier.iter().any(|answer| match answer {
                    Answer::Get(cell) => cell.as_ref().is_none_or(|(_, read)| *read == version),
                    _ => false,
                });
                if self.fault == Fault::HighGuess && !was_read {
                    version += 1;
                }
                let is_current = state.cells.get(&key).is_none_or(|(_, current)| *current == version);
                let written = is_current || self.fault == Fault::BlindWrite;
                if written {
                    state.writes += 1;
                    state.cells.insert(key, (cell, state.writes));
                }
                Answer::Set(written)
            }
        }
    }

    /// Judges a decision just after it was made.
    fn judge(&self, state: &mut State, decision: &Decision) -> Result<(), String> {
        let Decision { request, admission, writes } = decision;
        let granted = *admission == Admission::Granted;
        let has_leases = self.plans[request.plan].has_leases();
        if *writes != usize::from(granted) && !(has_leases && *writes == 0) {
            return Err(format!("{admission:?} with {writes} writes"));
        }
        let before = self.counted(state, request);
        if granted {
            state.admitted.push(*request);
            let after = self.counted(state, request);
            let broken = after.iter().find(|(bound, admitted)| !promise::is_kept(*bound, admitted));
            return broken.map_or(Ok(()), |(bound, _)| Err(format!("more than {bound:?}")));
        }
        let is_used_up = |(bound, admitted): &(Bound, Vec<Counted>)| {
            promise::may_refuse(*bound, admitted, self.count(request))
        };
        match admission {
            Admission::Exhausted(_) if has_leases || before.iter().any(is_used_up) => Ok(()),
            _ => Err(format!("{admission:?} with limits left")),
        }
    }

    fn count(&self, request: &Judged) -> Counted {
        Counted { reading: request.reading, reset: self.plans[request.plan].reset() }
    }

    /// The limits on the request, each with the admissions that count on it.
    fn counted(&self, state: &State, request: &Judged) -> Vec<(Bound, Vec<Counted>)> {
        let rules = |one: &Judged| self.plans[one.plan].rules(one.of_api);
        let admitted = |rule: Rule| {
            let counts = |one: &&Judged| {
                one.counter == request.counter && rules(one).iter().any(|other| other.is(rule))
            };
            state.admitted.iter().filter(counts).map(|one| self.count(one)).collect()
        };
        rules(request).into_iter().map(|rule| (rule.bound, admitted(rule))).collect()
    }
}
