//! Which limits an engine counts for several Envoys.

use super::Limits;
use super::limit::{Limit, LimitKind};
use super::pooled::Pooled;
use super::rules::FleetRules;
use super::scope::Scope;
use crate::document::{CountedBy, Fleet, OnEngineDown};
#[cfg(test)]
use crate::timestamp::Timestamp;

// === impl Limits ===

impl Limits {
    /// The same limits, some of which the engine of `fleet` counts. `down` is what the plan says of the time
    /// when it cannot.
    pub(in crate::limit) fn with_fleet(mut self, fleet: &Fleet, down: OnEngineDown) -> Self {
        for scope in std::iter::once(&mut self.plan).chain(&mut self.apis) {
            scope.pool(fleet);
        }
        let down = down.or(fleet.on_engine_down);
        self.fleet = Some(FleetRules { engine: fleet.engine, envoys: fleet.expected_envoys, down });
        self
    }

    /// Whether an engine counts one of the limits.
    pub fn have_pools(&self) -> bool {
        !self.plan.pooled.is_empty() || self.apis.iter().any(|api| !api.pooled.is_empty())
    }

    /// The limits that an engine counts: those of the plan, then those of each API.
    pub fn pooled(&self) -> impl Iterator<Item = Pooled<'_>> {
        std::iter::once(&self.plan).chain(&self.apis).flat_map(|scope| self.pooled_of(scope))
    }

    /// Those of [`pooled`](Self::pooled) that are in force for requests of the API with this index, each with
    /// its place there.
    #[inline]
    pub fn pooled_in_force(&self, api: Option<usize>) -> impl Iterator<Item = (usize, Pooled<'_>)> {
        let of_plan = self.pooled_of(&self.plan).enumerate();
        let of_api = api.and_then(|index| Some((index, self.apis.get(index)?))).map(|(index, scope)| {
            let before = self.apis.iter().take(index).map(|api| api.pooled.len());
            let first = before.fold(self.plan.pooled.len(), usize::saturating_add);
            self.pooled_of(scope).enumerate().map(move |(place, limit)| (first.saturating_add(place), limit))
        });
        of_plan.chain(of_api.into_iter().flatten())
    }

    pub(in crate::limit) fn pooled_of<'l>(&self, scope: &'l Scope) -> impl Iterator<Item = Pooled<'l>> {
        let rules = self.fleet;
        scope.pooled.iter().filter_map(move |limit| Some(Pooled { scope: scope.id, limit, rules: rules? }))
    }

    /// The limits that are in force for requests of the API with this index, by scope.
    pub(in crate::limit) fn scopes(&self, api: Option<usize>) -> impl Iterator<Item = &Scope> {
        std::iter::once(&self.plan).chain(api.and_then(|index| self.apis.get(index)))
    }
}

// === impl Scope ===

impl Scope {
    /// Lets the engine count. The window of a rate stays in force beside the engine.
    fn pool(&mut self, fleet: &Fleet) {
        if fleet.rates == CountedBy::Fleet {
            let windows = self.limits.iter().filter(|limit| matches!(limit.kind, LimitKind::Window(_)));
            self.pooled.extend(windows.map(|limit| Limit::new(limit.name.clone(), limit.kind)));
        }
        if fleet.quotas == CountedBy::Fleet {
            let is_quota = |limit: &mut Limit| matches!(limit.kind, LimitKind::Quota(_));
            self.pooled.extend(self.limits.extract_if(.., is_quota));
        }
    }
}

#[cfg(test)]
impl Limits {
    /// The same limits, whose quotas that an engine counts are reset at that moment.
    pub(in crate::limit) fn with_resets_of_pools(mut self, at: Timestamp) -> Self {
        for limit in self.plan.pooled.iter_mut().filter(|limit| matches!(limit.kind, LimitKind::Quota(_))) {
            limit.resets.push(at);
        }
        self
    }
}
