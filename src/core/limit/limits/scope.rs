//! Limits that are in force together: those of a plan, or those of an API.

use super::limit::{Limit, LimitKind};
use crate::document::{Quota, UtcOffset};
use crate::limit::bucket::BucketLimit;
use crate::limit::quota::QuotaLimit;
use crate::limit::window::WindowLimit;
use crate::timestamp::Timestamp;

/// Limits that are in force together.
#[derive(Debug, Default)]
pub(in crate::limit) struct Scope {
    /// Identifies the entries of this scope in a counter, also after the document changed: 0 for the plan,
    /// and a hash of the path and methods for an API.
    pub(in crate::limit) id: u64,
    pub(in crate::limit) limits: Vec<Limit>,
    /// The limits that an engine counts for several Envoys. A rate is in both lists.
    pub(super) pooled: Vec<Limit>,
    /// The place of the first of them among those of all scopes of the plan.
    pub(super) first_pooled: usize,
    /// What the limits say to leases.
    pub(super) leases: Leases,
}

/// What limits that are in force together say to leases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Leases {
    /// Nothing: there is no rate.
    #[default]
    Indifferent,
    /// There is a window, and it is large enough.
    Allowed,
    /// There is a window that is too small, or a bucket: what is put back into a bucket may have overflowed
    /// in between.
    Forbidden,
}

// === impl Scope ===

impl Scope {
    pub(super) fn new(id: u64, label: &str, rate: Option<u64>, burst: Option<u64>, quotas: &[Quota]) -> Self {
        let name = |word: &str| if label.is_empty() { word.to_owned() } else { format!("{word} {label}") };
        let rate = rate.map(|per_second| match burst {
            None => Limit::new(name("second"), LimitKind::Window(WindowLimit::new(per_second))),
            Some(burst) => Limit::new(name("burst"), LimitKind::Bucket(BucketLimit { per_second, burst })),
        });
        let quota = |quota: &Quota| {
            let Quota { period, utc_offset, .. } = *quota;
            let max_requests = quota.max_requests?;
            let counts_from = Timestamp::default();
            let kind = LimitKind::Quota(QuotaLimit { max_requests, period, utc_offset, counts_from });
            let word = match utc_offset {
                UtcOffset(0) => period.name().to_owned(),
                offset => format!("{}{offset}", period.name()),
            };
            Some(Limit::new(name(&word), kind))
        };
        let leases = rate.as_ref().map_or(Leases::Indifferent, |rate| match rate.kind {
            LimitKind::Window(limit) if limit.can_reserve() => Leases::Allowed,
            _ => Leases::Forbidden,
        });
        let limits = rate.into_iter().chain(quotas.iter().filter_map(quota)).collect();
        Self { id, limits, pooled: Vec::new(), first_pooled: 0, leases }
    }

    /// Whether there is no limit.
    pub(super) fn is_unlimited(&self) -> bool {
        self.limits.is_empty() && self.pooled.is_empty()
    }
}
