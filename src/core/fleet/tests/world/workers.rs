//! What workers do with requests, and with those that wait.

use super::{PATIENCE, World};
use crate::fleet::tests::envoy::{Envoy, Host, Worker};
use crate::fleet::tests::told::Admitted;
use crate::fleet::{Answered, Outcome, Turn, Wake, What};
use crate::limit::{Drawn, Taken};

// === impl World ===

impl World {
    /// Counts a request that comes, or that has waited since.
    pub(super) fn count(&mut self, envoy: usize, worker: usize, since: Option<u64>) -> bool {
        let now = self.clock(envoy);
        let Envoy { cells, workers, .. } = &mut self.envoys[envoy];
        let host = Host { cells, now };
        let Worker { asker, counter, waiting, .. } = &mut workers[worker];
        let turn = Turn { counter: *counter, api: None, now };
        let outcome = match since {
            None => asker.count(turn, &host),
            Some(_) => asker.count_again(turn, &host),
        };
        match outcome {
            Outcome::Waits => {
                waiting.push(since.unwrap_or(self.now));
                false
            }
            Outcome::Drawn(drawn) => {
                self.decided(envoy, &drawn, since);
                true
            }
        }
    }

    pub(super) fn decided(&mut self, envoy: usize, drawn: &Drawn, since: Option<u64>) {
        let waited = since.map_or(0, |since| self.now - since);
        self.told.longest_wait = self.told.longest_wait.max(waited);
        // An Envoy that is killed reports no more events of its debt.
        self.told.debt_taken += u64::from(drawn.debt);
        if drawn.taken == Taken::Granted {
            self.told.admitted.push(Admitted { at: self.now, envoy });
        }
    }

    pub(super) fn follow(&mut self, envoy: usize, index: usize, answered: Answered) {
        for event in &answered.events {
            let sum = match event.what {
                What::DebtReported => &mut self.told.debt_reported,
                What::DebtWrittenOff => &mut self.told.debt_written_off,
                What::BreakerOpened => &mut self.told.opened,
                What::BreakerClosed => &mut self.told.closed,
                _ => continue,
            };
            *sum += event.count;
        }
        for (_, wake) in answered.wakes {
            for since in std::mem::take(&mut self.envoys[envoy].workers[index].waiting) {
                match wake {
                    Wake::CountAgain => {
                        self.count(envoy, index, Some(since));
                    }
                    Wake::Policy => self.give_up(envoy, index, since),
                }
            }
        }
        self.kick(envoy, index);
    }

    pub(super) fn give_up(&mut self, envoy: usize, index: usize, since: u64) {
        let now = self.clock(envoy);
        let Envoy { cells, workers, .. } = &mut self.envoys[envoy];
        let Worker { asker, counter, .. } = &mut workers[index];
        let drawn = asker.give_up(Turn { counter: *counter, api: None, now }, &Host { cells, now });
        self.decided(envoy, &drawn, Some(since));
    }

    /// Decides without the engine on those that have waited for too long.
    pub(super) fn end_patience(&mut self, envoy: usize, index: usize) {
        let now = self.now;
        let Some(worker) = self.envoys[envoy].workers.get_mut(index) else { return };
        let (late, waiting) = worker.waiting.iter().partition(|since| now - **since > PATIENCE);
        worker.waiting = waiting;
        let late: Vec<u64> = late;
        for since in late {
            self.give_up(envoy, index, since);
        }
    }
}
