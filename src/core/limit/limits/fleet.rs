//! Which limits an engine counts for several Envoys.

use super::Limits;
use super::limit::{Limit, LimitKind};
use super::pooled::Pooled;
use super::rules::FleetRules;
use super::scope::Scope;
use crate::document::{CountedBy, Fleet, OnEngineDown};
#[cfg(test)]
use crate::timestamp::Timestamp;

/// The limits in force for a request that an engine counts, each with its place among all of its plan. As of
/// [`InForce`](super::InForce), standard adapters would cost every request several times as much.
pub struct PooledInForce<'l> {
    rules: Option<FleetRules>,
    scope: u64,
    place: usize,
    limits: std::slice::Iter<'l, Limit>,
    /// The API whose limits come next.
    api: Option<&'l Scope>,
}

// === impl Limits ===

impl Limits {
    /// The same limits, some of which the engine of `fleet` counts. `down` is what the plan says of the time
    /// when it cannot.
    pub(in crate::limit) fn with_fleet(mut self, fleet: &Fleet, down: OnEngineDown) -> Self {
        let mut place = 0_usize;
        for scope in std::iter::once(&mut self.plan).chain(&mut self.apis) {
            scope.pool(fleet);
            scope.first_pooled = place;
            place = place.saturating_add(scope.pooled.len());
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
    pub fn pooled_in_force(&self, api: Option<usize>) -> PooledInForce<'_> {
        let api = api.and_then(|index| self.apis.get(index));
        PooledInForce { api, ..PooledInForce::new(&self.plan, self.fleet) }
    }

    #[inline]
    pub(in crate::limit) fn pooled_of<'l>(&self, scope: &'l Scope) -> impl Iterator<Item = Pooled<'l>> {
        PooledInForce::new(scope, self.fleet).map(|(_, limit)| limit)
    }

    /// The rate of a scope, if an engine counts it.
    #[inline]
    pub(in crate::limit) fn pooled_rate_of<'l>(&self, scope: &'l Scope) -> Option<Pooled<'l>> {
        self.pooled_of(scope).find(|limit| matches!(limit.limit.kind, LimitKind::Window(_)))
    }
}

// === impl PooledInForce ===

impl<'l> PooledInForce<'l> {
    fn new(scope: &'l Scope, rules: Option<FleetRules>) -> Self {
        Self { rules, scope: scope.id, place: scope.first_pooled, limits: scope.pooled.iter(), api: None }
    }
}

impl<'l> Iterator for PooledInForce<'l> {
    type Item = (usize, Pooled<'l>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(limit) = self.limits.next() {
                let place = self.place;
                self.place = place.saturating_add(1);
                return Some((place, Pooled { scope: self.scope, limit, rules: self.rules? }));
            }
            let api = self.api.take()?;
            (self.scope, self.place, self.limits) = (api.id, api.first_pooled, api.pooled.iter());
        }
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
    use crate::document::{Api, EngineKind, Period, Quota, UtcOffset};
    use crate::limit::limits::pooled::Unit;

    const DAY: u64 = 86_400;
    const QUOTA: Quota = Quota { max_requests: Some(9), period: Period::Day, utc_offset: UtcOffset(0) };

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
    fn a_limit_in_force_has_the_place_that_it_has_among_all() {
        let api = |path: &str, quotas: &[Period]| Api {
            path: path.to_owned(),
            max_requests_per_second: Some(5),
            quotas: quotas.iter().map(|period| Quota { period: *period, ..QUOTA }).collect(),
            ..Api::default()
        };
        let apis = [api("/a", &[Period::Hour]), api("/b", &[]), api("/c", &[Period::Day, Period::Year])];
        let limits = Limits::new(Some(9), None, &[QUOTA], &apis);
        let limits = limits.with_fleet(&Fleet::default(), OnEngineDown::default());
        let all: Vec<_> = limits.pooled().map(|limit| limit.name().to_owned()).collect();
        assert_eq!(all.len(), 2 + 2 + 1 + 3);
        let in_force =
            |api| limits.pooled_in_force(api).map(|(place, limit)| (place, limit.name().to_owned()));
        let places = |api| {
            let found: Vec<_> = in_force(api).collect();
            assert!(found.iter().all(|(place, name)| all[*place] == *name), "{found:?}");
            found.into_iter().map(|(place, _)| place).collect::<Vec<_>>()
        };
        assert_eq!(places(None), [0, 1]);
        assert_eq!(
            [0, 1, 2, 3].map(|api| places(Some(api))[2..].to_vec()),
            [vec![2, 3], vec![4], vec![5, 6, 7], vec![],]
        );
    }

    #[test]
    fn the_other_engines_count_any_period() {
        for engine in [EngineKind::UsagePlan, EngineKind::Limitador] {
            assert!(Period::ALL.into_iter().all(|period| unit(period, 330, engine, 0).is_some()));
        }
    }
}
