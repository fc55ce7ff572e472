//! The state of a counter: how much of each of its limits is used. A request debits every limit in force, or
//! none.

mod leases;
mod pools;

use super::bucket::Bucket;
use super::calendar::Span;
use super::check::Check;
use super::lease::Lease;
use super::limits::{Balance, Limit, LimitKind, Limits, Warning};
use super::pool::PoolEntry;
use super::quota::QuotaUsage;
use super::window::Window;
use crate::document::{Period, UtcOffset};
use crate::timestamp::{SECOND, Timestamp};

/// How much of each limit is used. A limit without an entry is unused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CounterState {
    pub(super) entries: Vec<Entry>,
    /// The tokens of limits that an engine counts for several Envoys.
    pub(super) pools: Vec<PoolEntry>,
}

/// How much of one limit is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The id of the limit's scope.
    pub(super) scope: u64,
    pub(super) usage: Usage,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    Window(Window),
    Bucket(Bucket),
    /// A quota's count. Period and offset identify the quota: changing either starts a new count.
    Quota(Period, UtcOffset, QuotaUsage),
}

/// What the limits in force say to a request.
pub(super) struct Checked {
    /// Why the request is not admitted; `None` if it is.
    pub(super) violation: Option<Violation>,
    /// Whether a limit starts afresh, because what was counted last is more than a second after the request,
    /// or was forgotten.
    pub(super) starts_afresh: bool,
}

/// Why a request is not admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Whether a rate is used up; otherwise only quotas are.
    pub of_rate: bool,
    /// The earliest time at which a request can be admitted; [`Timestamp::NEVER`] if none ever will be.
    pub retry_at: Timestamp,
    /// The names of the limits that are used up.
    pub limits: Vec<String>,
}

// === impl CounterState ===

impl CounterState {
    /// Counts a request that [`check`](Self::check) admitted at the same time on every limit in force, and
    /// all of its lease, if it opens one.
    pub(super) fn debit(
        &mut self,
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
        lease: Option<Lease>,
    ) {
        for (scope, limit) in limits.in_force(api) {
            match self.entries.iter_mut().find(|entry| entry.is_of(scope, limit.kind)) {
                Some(entry) => entry.usage.debit(limit, now, lease),
                None => {
                    let mut usage = Usage::new(limit, now);
                    usage.debit(limit, now, lease);
                    self.entries.push(Entry { scope, usage });
                }
            }
        }
    }

    /// Whether every limit in force admits a request. Changes nothing.
    #[inline(never)]
    pub(super) fn check(&self, limits: &Limits, api: Option<usize>, now: Timestamp) -> Checked {
        let mut checked = Checked { violation: None, starts_afresh: false };
        for (scope, limit) in limits.in_force(api) {
            let retry_at = match self.decide(scope, limit, now) {
                Check::Admitted { .. } => continue,
                Check::Afresh { .. } => {
                    checked.starts_afresh = true;
                    continue;
                }
                Check::Refused { retry_at } => retry_at,
            };
            let nothing_yet = Violation { of_rate: false, retry_at, limits: Vec::new() };
            let violation = checked.violation.get_or_insert(nothing_yet);
            violation.of_rate |= !matches!(limit.kind, LimitKind::Quota(_));
            violation.retry_at = violation.retry_at.max(retry_at);
            violation.limits.push(limit.name.clone());
        }
        checked
    }

    /// The balance of each limit in force.
    pub(super) fn balances<'l>(
        &self,
        limits: &'l Limits,
        api: Option<usize>,
        now: Timestamp,
    ) -> Vec<Balance<'l>> {
        limits.in_force(api).map(|(scope, limit)| self.balance(scope, limit, now)).collect()
    }

    /// The parts of quotas that the last request used up, if it was counted now.
    #[cold]
    pub(super) fn warnings(&self, limits: &Limits, api: Option<usize>) -> Box<[Warning]> {
        let mut warnings = Vec::new();
        for (scope, limit) in limits.in_force(api) {
            let LimitKind::Quota(quota) = limit.kind else { continue };
            let Some(Usage::Quota(_, _, usage)) = self.entry(scope, limit.kind) else { continue };
            let percents = limits.warn_at().iter().copied();
            let used = percents.filter(|percent| usage.has_just_used(*percent, quota));
            warnings.extend(used.map(|percent| Warning { limit: limit.name.clone(), percent }));
        }
        warnings.into()
    }

    /// Removes the entries that have no limit here and whose time is over. Other entries without a limit
    /// stay, because a worker with a different document may still need them: workers take over a new
    /// document one after the other. Returns the debt that pools had.
    pub(super) fn forget(&mut self, limits: &Limits, now: Timestamp) -> u64 {
        let is_any_over = self.pools.iter().any(|entry| entry.pool.span.end <= now);
        let debt = if is_any_over { self.forget_pools(limits, now) } else { 0 };
        if self.entries.len() <= 1 {
            return debt;
        }
        let is_wanted = |entry: &Entry| limits.all().any(|(scope, limit)| entry.is_of(scope, limit.kind));
        self.entries.retain(|entry| !entry.usage.is_over(now) || is_wanted(entry));
        debt
    }

    /// The usage of the limit of this kind in this scope, if it was ever used.
    fn entry(&self, scope: u64, kind: LimitKind) -> Option<&Usage> {
        self.entries.iter().find(|entry| entry.is_of(scope, kind)).map(|entry| &entry.usage)
    }

    /// Whether the limit of this kind in this scope admits a request.
    fn decide(&self, scope: u64, limit: &Limit, now: Timestamp) -> Check {
        match self.entry(scope, limit.kind) {
            Some(usage) => usage.check(limit, now),
            None => self.decide_without_entry(limit, now),
        }
    }

    /// Without an entry a limit starts afresh, unless nothing was counted at all: the entry may have been
    /// [forgotten](Self::forget).
    #[cold]
    fn decide_without_entry(&self, limit: &Limit, now: Timestamp) -> Check {
        match Usage::new(limit, now).check(limit, now) {
            Check::Admitted { remaining } if !self.entries.is_empty() => Check::Afresh { remaining },
            check => check,
        }
    }

    fn balance<'l>(&self, scope: u64, limit: &'l Limit, now: Timestamp) -> Balance<'l> {
        let entry = self.entry(scope, limit.kind);
        let remaining = match self.decide(scope, limit, now) {
            Check::Admitted { remaining } | Check::Afresh { remaining } => remaining.saturating_add(1),
            Check::Refused { .. } => 0,
        };
        let (size, window, renewed_at) = match (limit.kind, entry) {
            (LimitKind::Window(window), _) => {
                (window.max, limit.kind.rate_window(), now.saturating_add(SECOND))
            }
            (LimitKind::Bucket(bucket), Some(Usage::Bucket(usage))) => {
                (bucket.burst, limit.kind.rate_window(), usage.full_at().max(now))
            }
            (LimitKind::Bucket(bucket), _) => (bucket.burst, limit.kind.rate_window(), now),
            (LimitKind::Quota(quota), entry) => {
                let quota = limit.since_reset(quota, now);
                let usage = match entry {
                    Some(Usage::Quota(_, _, usage)) => usage.at(quota, now),
                    _ => QuotaUsage::new(quota, now),
                };
                let Span { start, end } = usage.span;
                // The policy of a quota says how long its period is, also after a reset.
                let is_cut = start == quota.counts_from;
                let window = || end.saturating_since(if is_cut { quota.period_at(now).start } else { start });
                (quota.max_requests, (end != Timestamp::NEVER).then(window), end)
            }
        };
        Balance {
            name: &limit.name,
            is_quota: matches!(limit.kind, LimitKind::Quota(_)),
            limit: size,
            window,
            remaining,
            renewed_at: (renewed_at != Timestamp::NEVER).then_some(renewed_at),
        }
    }
}

// === impl Entry ===

impl Entry {
    /// Whether the entry is that of the limit of this kind in this scope.
    fn is_of(&self, scope: u64, kind: LimitKind) -> bool {
        self.scope == scope
            && match (&self.usage, kind) {
                (Usage::Window(_), LimitKind::Window(_)) | (Usage::Bucket(_), LimitKind::Bucket(_)) => true,
                (Usage::Quota(period, offset, _), LimitKind::Quota(quota)) => {
                    (*period, *offset) == (quota.period, quota.utc_offset)
                }
                _ => false,
            }
    }
}

// === impl Usage ===

impl Usage {
    fn new(limit: &Limit, now: Timestamp) -> Self {
        match limit.kind {
            LimitKind::Window(_) => Self::Window(Window::default()),
            LimitKind::Bucket(_) => Self::Bucket(Bucket::default()),
            LimitKind::Quota(quota) => {
                let usage = QuotaUsage::new(limit.since_reset(quota, now), now);
                Self::Quota(quota.period, quota.utc_offset, usage)
            }
        }
    }

    fn check(&self, limit: &Limit, now: Timestamp) -> Check {
        match (self, limit.kind) {
            (Self::Window(window), LimitKind::Window(max)) => window.check(max, now),
            (Self::Bucket(bucket), LimitKind::Bucket(max)) => bucket.check(max, now),
            (Self::Quota(_, _, usage), LimitKind::Quota(quota)) => {
                usage.check(limit.since_reset(quota, now), now)
            }
            // Entries are found by their kind, so this is never reached. It admits nothing.
            _ => Check::Refused { retry_at: Timestamp::NEVER },
        }
    }

    fn debit(&mut self, limit: &Limit, now: Timestamp, lease: Option<Lease>) {
        match (self, limit.kind) {
            (Self::Window(window), LimitKind::Window(max)) => window.debit(max, now, lease),
            // No lease is opened where a bucket is in force.
            (Self::Bucket(bucket), LimitKind::Bucket(max)) => bucket.debit(max, now),
            (Self::Quota(_, _, usage), LimitKind::Quota(quota)) => {
                let count = lease.map_or(1, |lease| lease.count);
                usage.debit(limit.since_reset(quota, now), now, count);
            }
            _ => {}
        }
    }

    /// Whether the limit is unused again at `now`, so that the entry is no longer needed.
    fn is_over(&self, now: Timestamp) -> bool {
        match self {
            Self::Window(window) => window.is_over(now),
            Self::Bucket(bucket) => bucket.full_at() <= now,
            Self::Quota(_, _, usage) => usage.span.end <= now,
        }
    }
}

#[cfg(test)]
impl CounterState {
    /// Checks the limits and, if they admit the request, debits them.
    pub(super) fn admit(
        &mut self,
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
    ) -> Result<(), Violation> {
        match self.check(limits, api, now).violation {
            Some(violation) => Err(violation),
            None => {
                self.debit(limits, api, now, None);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;
