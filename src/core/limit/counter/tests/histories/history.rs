//! Draws a history from a seed: its plans, its workers, and what happens to them.

use std::cell::Cell;

use super::judge::Bounds;
use super::wrong::Wrong;
use crate::document::{Api, Period, Quota, UtcOffset};
use crate::limit::Limits;

pub(super) const MILLISECOND: u64 = 1_000_000;
pub(super) const SECOND: u64 = 1000 * MILLISECOND;
/// A full minute in 2023, in nanoseconds since the Unix epoch.
const MINUTE: u64 = 1_700_000_040 * SECOND;

/// A kind of histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Small limits, of which a worker reserves as much as it likes.
    Small,
    /// A quota that renews while requests come in.
    Renewal,
    /// Limits that allow leases, and as much of them as the rules do.
    Real,
    /// The same with more workers than there can be leases, up to a limit of 100,000.
    Wide,
    /// The same with a clock that is once set forward or back, by up to a day.
    Step,
}

/// A history to come.
pub(super) struct History {
    pub(super) plans: Vec<(Limits, Bounds)>,
    pub(super) workers: usize,
    pub(super) requests: u64,
    pub(super) start: u64,
    /// The mean time between two requests.
    pub(super) pace: u64,
    /// The longest time for which a worker is held up at a call.
    pub(super) stall: u64,
    /// How far the clock may be set back in all.
    pub(super) set_back: u64,
    /// After how many requests the clock is set, and by how much.
    pub(super) step: Option<(u64, i64)>,
    /// Of how many requests one finds its worker's VM dead, or takes over another document; 0 for none.
    pub(super) dies: u64,
    pub(super) loads: u64,
    /// Whether workers reserve as much as they like.
    pub(super) is_greedy: bool,
    pub(super) wrong: Wrong,
    pub(super) random: Random,
}

/// Lots, the same ones for the same seed (SplitMix64).
pub(super) struct Random(Cell<u64>);

// === impl Random ===

impl Random {
    pub(super) fn below(&self, end: u64) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }

    /// True once in so many times; never for 0.
    pub(super) fn once_in(&self, times: u64) -> bool {
        times > 0 && self.below(times) == 0
    }

    pub(super) fn from(&self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }
}

// === impl History ===

impl History {
    pub(super) fn new(kind: Kind, wrong: Wrong, seed: u64) -> Self {
        let random = Random(Cell::new(seed.wrapping_mul(0xd134_2543_de82_ef95)));
        let per_second = match kind {
            Kind::Small => random.from(1, 60),
            Kind::Renewal => 2000,
            Kind::Real | Kind::Step => [900, 1000, 2000, 5000][random.below(4) as usize],
            Kind::Wide => [900, 5000, 20_000, 100_000][random.below(4) as usize],
        };
        let is_small = kind == Kind::Small;
        let has_api = is_small && random.once_in(3);
        let of_api = has_api.then(|| random.from(1, per_second));
        let per_minute = (kind == Kind::Renewal).then(|| random.from(600, 900));
        let plans = (0..if is_small { 2 } else { 1 }).map(|index| {
            let per_second = if index == 0 { per_second } else { random.from(1, 60) };
            let quota =
                |max| Quota { max_requests: Some(max), period: Period::Minute, utc_offset: UtcOffset(0) };
            let quotas: Vec<Quota> = per_minute.map(quota).into_iter().collect();
            let api = Api { path: "/a".to_owned(), max_requests_per_second: of_api, ..Api::default() };
            let apis = if has_api { vec![api] } else { Vec::new() };
            let limits = Limits::new(Some(per_second), None, &quotas, &apis);
            let mut bounds = Bounds { per_second, of_api, per_minute, refuses_above: None };
            if is_small {
                let (run_length, may_hold) = (random.from(1, per_second), random.from(3, 2 * per_second + 3));
                return (limits.with_leases(run_length as u32, may_hold), bounds);
            }
            match kind {
                Kind::Real | Kind::Wide => bounds.refuses_above = Some(per_second - per_second / 100),
                // What the clock forgot is admitted once more, and so is what was reserved before it was set.
                Kind::Step => bounds.per_second = 2 * per_second + per_second / 300,
                Kind::Small | Kind::Renewal => {}
            }
            (limits, bounds)
        });
        let plans = plans.collect();
        let load = random.from(3, 50);
        let requests = match kind {
            Kind::Small => 300,
            Kind::Renewal => 3000,
            Kind::Real | Kind::Wide | Kind::Step => per_second * 3,
        };
        let step = (kind == Kind::Step).then(|| {
            let longest = [2, 60, 86_400][random.below(3) as usize] * SECOND;
            let by = random.below(longest) as i64;
            (random.below(requests), if random.once_in(2) { by } else { -by })
        });
        Self {
            plans,
            workers: if kind == Kind::Wide { random.from(9, 80) } else { random.from(1, 8) } as usize,
            requests,
            start: MINUTE - random.below(15) * MILLISECOND - random.below(2),
            pace: (10 * SECOND / (per_second * load)).max(1),
            stall: match (kind, random.below(3)) {
                (Kind::Real | Kind::Wide | Kind::Step, _) | (_, 0) => 0,
                (_, 1) => MILLISECOND,
                _ => 1500 * MILLISECOND,
            },
            set_back: if is_small && random.once_in(3) { SECOND } else { 0 },
            step,
            dies: if random.once_in(3) { 30 } else { 0 },
            loads: if is_small && random.once_in(4) { 40 } else { 0 },
            is_greedy: is_small && random.once_in(2),
            wrong,
            random,
        }
    }
}
