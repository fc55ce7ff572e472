//! The sliding second: at most N admissions in any span of one second.
//!
//! A window is the log of the last second's admissions, oldest first. To bound its size, consecutive
//! admissions share an entry, a [`Run`], which has their number and the time of the *last* of them. A run
//! therefore stays in the window until all of its admissions are a second old, and the sum of the runs is
//! never less than what was admitted. All runs but the oldest lie wholly within the second, so the sum is at
//! most one run too large, which is `N / MAX_RUNS`. A steady N, or N at once and then a second of silence,
//! loses at most that share. Up to `MAX_RUNS` requests per second the log is exact.
//!
//! **Leases.** From N = 900 on, workers also reserve admissions ahead, as a [`Lease`] beside the log.
//!
//! *Never more than N.* An admission's time is that of its write, or the latest reading of the clock that
//! its lease's worker had made. Of all runs and leases with an admission in a span [x, x + 1 s), let R be
//! the one that was written last, at σ < x + 1 s. The time of a write never falls from one write to the
//! next, because each leaves its time behind: as the stamp of a run, or as `opened`, and a lease that is
//! taken out leaves a stamp that is not before `opened`. So whatever else has an admission at e ≥ x was not
//! dropped before σ: it is dropped a second after its stamp, which is at or after e, or a second after the
//! end of its lease, which is after e. It was counted when R was: a lease with all that it can ever admit.
//! So the sum of all of them is at most N. Nothing of this depends on how much is reserved, or for how long.
//!
//! *What is lost.* Counted too much are what leases hold unused, what was older than a second in batches
//! that were leases a second ago, and the run that straddles the second. The first two are at most
//! `may_hold` each, the third is `run_length - 1`, and [`WindowLimit::new`] makes their sum N / 100 at most.
//!
//! **Clock steps.** Workers read the host's wall clock. A reading up to a second before the newest admission
//! counts as that admission's time, because workers race and clocks are slewed. A reading further back
//! starts the window afresh, so a counter that sees one reads the clock again ([`Check::Afresh`]): only a
//! clock that was set back shows such a time twice. A step forward lets admissions leave the window early.
//! Each of the two can admit N more, once; and `may_hold` more when a clock that was set back comes to the
//! time of a lease again, which its worker has not used since.

mod limit;

pub(super) use self::limit::WindowLimit;
use super::check::Check;
use super::lease::{Lease, MOST_LEASES};
use crate::timestamp::{SECOND, Timestamp};

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
    /// What workers have reserved, in the order of opening.
    leases: Vec<Lease>,
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
    /// Whether fewer than the limit were admitted in the second before `now`. Changes nothing.
    pub(super) fn check(&self, limit: WindowLimit, now: Timestamp) -> Check {
        let Some(now) = self.settled(now) else {
            return Check::Afresh { remaining: limit.max.saturating_sub(1) };
        };
        let (gone_runs, live, leased) = self.live(now);
        let live = live.saturating_add(leased);
        if live >= limit.max {
            return Check::Refused { retry_at: self.retry_at(gone_runs, live, limit.max, now) };
        }
        Check::Admitted { remaining: limit.max.saturating_sub(live).saturating_sub(1) }
    }

    /// Counts a request that [`check`](Self::check) admitted at the same time, and all of its lease, if it
    /// opens one.
    pub(super) fn debit(&mut self, limit: WindowLimit, now: Timestamp, lease: Option<Lease>) {
        let settled = self.settled(now);
        match settled {
            None => *self = Self::default(),
            Some(now) => {
                let (gone_runs, live, _) = self.live(now);
                self.runs.drain(..gone_runs);
                self.total = live;
                if !self.leases.is_empty() {
                    self.forget_leases(now);
                }
            }
        }
        match lease {
            Some(lease) => self.leases.push(lease),
            None => self.push(settled.unwrap_or(now), 1, limit.run_length),
        }
    }

    #[inline(never)]
    fn forget_leases(&mut self, now: Timestamp) {
        self.leases.retain(|lease| lease.leaves_at() > now);
    }

    /// The number of admissions that a worker may reserve at `now`, this one included: 1 for none.
    pub(super) fn most(&self, limit: WindowLimit, now: Timestamp) -> u64 {
        let leases = self.leases.iter().filter(|lease| lease.leaves_at() > now).count();
        // A lease is opened at a reading that is the newest time of the window.
        if self.newest().is_some_and(|newest| now < newest) || leases >= MOST_LEASES {
            return 1;
        }
        let (_, live, leased) = self.live(now);
        let share = limit.may_hold.saturating_sub(leased).div_ceil(2);
        let left = limit.max.saturating_sub(live.saturating_add(leased));
        share.min(limit.run_length.into()).min(left).max(1)
    }

    /// Takes a lease out, if it is still there, and counts what was used of it up to `last`. Nothing is
    /// counted if `last` is a second before `forgets_at`, at which the window is then debited.
    pub(super) fn close(
        &mut self,
        limit: WindowLimit,
        lease: Lease,
        (used, last): (u32, Timestamp),
        forgets_at: Option<Timestamp>,
    ) {
        let Some(index) = self.leases.iter().position(|other| other.is(&lease)) else { return };
        self.leases.remove(index);
        if forgets_at.is_some_and(|now| last.saturating_add(SECOND) <= now) {
            return;
        }
        let newest = self.newest_run().map_or(last, |newest| newest.last.max(last));
        self.push(newest, used, limit.run_length);
    }

    /// Whether every run and every lease has left the window at `now`.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.newest_run().is_none_or(|newest| newest.leaves_at() <= now)
            && self.leases.last().is_none_or(|newest| newest.leaves_at() <= now)
    }

    /// `now`, or the newest time of the window if that is later; `None` if it is more than a second later,
    /// so that the window starts afresh: the clock was set back, or `now` is an old reading.
    fn settled(&self, now: Timestamp) -> Option<Timestamp> {
        match self.newest() {
            Some(newest) if newest.saturating_since(now) > SECOND => None,
            Some(newest) => Some(now.max(newest)),
            None => Some(now),
        }
    }

    /// The number of runs that have left the window at `now`, and the number of admissions in the others,
    /// and in leases.
    fn live(&self, now: Timestamp) -> (usize, u64, u64) {
        let left = self.runs().take_while(|run| run.leaves_at() <= now);
        let (gone_runs, gone) = left.fold((0usize, 0u64), |(runs, sum), run| {
            (runs.saturating_add(1), sum.saturating_add(run.count.into()))
        });
        let leased = if self.leases.is_empty() { 0 } else { self.leased(now) };
        (gone_runs, self.total.saturating_sub(gone), leased)
    }

    /// The number of admissions in leases at `now`.
    #[inline(never)]
    fn leased(&self, now: Timestamp) -> u64 {
        let leases = self.leases.iter().filter(|lease| lease.leaves_at() > now);
        leases.fold(0u64, |sum, lease| sum.saturating_add(lease.count.into()))
    }

    /// The time at which fewer than `limit` of the `live` admissions remain. The first `gone_runs` runs have
    /// already left.
    #[inline(never)]
    fn retry_at(&self, gone_runs: usize, mut live: u64, limit: u64, now: Timestamp) -> Timestamp {
        let mut runs = self.runs().skip(gone_runs).map(|run| (run.leaves_at(), run.count)).peekable();
        let leases = self.leases.iter().map(|lease| (lease.leaves_at(), lease.count));
        let mut leases = leases.filter(|(leaves_at, _)| *leaves_at > now).peekable();
        // Both are in order, and the one that leaves first is next.
        while let Some((leaves_at, count)) = match (runs.peek(), leases.peek()) {
            (Some((run, _)), Some((lease, _))) if lease < run => leases.next(),
            (Some(_), _) => runs.next(),
            (None, _) => leases.next(),
        } {
            live = live.saturating_sub(count.into());
            if live < limit {
                return leaves_at;
            }
        }
        now.saturating_add(SECOND)
    }

    /// Adds admissions to the newest run, or to a new one if that would have more than `run_length` and
    /// there is room for one.
    fn push(&mut self, now: Timestamp, count: u32, run_length: u32) {
        self.total = self.total.saturating_add(count.into());
        let is_full = self.runs.len() >= MOST_RUNS;
        match self.runs.last_mut() {
            Some(newest) if is_full || Run::read(newest).count.saturating_add(count) <= run_length => {
                let count = Run::read(newest).count.saturating_add(count);
                *newest = Run { last: now, count }.write();
            }
            _ => self.runs.push(Run { last: now, count }.write()),
        }
    }

    /// The time of the newest run or lease.
    fn newest(&self) -> Option<Timestamp> {
        let run = self.newest_run().map(|run| run.last);
        run.max(self.leases.last().map(|lease| lease.opened))
    }

    fn newest_run(&self) -> Option<Run> {
        self.runs.last().map(Run::read)
    }

    fn runs(&self) -> impl Iterator<Item = Run> {
        self.runs.iter().map(Run::read)
    }

    /// The stored runs, oldest first.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.runs.as_flattened()
    }

    /// The leases, in the order of opening.
    pub(super) fn leases(&self) -> &[Lease] {
        &self.leases
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
        Some(Self { runs: runs.to_vec(), total, leases: Vec::new() })
    }

    /// Adds stored leases; `None` if the window has some, or they are not in order, or there are too many,
    /// or two are one, or one has fewer than two admissions.
    pub(super) fn with_leases(self, leases: Vec<Lease>) -> Option<Self> {
        let in_order = leases.is_sorted_by_key(|lease| lease.opened);
        let is_single = |(index, lease): (usize, &Lease)| {
            leases.iter().take(index).all(|other| other.id != lease.id) && lease.count > 1
        };
        let is_valid = self.leases.is_empty()
            && in_order
            && leases.len() <= MOST_LEASES
            && leases.iter().enumerate().all(is_single);
        is_valid.then_some(Self { leases, ..self })
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

#[cfg(test)]
mod tests;
