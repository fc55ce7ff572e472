//! The sliding second: at most N admissions in any span of one second.
//!
//! A window is the log of the last second's admissions, oldest first. To bound it, consecutive admissions
//! share an entry, a [`Run`], which holds how many they are and when the *last* of them was, so a run never
//! leaves the window before all of its admissions are a second old: the sum is never less than what was
//! admitted. All runs but the oldest lie wholly within the second, so what is summed is at most one run too
//! much, `N / MAX_RUNS`: a steady N, or N at once and then a second's wait, loses at most that share. Up to
//! `MAX_RUNS` requests per second the log is exact.
//!
//! **Clock steps.** Workers read the host's wall clock. A reading up to a second before the newest admission
//! counts as that admission's time (workers race, clocks are slewed). One further back, as when the clock is
//! set back, starts the window afresh, and a step forward lets it run out early: either can admit N more,
//! once.

use super::check::Check;
use crate::timestamp::{SECOND, Timestamp};

/// How many runs a window is cut into; `make bench` shows what they cost. A steady N loses at most one in
/// `MAX_RUNS`.
pub const MAX_RUNS: u64 = 256;

/// The admissions of the last second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Oldest first; kept as they are stored, so that storing them is one copy.
    runs: Vec<[u8; RUN_LEN]>,
    /// The sum of the runs' counts.
    total: u64,
}

/// Consecutive admissions, counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// When the last of them was.
    last: Timestamp,
    /// How many they are, at least one.
    count: u32,
}

/// A stored run: `last` in nanoseconds since the Unix epoch as u64, `count` as u32, both little-endian.
pub(super) const RUN_LEN: usize = 12;

// === impl Window ===

impl Window {
    /// Whether fewer than `limit` were admitted in the second before `now`. Changes nothing.
    pub fn check(&self, limit: u64, now: Timestamp) -> Check {
        let Some(now) = self.settled(now) else {
            return Check::Admitted { remaining: limit.saturating_sub(1) };
        };
        let (gone_runs, live) = self.live(now);
        if live >= limit {
            return Check::Refused { retry_at: self.retry_at(gone_runs, live, limit, now) };
        }
        Check::Admitted { remaining: limit.saturating_sub(live).saturating_sub(1) }
    }

    /// Counts a request that [`check`](Self::check) admitted at the same time.
    pub fn debit(&mut self, limit: u64, now: Timestamp) {
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

    /// `now`, but never before the newest admission; none when the clock was set back.
    fn settled(&self, now: Timestamp) -> Option<Timestamp> {
        match self.newest() {
            Some(newest) if newest.last.saturating_since(now) > SECOND => None,
            Some(newest) => Some(now.max(newest.last)),
            None => Some(now),
        }
    }

    /// How many runs have left at `now`, and how many admissions the others have.
    fn live(&self, now: Timestamp) -> (usize, u64) {
        let left = self.runs().take_while(|run| run.leaves_at() <= now);
        let (gone_runs, gone) = left.fold((0usize, 0u64), |(runs, sum), run| {
            (runs.saturating_add(1), sum.saturating_add(run.count.into()))
        });
        (gone_runs, self.total.saturating_sub(gone))
    }

    /// The time at which the live admissions, those after the first `gone_runs`, have become fewer than
    /// `limit`.
    fn retry_at(&self, gone_runs: usize, mut live: u64, limit: u64, now: Timestamp) -> Timestamp {
        for run in self.runs().skip(gone_runs) {
            live = live.saturating_sub(run.count.into());
            if live < limit {
                return run.leaves_at();
            }
        }
        now.saturating_add(SECOND)
    }

    fn push(&mut self, now: Timestamp, run_length: u32) {
        self.total = self.total.saturating_add(1);
        match self.runs.last_mut() {
            Some(newest) if Run::read(newest).count < run_length => {
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

    /// The window of these stored runs, unless they are not in order or one is empty.
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

    /// When all of its admissions are a second old.
    fn leaves_at(&self) -> Timestamp {
        self.last.saturating_add(SECOND)
    }
}

/// How many admissions share a run when `limit` are admitted in a second.
fn run_length(limit: u64) -> u32 {
    u32::try_from(limit.div_ceil(MAX_RUNS)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
