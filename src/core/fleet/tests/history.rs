//! What a simulated history is made of: the plan, the load, and what goes wrong.

use serde_json::json;

use super::random::Random;
use crate::document::EngineKind;

/// What a history is made of.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) engine: EngineKind,
    pub(super) envoys: usize,
    pub(super) workers: usize,
    /// Requests per second of the plan, if it has a rate.
    pub(super) rate: Option<u64>,
    /// Requests per day of the plan, if it has a quota.
    pub(super) quota: Option<u64>,
    /// Requests per second that are sent.
    pub(super) offered: u64,
    pub(super) load: Load,
    /// How long requests are sent, in microseconds.
    pub(super) length: u64,
    /// How far clocks of Envoys are off at most, in microseconds.
    pub(super) skew: u64,
    pub(super) lost_per_mille: u64,
    pub(super) crashes: u64,
    /// Whether the engine is away for a while.
    pub(super) is_away: bool,
    /// Whether the engine loses its last second.
    pub(super) loses: bool,
    pub(super) policy: (&'static str, &'static str),
    /// Whether the store loses writes, which must be found.
    pub(super) loses_writes: bool,
}

/// How requests are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Load {
    Even,
    NineToOne,
    OnOne,
    MovesEverySecond,
    /// All of a second at once, then again a little more than a second later.
    AtOnce,
}

/// Something that is planned to go wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum Planned {
    Crash(usize),
    Away(bool),
    Lose,
}

impl Setting {
    /// A history of a rate, by its seed.
    pub(super) fn of_rate(random: &mut Random) -> Self {
        let rate = random.within(7, 400);
        Self {
            engine: random.one_of(&[EngineKind::UsagePlan, EngineKind::Envoyproxy, EngineKind::Limitador]),
            envoys: random.one_of(&[1, 2, 2, 3, 5, 20]),
            workers: random.one_of(&[1, 2]),
            rate: Some(rate),
            quota: None,
            offered: rate * random.one_of(&[1, 1, 2]),
            load: random.one_of(&Load::ALL),
            length: 3_000_000,
            skew: 0,
            lost_per_mille: random.one_of(&[0, 50]),
            crashes: random.one_of(&[0, 3]),
            is_away: false,
            loses: false,
            policy: ("deny", "deny"),
            loses_writes: false,
        }
    }

    /// A history of a quota that lasts for some seconds, by its seed.
    pub(super) fn of_quota(random: &mut Random) -> Self {
        let quota = random.within(50, 2000);
        Self {
            rate: random.one_of(&[None, Some(10_000)]),
            quota: Some(quota),
            offered: (quota / 4).max(1),
            length: 6_000_000,
            skew: random.one_of(&[0, 20_000]),
            is_away: random.one_of(&[false, true]),
            loses: random.one_of(&[false, false, true]),
            policy: random.one_of(&[("deny", "deny"), ("allow", "grace"), ("allow", "allow")]),
            ..Self::of_rate(random)
        }
    }

    pub(super) fn document(&self) -> String {
        let engine = match self.engine {
            EngineKind::UsagePlan => "usage-plan",
            EngineKind::Envoyproxy => "envoyproxy",
            EngineKind::Limitador => "limitador",
        };
        let quotas: Vec<_> =
            self.quota.iter().map(|quota| json!({"max_requests": quota, "period": "day"})).collect();
        let mut plan = json!({"id": "gold", "quotas": quotas});
        if let Some(rate) = self.rate {
            plan["max_requests_per_second"] = rate.into();
        }
        let (rate, quota) = self.policy;
        let fleet = json!({
            "cluster": "engine", "engine": engine, "timeout_ms": self.timeout() / 1000,
            "expected_envoys": self.envoys,
            "on_engine_down": {"rate": rate, "quota": quota, "grace_percent": 1},
        });
        json!({"usage_plans": [plan], "options": {"fleet": fleet}}).to_string()
    }

    /// In microseconds.
    pub(super) fn timeout(&self) -> u64 {
        50_000
    }

    /// What goes wrong, and when.
    pub(super) fn plan_faults(&self, random: &mut Random) -> Vec<(u64, Planned)> {
        let mut planned = Vec::new();
        for envoy in 0..self.envoys {
            for _ in 0..self.crashes {
                planned.push((random.within(0, self.length), Planned::Crash(envoy)));
            }
        }
        if self.is_away {
            let from = random.within(0, self.length);
            let until = from + random.within(100_000, 2_300_000);
            planned.extend([(from, Planned::Away(true)), (until, Planned::Away(false))]);
        }
        if self.loses {
            planned.push((random.within(0, self.length), Planned::Lose));
        }
        planned
    }
}

impl Load {
    const ALL: [Self; 5] = [Self::Even, Self::NineToOne, Self::OnOne, Self::MovesEverySecond, Self::AtOnce];

    /// How many requests come now, and how long it is until the next.
    pub(super) fn next(self, per_second: u64, random: &mut Random) -> (u64, u64) {
        if self == Self::AtOnce {
            return (per_second, 1_020_000);
        }
        let gap = 1_000_000 / per_second.max(1);
        (1, random.within(gap / 2, gap + gap / 2))
    }

    /// The Envoy that a request goes to.
    pub(super) fn envoy(self, envoys: usize, now: u64, random: &mut Random) -> usize {
        let any = random.within(0, envoys as u64) as usize;
        match self {
            Self::Even | Self::AtOnce => any,
            Self::NineToOne if random.one_in(10) => any,
            Self::NineToOne | Self::OnOne => 0,
            Self::MovesEverySecond => (now / 1_000_000) as usize % envoys,
        }
    }
}
