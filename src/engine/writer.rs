//! The writer: the one thread that changes the store. All calls that wait are one transaction, and each is
//! answered when that is on disk.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::mpsc::error::{TryRecvError, TrySendError};
use tokio::sync::{mpsc, oneshot};
use usage_plan_core::timestamp::Timestamp;

use crate::counter::QuotaCounter;
use crate::decision::Decision;
use crate::listing::Filter;
use crate::metrics::Metrics;
use crate::store::{Counters, Result, Spent, Store};

/// How many calls may wait. More than that means that the disk is stuck, and waiting longer helps nobody.
const MAX_WAITING: usize = 8192;
/// How many calls are one transaction, at most.
const MAX_TOGETHER: usize = 2048;

/// The queue of the writer's thread.
pub struct Writer {
    queue: mpsc::Sender<Call>,
    thread: JoinHandle<()>,
}

/// What may be asked of the writer.
#[derive(Debug)]
pub enum Work {
    /// Grant all of the hits, or nothing.
    Debit {
        /// Of this counter.
        counter: QuotaCounter,
        /// Up to this limit.
        limit: u32,
        /// So many.
        hits: u64,
        /// At this time.
        now: Timestamp,
    },
    /// Set what is spent.
    Correct(QuotaCounter, u64),
    /// Set what was spent elsewhere, of each counter.
    Carry(Vec<(QuotaCounter, u64)>),
    /// Forget the counters of present periods.
    Reset(Filter, Timestamp),
    /// Forget so many of the counters that are to be forgotten by then.
    Sweep(Timestamp, usize),
}

/// What the writer did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It decided.
    Decided(Decision),
    /// It set counters, which were these.
    Set(Vec<Spent>),
    /// It forgot so many counters.
    Forgotten(u64),
}

/// Why the writer did nothing.
#[derive(Debug)]
pub enum Failure {
    /// Too many calls wait.
    Full,
    /// The store cannot be written.
    Store(String),
}

struct Call {
    work: Work,
    reply: oneshot::Sender<Result<Done, String>>,
}

// === impl Writer ===

impl Writer {
    /// Starts the thread.
    #[must_use]
    pub fn start(store: Arc<Store>, metrics: Arc<Metrics>) -> Self {
        Self::start_stepwise(store, metrics, || {})
    }

    /// Starts the thread, which calls `committed` between each commit and its answers.
    pub(crate) fn start_stepwise(
        store: Arc<Store>,
        metrics: Arc<Metrics>,
        committed: impl FnMut() + Send + 'static,
    ) -> Self {
        let (queue, calls) = mpsc::channel(MAX_WAITING);
        let thread = thread::spawn(move || run(&store, &metrics, calls, committed));
        Self { queue, thread }
    }

    /// Does the work together with all that waits, and returns when it is on disk.
    ///
    /// If the caller leaves before its turn, nothing is done.
    ///
    /// # Errors
    ///
    /// Nothing was done, or it is not known whether it is on disk.
    pub async fn ask(&self, work: Work) -> Result<Done, Failure> {
        let (reply, answer) = oneshot::channel();
        match self.queue.try_send(Call { work, reply }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Failure::Full),
            Err(TrySendError::Closed(_)) => return Err(Failure::Store("the writer has ended".to_owned())),
        }
        match answer.await {
            Ok(result) => result.map_err(Failure::Store),
            Err(_) => Err(Failure::Store("the writer has ended".to_owned())),
        }
    }

    /// How many calls wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        MAX_WAITING.saturating_sub(self.queue.capacity())
    }

    /// Does all that waits, and ends.
    pub fn finish(self) {
        drop(self.queue);
        // It ends with a panic only if there is a mistake in it, which it has printed.
        let _ = self.thread.join();
    }
}

fn run(store: &Store, metrics: &Metrics, mut queue: mpsc::Receiver<Call>, mut committed: impl FnMut()) {
    let mut calls = VecDeque::new();
    while let Some(first) = queue.blocking_recv() {
        calls.push_back(first);
        while calls.len() < MAX_TOGETHER {
            match queue.try_recv() {
                Ok(next) => calls.push_back(next),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        // Who has left does not use what it would be granted.
        calls.retain(|call| !call.reply.is_closed());
        if calls.is_empty() {
            continue;
        }
        let start = now();
        let mut is_changed = false;
        let done = store.write(|counters| {
            let done = calls.iter().map(|call| apply(counters, &call.work)).collect();
            is_changed = counters.is_changed();
            done
        });
        match done {
            Ok(_) if is_changed => metrics.committed(calls.len(), start.elapsed()),
            Ok(_) => {}
            Err(_) => metrics.commit_failed(),
        }
        match done {
            Ok(done) => {
                let done: Vec<Done> = done;
                committed();
                for (call, done) in calls.drain(..).zip(done) {
                    let _ = call.reply.send(Ok(done));
                }
            }
            Err(error) => {
                for call in calls.drain(..) {
                    let _ = call.reply.send(Err(error.to_string()));
                }
            }
        }
    }
}

fn apply(counters: &mut Counters<'_>, work: &Work) -> Result<Done> {
    Ok(match work {
        Work::Debit { counter, limit, hits, now } => {
            Done::Decided(counters.debit(counter, *limit, *hits, *now)?)
        }
        Work::Correct(counter, spent) => Done::Set(vec![counters.correct(counter, *spent)?]),
        Work::Carry(amounts) => {
            let carry = |(counter, spent): &(QuotaCounter, u64)| counters.carry(counter, *spent);
            Done::Set(amounts.iter().map(carry).collect::<Result<_>>()?)
        }
        Work::Reset(filter, now) => {
            Done::Forgotten(counters.reset(*now, |counter| filter.wants(&counter.counter))?)
        }
        Work::Sweep(now, most) => Done::Forgotten(counters.sweep(*now, *most)?),
    })
}

#[expect(clippy::disallowed_methods, reason = "it measures how long a commit takes, and decides nothing")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests;
