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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{EngineKind, Period, Quota, UtcOffset};
    use crate::limit::limits::pooled::Unit;

    const DAY: u64 = 86_400;

    fn quota(period: Period, offset: i16, engine: EngineKind) -> Limits {
        let quota = Quota { max_requests: Some(9), period, utc_offset: UtcOffset(offset) };
        let fleet = Fleet { engine, ..Fleet::default() };
        Limits::new(None, None, &[quota], &[]).with_fleet(&fleet, OnEngineDown::default())
    }

    /// The unit for the period that a day lies in, so many days after 2026-01-01.
    fn unit(period: Period, offset: i16, engine: EngineKind, day: u64) -> Option<Unit> {
        let limits = quota(period, offset, engine);
        let limit = limits.pooled().next().expect("a quota");
        let time = Timestamp::from_nanos((1_767_225_600 + day * DAY + 40_000) * 1_000_000_000);
        limit.unit(limit.span_at(time))
    }

    #[test]
    fn envoyproxy_counts_a_period_in_the_smallest_window_that_holds_it() {
        let envoyproxy = |period, offset, day| unit(period, offset, EngineKind::Envoyproxy, day);
        assert_eq!(envoyproxy(Period::Minute, 330, 0), Some(Unit::Minute));
        assert_eq!(envoyproxy(Period::Hour, 0, 0), Some(Unit::Hour));
        assert_eq!(envoyproxy(Period::Hour, 330, 0), Some(Unit::Day));
        assert_eq!(envoyproxy(Period::Day, 0, 0), Some(Unit::Day));
        assert_eq!(envoyproxy(Period::Day, 480, 0), Some(Unit::Month));
        const DAYS: u64 = 14 * 365 + 3;
        let is_none = |period, offset, day: &u64| envoyproxy(period, offset, *day).is_none();
        let fits_none = |period, offset| (0..DAYS).filter(|day| is_none(period, offset, day)).count() as u64;
        // Of 14 years with their 29ths of February: a December each, and a week.
        assert_eq!(fits_none(Period::Month, 0), 14 * 31);
        assert_eq!(fits_none(Period::Week, 0), 7);
        assert_eq!(fits_none(Period::Day, 0), 0);
        assert_eq!(fits_none(Period::Total, 0), DAYS);
    }

    #[test]
    fn the_other_engines_count_any_period() {
        for engine in [EngineKind::UsagePlan, EngineKind::Limitador] {
            assert!(Period::ALL.into_iter().all(|period| unit(period, 330, engine, 0).is_some()));
        }
    }
}
