//! What a plan limits, as the counter sees it.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::bucket::BucketLimit;
use super::quota::QuotaLimit;
use crate::document::{Api, Quota, UtcOffset};
use crate::timestamp::{SECOND, Timestamp};

/// All limits of a plan.
#[derive(Debug, Default)]
pub struct Limits {
    /// What holds for every request.
    pub plan: Scope,
    /// What holds besides for requests of each API.
    pub apis: Vec<Scope>,
}

/// Limits that are in force together.
#[derive(Debug, Default)]
pub struct Scope {
    /// Tells a counter's parts for this scope from those for others, also after the document changed.
    pub(super) id: u64,
    pub(super) limits: Vec<Limit>,
}

/// One limit.
#[derive(Debug)]
pub struct Limit {
    /// In limit headers.
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// How a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// So many in any second.
    Window(u64),
    /// A bucket that is refilled.
    Bucket(BucketLimit),
    /// So many in a period of the calendar.
    Quota(QuotaLimit),
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance<'l> {
    /// The limit's name.
    pub name: &'l str,
    /// Whether it is a quota, not a rate.
    pub is_quota: bool,
    /// How many it admits at most.
    pub limit: u64,
    /// In how long; `None`: ever.
    pub window: Option<Duration>,
    /// How many more it admits now.
    pub remaining: u64,
    /// When it admits all of them again; `None`: never.
    pub renewed_at: Option<Timestamp>,
}

// === impl Limits ===

impl Limits {
    /// The limits of a plan: its rate, its quotas, and those of its APIs.
    pub fn new(rate: Option<u64>, burst: Option<u64>, quotas: &[Quota], apis: &[Api]) -> Self {
        let api = |api: &Api| {
            let definition = [&[api.path.clone()][..], &api.methods].concat().join("\n");
            let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(definition));
            let id = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
            let label = [api.methods.join(","), api.path.clone()].join(" ");
            Scope::new(id, label.trim_start(), api.max_requests_per_second, None, &api.quotas)
        };
        Self { plan: Scope::new(0, "", rate, burst, quotas), apis: apis.iter().map(api).collect() }
    }

    /// Whether there is anything to count.
    pub fn is_unlimited(&self) -> bool {
        self.plan.limits.is_empty() && self.apis.iter().all(|api| api.limits.is_empty())
    }

    /// The limits in force for requests of the API at that place, or of none.
    pub(super) fn in_force(&self, api: Option<usize>) -> impl Iterator<Item = (u64, &Limit)> {
        let api = api.and_then(|place| self.apis.get(place));
        std::iter::once(&self.plan)
            .chain(api)
            .flat_map(|scope| scope.limits.iter().map(|limit| (scope.id, limit)))
    }

    /// Every limit, of the plan and of all APIs.
    pub(super) fn all(&self) -> impl Iterator<Item = (u64, &Limit)> {
        let scopes = std::iter::once(&self.plan).chain(&self.apis);
        scopes.flat_map(|scope| scope.limits.iter().map(|limit| (scope.id, limit)))
    }
}

// === impl Scope ===

impl Scope {
    fn new(id: u64, label: &str, rate: Option<u64>, burst: Option<u64>, quotas: &[Quota]) -> Self {
        let name = |word: &str| if label.is_empty() { word.to_owned() } else { format!("{word} {label}") };
        let rate = rate.map(|per_second| match burst {
            None => Limit { name: name("second"), kind: Kind::Window(per_second) },
            Some(burst) => {
                Limit { name: name("burst"), kind: Kind::Bucket(BucketLimit { per_second, burst }) }
            }
        });
        let quota = |quota: &Quota| {
            let Quota { period, utc_offset, .. } = *quota;
            let kind = Kind::Quota(QuotaLimit { max_requests: quota.max_requests?, period, utc_offset });
            let word = match utc_offset {
                UtcOffset(0) => period.name().to_owned(),
                offset => format!("{}{offset}", period.name()),
            };
            Some(Limit { name: name(&word), kind })
        };
        Self { id, limits: rate.into_iter().chain(quotas.iter().filter_map(quota)).collect() }
    }
}

// === impl Kind ===

impl Kind {
    /// How long a rate looks back: a second, or what it takes to fill an empty bucket.
    pub(super) fn rate_window(self) -> Option<Duration> {
        match self {
            Self::Window(_) => Some(SECOND),
            Self::Bucket(BucketLimit { per_second, burst }) => {
                Some(Duration::from_secs(burst.div_ceil(per_second.max(1))))
            }
            Self::Quota(_) => None,
        }
    }
}
