//! The sliding second: at most N admissions in any span of one second.
//!
//! A window is the log of the last second's admissions, oldest first. To bound its size, consecutive
//! admissions share an entry, a [`Run`], which has their number and the time of the *last* of them. A run
//! therefore stays in the window until all of its admissions are a second old, and the sum of the runs is
//! never less than what was admitted. All runs but the oldest lie wholly within the second, so the sum is at
//! most one run too large, which is `N / MAX_RUNS`. A steady N, or N at once and then a second of silence,
//! loses at most that share. Up to `MAX_RUNS` requests per second the log is exact.
//!
//! **Clock steps.** Workers read the host's wall clock. A reading up to a second before the newest admission
//! counts as that admission's time, because workers race and clocks are slewed. A reading further back starts
//! the window afresh, so a counter that sees one reads the clock again ([`Check::Afresh`]): only a clock that
//! was set back shows such a time twice. A step forward lets admissions leave the window early. Each of the
//! two can admit N more, once.

use super::check::Check;
use crate::timestamp::{SECOND, Timestamp};

/// The number of runs that a second of N admissions is divided into. More runs lose fewer requests, at most
/// one in `MAX_RUNS` at a steady N, and cost more time and room; `make bench` measures that.
const MAX_RUNS: u64 = 256;

/// The largest number of runs that a stored window has room for, because the length of its entry is a u16. A
/// window has some 513 at most, and some hundred more for each time that its limit doubles within a second.
const MOST_RUNS: usize = 5461;

/// The admissions of the last second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// The runs, oldest first, in the form in which they are stored, so that encoding them is one copy.
    runs: Vec<[u8; RUN_LEN]>,
    /// The sum of the runs' counts.
    total: u64,
}

/// Consecutive admissions, counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The time of the last of them.
    last: Timestamp,
    /// The number of admissions, at least one.
    count: u32,
}

/// The length of a stored run in bytes: `last` in nanoseconds since the Unix epoch as u64, `count` as u32,
/// both little-endian.
pub(super) const RUN_LEN: usize = 12;

// === impl Window ===

impl Window {
    /// Whether fewer than `limit` were admitted in the second before `now`. Changes nothing.
    pub(super) fn check(&self, limit: u64, now: Timestamp) -> Check {
        let Some(now) = self.settled(now) else {
            return Check::Afresh { remaining: limit.saturating_sub(1) };
        };
        let (gone_runs, live) = self.live(now);
        if live >= limit {
            return Check::Refused { retry_at: self.retry_at(gone_runs, live, limit, now) };
        }
        Check::Admitted { remaining: limit.saturating_sub(live).saturating_sub(1) }
    }

    /// Counts a request that [`check`](Self::check) admitted at the same time.
    pub(super) fn debit(&mut self, limit: u64, now: Timestamp) {
        let Some(now) = self.settled(now) else {
            *self = Self::default();
            return self.push(now, run_length(limit));
        };
        let (gone_runs, live) = self.live(now);
        self.runs.drain(..gone_runs);
        self.total = live;
        self.push(now, run_length(limit));
    }

    /// Whether every run has left the window at `now`.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.newest().is_none_or(|newest| newest.leaves_at() <= now)
    }

    /// `now`, or the newest admission's time if that is later; `None` if it is more than a second later, so
    /// that the window starts afresh: the clock was set back, or `now` is an old reading.
    fn settled(&self, now: Timestamp) -> Option<Timestamp> {
        match self.newest() {
            Some(newest) if newest.last.saturating_since(now) > SECOND => None,
            Some(newest) => Some(now.max(newest.last)),
            None => Some(now),
        }
    }

    /// The number of runs that have left the window at `now`, and the number of admissions in the others.
    fn live(&self, now: Timestamp) -> (usize, u64) {
        let left = self.runs().take_while(|run| run.leaves_at() <= now);
        let (gone_runs, gone) = left.fold((0usize, 0u64), |(runs, sum), run| {
            (runs.saturating_add(1), sum.saturating_add(run.count.into()))
        });
        (gone_runs, self.total.saturating_sub(gone))
    }

    /// The time at which fewer than `limit` of the `live` admissions remain. The first `gone_runs` runs have
    /// already left.
    fn retry_at(&self, gone_runs: usize, mut live: u64, limit: u64, now: Timestamp) -> Timestamp {
        for run in self.runs().skip(gone_runs) {
            live = live.saturating_sub(run.count.into());
            if live < limit {
                return run.leaves_at();
            }
        }
        now.saturating_add(SECOND)
    }

    /// Adds an admission to the newest run, or to a new one if that has `run_length` admissions and there is
    /// room for one.
    fn push(&mut self, now: Timestamp, run_length: u32) {
        self.total = self.total.saturating_add(1);
        let is_full = self.runs.len() >= MOST_RUNS;
        match self.runs.last_mut() {
            Some(newest) if is_full || Run::read(newest).count < run_length => {
                let count = Run::read(newest).count.saturating_add(1);
                *newest = Run { last: now, count }.write();
            }
            _ => self.runs.push(Run { last: now, count: 1 }.write()),
        }
    }

    fn newest(&self) -> Option<Run> {
        self.runs.last().map(Run::read)
    }

    fn runs(&self) -> impl Iterator<Item = Run> {
        self.runs.iter().map(Run::read)
    }

    /// The stored runs, oldest first.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.runs.as_flattened()
    }

    /// Decodes a window; `None` if the runs are not in order or one is empty.
    pub(super) fn from_runs(runs: &[[u8; RUN_LEN]]) -> Option<Self> {
        let mut total = 0u64;
        let mut newest = Timestamp::default();
        for run in runs.iter().map(Run::read) {
            if run.count == 0 || run.last < newest {
                return None;
            }
            newest = run.last;
            total = total.saturating_add(run.count.into());
        }
        Some(Self { runs: runs.to_vec(), total })
    }
}

// === impl Run ===

impl Run {
    fn read(stored: &[u8; RUN_LEN]) -> Self {
        let [last @ .., a, b, c, d] = *stored;
        let count = u32::from_le_bytes([a, b, c, d]);
        Self { last: Timestamp::from_nanos(u64::from_le_bytes(last)), count }
    }

    fn write(self) -> [u8; RUN_LEN] {
        let mut stored = [0; RUN_LEN];
        let (last, count) = stored.split_at_mut(size_of::<u64>());
        last.copy_from_slice(&self.last.as_nanos().to_le_bytes());
        count.copy_from_slice(&self.count.to_le_bytes());
        stored
    }

    /// The time at which all of the run's admissions are a second old.
    fn leaves_at(&self) -> Timestamp {
        self.last.saturating_add(SECOND)
    }
}

/// The number of admissions that share a run under this `limit`.
fn run_length(limit: u64) -> u32 {
    u32::try_from(limit.div_ceil(MAX_RUNS)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
