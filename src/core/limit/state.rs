//! A counter's state: what was spent of each of its limits. A request debits every limit that applies, or none.

use super::bucket::Bucket;
use super::limits::{Balance, Kind, Limit, Limits};
use super::quota::Spending;
use super::window::{Decision, Window};
use crate::document::{Period, UtcOffset};
use crate::timestamp::{SECOND, Timestamp};

/// What was spent of each limit; of a limit that is not there, nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub(super) parts: Vec<Part>,
}

/// What was spent of one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The scope of the limit.
    pub(super) scope: u64,
    pub(super) spent: Spent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    Window(Window),
    Bucket(Bucket),
    /// Of a quota of this period, at this offset: a quota of another one is another quota.
    Quota(Period, UtcOffset, Spending),
}

/// Why a request is not admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Whether a rate is spent, or quotas alone.
    pub of_rate: bool,
    /// The first moment at which a request can be admitted; the end of time when none ever is.
    pub retry_at: Timestamp,
    /// The names of the limits that are spent.
    pub limits: Vec<String>,
}

// === impl State ===

impl State {
    /// Counts a request that [`check`](Self::check) admitted at the same moment on every limit in force.
    pub(super) fn debit(&mut self, limits: &Limits, api: Option<usize>, now: Timestamp) {
        for (scope, limit) in limits.in_force(api) {
            match self.parts.iter_mut().find(|part| part.is_of(scope, limit.kind)) {
                Some(part) => part.spent.debit(limit.kind, now),
                None => {
                    let mut spent = Spent::new(limit.kind, now);
                    spent.debit(limit.kind, now);
                    self.parts.push(Part { scope, spent });
                }
            }
        }
    }

    /// Whether every limit in force admits a request. Changes nothing.
    pub(super) fn check(&self, limits: &Limits, api: Option<usize>, now: Timestamp) -> Result<(), Violation> {
        let mut violation: Option<Violation> = None;
        for (scope, limit) in limits.in_force(api) {
            if let Decision::Refused { retry_at } = self.decide(scope, limit.kind, now) {
                let violation =
                    violation.get_or_insert(Violation { of_rate: false, retry_at, limits: Vec::new() });
                violation.of_rate |= !matches!(limit.kind, Kind::Quota(_));
                violation.retry_at = violation.retry_at.max(retry_at);
                violation.limits.push(limit.name.clone());
            }
        }
        violation.map_or(Ok(()), Err)
    }

    /// What is left of each limit in force.
    pub(super) fn balances<'l>(
        &self,
        limits: &'l Limits,
        api: Option<usize>,
        now: Timestamp,
    ) -> Vec<Balance<'l>> {
        limits.in_force(api).map(|(scope, limit)| self.balance(scope, limit, now)).collect()
    }

    /// Forgets what no limit asks for any more and time has made void. What a limit of another document may still ask
    /// for stays: workers change documents one after the other.
    pub(super) fn forget(&mut self, limits: &Limits, now: Timestamp) {
        if self.parts.len() <= 1 {
            return;
        }
        let is_wanted = |part: &Part| limits.all().any(|(scope, limit)| part.is_of(scope, limit.kind));
        self.parts.retain(|part| !part.spent.is_over(now) || is_wanted(part));
    }

    fn part(&self, scope: u64, kind: Kind) -> Option<&Spent> {
        self.parts.iter().find(|part| part.is_of(scope, kind)).map(|part| &part.spent)
    }

    fn decide(&self, scope: u64, kind: Kind, now: Timestamp) -> Decision {
        match self.part(scope, kind) {
            Some(spent) => spent.check(kind, now),
            None => Spent::new(kind, now).check(kind, now),
        }
    }

    fn balance<'l>(&self, scope: u64, limit: &'l Limit, now: Timestamp) -> Balance<'l> {
        let part = self.part(scope, limit.kind);
        let remaining = match self.decide(scope, limit.kind, now) {
            Decision::Admitted { remaining } => remaining.saturating_add(1),
            Decision::Refused { .. } => 0,
        };
        let (size, window, renewed_at) = match (limit.kind, part) {
            (Kind::Window(size), _) => (size, limit.kind.rate_window(), now.saturating_add(SECOND)),
            (Kind::Bucket(bucket), Some(Spent::Bucket(spent))) => {
                (bucket.burst, limit.kind.rate_window(), spent.full_at().max(now))
            }
            (Kind::Bucket(bucket), _) => (bucket.burst, limit.kind.rate_window(), now),
            (Kind::Quota(quota), part) => {
                let spending = match part {
                    Some(Spent::Quota(_, _, spending)) => spending.at(quota, now),
                    _ => Spending::new(quota, now),
                };
                let renews = spending.span.end != Timestamp::NEVER;
                let window = renews.then(|| spending.span.end.saturating_since(spending.span.start));
                (quota.max_requests, window, spending.span.end)
            }
        };
        Balance {
            name: &limit.name,
            is_quota: matches!(limit.kind, Kind::Quota(_)),
            limit: size,
            window,
            remaining,
            renewed_at: (renewed_at != Timestamp::NEVER).then_some(renewed_at),
        }
    }
}

// === impl Part ===

impl Part {
    fn is_of(&self, scope: u64, kind: Kind) -> bool {
        self.scope == scope
            && match (&self.spent, kind) {
                (Spent::Window(_), Kind::Window(_)) | (Spent::Bucket(_), Kind::Bucket(_)) => true,
                (Spent::Quota(period, offset, _), Kind::Quota(quota)) => {
                    (*period, *offset) == (quota.period, quota.utc_offset)
                }
                _ => false,
            }
    }
}

// === impl Spent ===

impl Spent {
    fn new(kind: Kind, now: Timestamp) -> Self {
        match kind {
            Kind::Window(_) => Self::Window(Window::default()),
            Kind::Bucket(_) => Self::Bucket(Bucket::default()),
            Kind::Quota(quota) => Self::Quota(quota.period, quota.utc_offset, Spending::new(quota, now)),
        }
    }

    fn check(&self, kind: Kind, now: Timestamp) -> Decision {
        match (self, kind) {
            (Self::Window(window), Kind::Window(limit)) => window.check(limit, now),
            (Self::Bucket(bucket), Kind::Bucket(limit)) => bucket.check(limit, now),
            (Self::Quota(_, _, spending), Kind::Quota(limit)) => spending.check(limit, now),
            // Parts are found by their kind; were one not, it would admit nothing.
            _ => Decision::Refused { retry_at: Timestamp::NEVER },
        }
    }

    fn debit(&mut self, kind: Kind, now: Timestamp) {
        match (self, kind) {
            (Self::Window(window), Kind::Window(limit)) => window.debit(limit, now),
            (Self::Bucket(bucket), Kind::Bucket(limit)) => bucket.debit(limit, now),
            (Self::Quota(_, _, spending), Kind::Quota(limit)) => spending.debit(limit, now),
            _ => {}
        }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        match self {
            Self::Window(window) => window.is_over(now),
            Self::Bucket(bucket) => bucket.full_at() <= now,
            Self::Quota(_, _, spending) => spending.span.end <= now,
        }
    }
}

#[cfg(test)]
impl State {
    /// Checks and, if that admits, debits.
    pub(super) fn admit(
        &mut self,
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
    ) -> Result<(), Violation> {
        self.check(limits, api, now)?;
        self.debit(limits, api, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
