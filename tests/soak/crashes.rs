//! The crashes, one every ten seconds: a VM that was made to die, or a panic of the native module.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use testbed::Client;

use crate::claim::Claim;

/// How often a worker's VM dies in a crash. Envoy replaces the first one at once, because that served for
/// longer than the backoff, and leaves the worker without a VM for the backoff after the second.
const DEATHS: usize = 2;

/// A VM that was made to die.
#[derive(Clone, Copy, Debug)]
pub struct Crash {
    /// Just before the first request that kills it was sent.
    pub sent: Instant,
    /// Just after the last one was answered: the VM is dead.
    pub answered: Option<Instant>,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Crashes(Mutex<Vec<Crash>>);

impl Crashes {
    /// Sends the requests that kill the VM of a worker. Returns what is wrong with an answer.
    pub fn cause(&self, listener: SocketAddr) -> Option<String> {
        let request = Claim::Unsigned.request("/crash").header("x-crash", "please");
        let mut client = Client::new(listener);
        self.begin(Instant::now());
        let answers: Vec<_> = (0..DEATHS).map(|_| client.send(&request)).collect();
        self.end(Instant::now());
        answers.into_iter().find_map(|answer| match answer {
            Ok(answer) if answer.status == 503 => None,
            Ok(answer) => Some(format!("its request was answered {} {}", answer.status, answer.text())),
            Err(error) => Some(format!("its request was not answered: {error}")),
        })
    }

    /// A VM is about to die.
    pub fn begin(&self, now: Instant) {
        self.all().push(Crash { sent: now, answered: None });
    }

    /// It is dead.
    pub fn end(&self, now: Instant) {
        if let Some(last) = self.all().last_mut() {
            last.answered = Some(now);
        }
    }

    /// How many there were.
    pub fn number(&self) -> usize {
        self.all().len()
    }

    /// The last crash that was caused before `time`, and its number.
    pub fn last_before(&self, time: Instant) -> Option<(usize, Crash)> {
        let all = self.all();
        let index = all.iter().rposition(|crash| crash.sent <= time)?;
        Some((index, all[index]))
    }

    fn all(&self) -> MutexGuard<'_, Vec<Crash>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
