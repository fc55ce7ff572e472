//! One limit of a plan.

use std::time::Duration;

use crate::limit::bucket::BucketLimit;
use crate::limit::quota::QuotaLimit;
use crate::limit::window::WindowLimit;
use crate::timestamp::{SECOND, Timestamp};

/// One limit.
#[derive(Debug)]
pub(in crate::limit) struct Limit {
    /// The name in limit headers.
    pub(in crate::limit) name: String,
    pub(in crate::limit) kind: LimitKind,
    /// The moments from which a quota is counted anew.
    pub(super) resets: Vec<Timestamp>,
}

/// How a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::limit) enum LimitKind {
    /// A sliding window: at most a number of requests in any second.
    Window(WindowLimit),
    /// A token bucket.
    Bucket(BucketLimit),
    /// A quota in a period of the calendar.
    Quota(QuotaLimit),
}

// === impl Limit ===

impl Limit {
    pub(super) fn new(name: String, kind: LimitKind) -> Self {
        Self { name, kind, resets: Vec::new() }
    }

    /// The limit's quota, which counts from its last reset before or at `now`.
    #[inline]
    pub(in crate::limit) fn since_reset(&self, quota: QuotaLimit, now: Timestamp) -> QuotaLimit {
        if self.resets.is_empty() {
            return quota;
        }
        let last = self.resets.iter().copied().filter(|at| *at <= now).max();
        QuotaLimit { counts_from: last.unwrap_or_default(), ..quota }
    }

    /// The next reset after `now`.
    pub(in crate::limit) fn next_reset(&self, now: Timestamp) -> Timestamp {
        self.resets.iter().copied().filter(|at| *at > now).min().unwrap_or(Timestamp::NEVER)
    }
}

// === impl LimitKind ===

impl LimitKind {
    /// The time that a rate covers: a second, or the refill of an empty bucket in whole seconds; `None` for a
    /// quota.
    pub(in crate::limit) fn rate_window(self) -> Option<Duration> {
        match self {
            Self::Window(_) => Some(SECOND),
            Self::Bucket(BucketLimit { per_second, burst }) => {
                Some(Duration::from_secs(burst.div_ceil(per_second.max(1))))
            }
            Self::Quota(_) => None,
        }
    }
}
