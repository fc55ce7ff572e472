//! The limits of a plan, in the form in which counters check them.

mod balance;
mod fleet;
mod limit;
mod pooled;
mod rules;
mod scope;

use sha2::{Digest, Sha256};

pub use self::balance::Balance;
pub(super) use self::limit::{Limit, LimitKind};
pub use self::pooled::{Pooled, Unit};
use self::rules::FleetRules;
use self::scope::Leases;
pub(super) use self::scope::Scope;
use crate::document::{Api, Fleet, Period, Quota, Reset};
use crate::lookup::UsagePlan;
use crate::timestamp::Timestamp;

/// All limits of a plan.
#[derive(Debug, Default)]
pub struct Limits {
    /// The limits on every request.
    pub(super) plan: Scope,
    /// The limits on requests of each API, in addition to those of the plan.
    pub(super) apis: Vec<Scope>,
    /// The percents of each quota that are reported when they are reached.
    warn_at: Vec<u8>,
    /// What holds where an engine counts for several Envoys; `None`: this Envoy counts.
    fleet: Option<FleetRules>,
}

/// The limits in force for a request, each with its scope. Standard adapters would go over them in several
/// times the instructions, and every request does so more than once.
pub(super) struct InForce<'l> {
    scope: u64,
    limits: std::slice::Iter<'l, Limit>,
    /// The API whose limits come next.
    api: Option<&'l Scope>,
}

/// A part of a quota that was just used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The name of the quota.
    pub limit: String,
    /// How much of it is used, in percent.
    pub percent: u8,
}

// === impl Limits ===

impl Limits {
    /// The limits of `plan`: its rate, its quotas, and those of its APIs.
    pub fn of(plan: &UsagePlan, fleet: Option<&Fleet>) -> Self {
        Self::with_resets_of(plan, fleet, None)
    }

    /// The limits of `plan` on the key with this `secret_id`, which differ by the resets of this key alone.
    pub fn of_key(plan: &UsagePlan, fleet: Option<&Fleet>, secret_id: &str) -> Self {
        Self::with_resets_of(plan, fleet, Some(secret_id))
    }

    fn with_resets_of(plan: &UsagePlan, fleet: Option<&Fleet>, key: Option<&str>) -> Self {
        let limits = Self::new(plan.max_requests_per_second(), plan.burst(), plan.quotas(), plan.apis());
        let limits = Self { warn_at: plan.warn_at().to_vec(), ..limits };
        let concerns = |reset: &&Reset| reset.key.is_none() || reset.key.as_deref() == key;
        let resets = plan.resets().iter().filter(concerns);
        let limits = limits.with_resets(resets.map(|reset| (reset.at, reset.limit)));
        match fleet {
            Some(fleet) => limits.with_fleet(fleet, plan.on_engine_down()),
            None => limits,
        }
    }

    /// The same limits, with a reset at each of these moments: of the quotas of one period, or of all.
    pub(super) fn with_resets(
        mut self,
        resets: impl IntoIterator<Item = (Timestamp, Option<Period>)>,
    ) -> Self {
        for (at, period) in resets {
            let scopes = std::iter::once(&mut self.plan).chain(&mut self.apis);
            for limit in scopes.flat_map(|scope| &mut scope.limits) {
                let LimitKind::Quota(quota) = limit.kind else { continue };
                if period.is_none_or(|period| period == quota.period) {
                    limit.resets.push(at);
                }
            }
        }
        self
    }

    pub(super) fn new(rate: Option<u64>, burst: Option<u64>, quotas: &[Quota], apis: &[Api]) -> Self {
        let api = |api: &Api| {
            let definition = [&[api.path.clone()][..], &api.methods].concat().join("\n");
            let id = u64::from_le_bytes(*Sha256::digest(definition).first_chunk().unwrap_or(&[0; 8]));
            Scope::new(id, &api.label(), api.max_requests_per_second, None, &api.quotas)
        };
        let plan = Scope::new(0, "", rate, burst, quotas);
        Self { plan, apis: apis.iter().map(api).collect(), ..Self::default() }
    }

    /// Whether the plan has no limit, so that nothing needs counting.
    pub fn is_unlimited(&self) -> bool {
        self.plan.is_unlimited() && self.apis.iter().all(Scope::is_unlimited)
    }

    /// The percents of each quota that are reported when they are reached.
    pub fn warn_at(&self) -> &[u8] {
        &self.warn_at
    }

    /// The limits in force for a request, each with its scope. `api` is the index of the request's API, if it
    /// has one.
    pub(super) fn in_force(&self, api: Option<usize>) -> InForce<'_> {
        let api = api.and_then(|index| self.apis.get(index));
        InForce { scope: self.plan.id, limits: self.plan.limits.iter(), api }
    }

    /// Whether a worker may reserve admissions for requests of this API.
    pub(super) fn allow_leases(&self, api: Option<usize>) -> bool {
        if self.plan.leases == Leases::Forbidden {
            return false;
        }
        match api.and_then(|index| self.apis.get(index)).map(|api| api.leases) {
            Some(Leases::Forbidden) => false,
            Some(Leases::Allowed) => true,
            Some(Leases::Indifferent) | None => self.plan.leases == Leases::Allowed,
        }
    }

    /// A limit of that many requests in any second, and nothing else.
    pub fn per_second(requests: u64) -> Self {
        Self::new(Some(requests), None, &[], &[])
    }

    /// The limits in force for a request, by scope.
    pub(super) fn scopes(&self, api: Option<usize>) -> (&Scope, Option<&Scope>) {
        (&self.plan, api.and_then(|index| self.apis.get(index)))
    }

    /// The limits of the plan, then those of each API, with its index.
    pub(super) fn by_api(&self) -> impl Iterator<Item = (Option<usize>, &Scope)> {
        let apis = self.apis.iter().enumerate().map(|(index, scope)| (Some(index), scope));
        std::iter::once((None, &self.plan)).chain(apis)
    }

    /// Every limit of the plan and of all APIs, each with its scope.
    pub(super) fn all(&self) -> impl Iterator<Item = (u64, &Limit)> {
        let scopes = std::iter::once(&self.plan).chain(&self.apis);
        scopes.flat_map(|scope| scope.limits.iter().map(|limit| (scope.id, limit)))
    }
}

// === impl InForce ===

impl<'l> Iterator for InForce<'l> {
    type Item = (u64, &'l Limit);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(limit) = self.limits.next() {
                return Some((self.scope, limit));
            }
            let api = self.api.take()?;
            (self.scope, self.limits) = (api.id, api.limits.iter());
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let more = self.api.map_or(0, |api| api.limits.len());
        let left = self.limits.len().saturating_add(more);
        (left, Some(left))
    }
}

#[cfg(test)]
impl Limits {
    /// The same limits, whose quotas are reported at these percents.
    pub(super) fn with_warnings(self, warn_at: &[u8]) -> Self {
        Self { warn_at: warn_at.to_vec(), ..self }
    }

    /// The same limits with leases in every window, however small it is, and with runs of this length.
    pub(super) fn with_leases(mut self, run_length: u32, may_hold: u64) -> Self {
        for scope in std::iter::once(&mut self.plan).chain(&mut self.apis) {
            for limit in &mut scope.limits {
                if let LimitKind::Window(window) = &mut limit.kind {
                    *window = super::window::WindowLimit { run_length, may_hold, ..*window };
                    scope.leases = Leases::Allowed;
                }
            }
        }
        self
    }
}
