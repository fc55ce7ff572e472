//! What the admissions of a history say of the promise, without asking the code under test.

use std::collections::BTreeMap;

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;

/// A worker's limits, and what it asks of a refusal.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds {
    pub(super) per_second: u64,
    pub(super) of_api: Option<u64>,
    pub(super) per_minute: Option<u64>,
    /// A refusal is right only if more than this were admitted in the second before.
    pub(super) refuses_above: Option<u64>,
}

/// What was admitted on one window.
#[derive(Default)]
struct Log {
    /// When, and under which limit: the oldest first.
    admitted: Vec<(u64, u64)>,
    /// The newest time of a write.
    newest: u64,
}

/// A lease as far as it was used: whether it is of the API, and its latest reading.
type Used = Option<(bool, u64)>;

/// Hears what happens in a history.
#[derive(Default)]
pub(super) struct Judge {
    plan: Log,
    api: Log,
    /// The admissions of each minute.
    minutes: BTreeMap<u64, u64>,
    bounds: Bounds,
    used: BTreeMap<usize, Used>,
    pub(super) from_leases: u64,
    broken: Option<String>,
}

// === impl Log ===

impl Log {
    /// Counts a write at a reading: it is at the newest time of all writes, if that is later.
    fn write(&mut self, reading: u64, limit: u64) -> u64 {
        self.newest = self.newest.max(reading);
        self.admit(self.newest, limit);
        self.newest
    }

    fn admit(&mut self, at: u64, limit: u64) {
        let place = self.admitted.partition_point(|before| *before <= (at, limit));
        self.admitted.insert(place, (at, limit));
    }

    /// How many were admitted in the second before a reading, or after it.
    fn recent(&self, reading: u64) -> usize {
        self.admitted.len() - self.admitted.partition_point(|(at, _)| at + SECOND <= reading)
    }

    /// The most admissions in a second that are more than the limits of all of them.
    fn broken(self) -> Option<(usize, u64)> {
        (0..self.admitted.len()).find_map(|first| {
            let within = |(at, _): &&(u64, u64)| *at < self.admitted[first].0 + SECOND;
            let limit = self.admitted[first].1;
            // Most windows are not full, so only the one past the limit is looked at first.
            self.admitted.get(first + usize::try_from(limit).ok()?).filter(within)?;
            let span: Vec<_> = self.admitted[first..].iter().take_while(within).collect();
            let limit = span.iter().map(|(_, limit)| *limit).max()?;
            (span.len() as u64 > limit).then_some((span.len(), limit))
        })
    }
}

// === impl Judge ===

impl Judge {
    /// A request was admitted by a write.
    pub(super) fn wrote(&mut self, worker: usize, reading: u64, of_api: bool, bounds: Bounds) {
        self.bounds = bounds;
        // The write takes the worker's lease out, and leaves the latest reading of its uses behind.
        if let Some((lease_of_api, last)) = self.used.insert(worker, Some((of_api, reading))).flatten() {
            self.plan.newest = self.plan.newest.max(last);
            if lease_of_api {
                self.api.newest = self.api.newest.max(last);
            }
        }
        let at = self.plan.write(reading, bounds.per_second);
        if let (true, Some(limit)) = (of_api, bounds.of_api) {
            self.api.write(reading, limit);
        }
        self.count_in_minute(at);
    }

    /// A request was admitted from a lease: at this reading, or at the latest one that used the lease.
    pub(super) fn used(&mut self, worker: usize, reading: u64, of_api: bool, bounds: Bounds) {
        self.from_leases += 1;
        let before = self.used.get(&worker).copied().flatten().map_or(0, |(_, last)| last);
        let last = reading.max(before);
        self.used.insert(worker, Some((of_api, last)));
        self.plan.admit(last, bounds.per_second);
        if let (true, Some(limit)) = (of_api, bounds.of_api) {
            self.api.admit(last, limit);
        }
        self.count_in_minute(last);
    }

    /// A worker has a new VM, or a new document.
    pub(super) fn started(&mut self, worker: usize) {
        self.used.remove(&worker);
    }

    /// A request was refused by the plan's rate.
    pub(super) fn refused(&mut self, reading: u64, bounds: Bounds) {
        let Some(least) = bounds.refuses_above else { return };
        let recent = self.plan.recent(reading) as u64;
        if recent <= least {
            let how = format!("refused after {recent} of {} in a second", bounds.per_second);
            self.broken.get_or_insert(how);
        }
    }

    fn count_in_minute(&mut self, at: u64) {
        let used = self.minutes.entry(at / MINUTE).or_default();
        *used += 1;
        if let Some(limit) = self.bounds.per_minute
            && *used > limit
        {
            self.broken.get_or_insert(format!("{used} of {limit} in a minute"));
        }
    }

    /// How the promise was broken, if it was.
    pub(super) fn verdict(self) -> Option<String> {
        let second = |what: &str, log: Log| {
            log.broken().map(|(admitted, limit)| format!("{admitted} of {limit} in a second of the {what}"))
        };
        self.broken.or_else(|| second("plan", self.plan)).or_else(|| second("API", self.api))
    }
}
