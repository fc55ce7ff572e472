//! An engine: it counts in windows of its own clock, or in the periods that calls name.

use std::collections::HashMap;

use crate::document::EngineKind;
use crate::fleet::{Answer, Ask};

/// The engine of a simulation.
#[derive(Debug)]
pub(super) struct Engine {
    kind: EngineKind,
    counters: HashMap<String, u64>,
    /// What the engine granted and has forgotten since.
    pub(super) forgotten: u64,
    /// What was granted of quotas lately, with the times: what an engine forgets that loses its last second.
    granted: Vec<(u64, String, u64)>,
    pub(super) is_away: bool,
    pub(super) calls: u64,
}

impl Engine {
    pub(super) fn new(kind: EngineKind) -> Self {
        Self { kind, counters: HashMap::new(), forgotten: 0, granted: Vec::new(), is_away: false, calls: 0 }
    }

    /// Decides on a call at `now`, in microseconds.
    pub(super) fn decide(&mut self, ask: &Ask, now: u64) -> Answer {
        self.calls += 1;
        let is_rate = ask.entries.iter().all(|(key, _)| *key != "p");
        let window = if is_rate { format!("@{}", now / 1_000_000) } else { String::new() };
        let name = format!("{:?}{window}", ask.entries);
        let used = self.counters.entry(name.clone()).or_default();
        let (limit, hits) = (u64::from(ask.limit), u64::from(ask.hits));
        let left = |used: u64| u32::try_from(limit.saturating_sub(used)).expect("a u32");
        if hits == 0 {
            let remaining = left(*used);
            return if *used > limit {
                Answer::OverLimit { remaining }
            } else {
                Answer::Granted { remaining }
            };
        }
        let fits = *used + hits <= limit;
        if fits || self.kind == EngineKind::Envoyproxy {
            *used += hits;
        }
        let used = *used;
        if !fits {
            let remaining = if self.kind == EngineKind::UsagePlan { left(used) } else { 0 };
            return Answer::OverLimit { remaining };
        }
        if !is_rate {
            self.granted.push((now, name, hits));
        }
        let tells = self.kind != EngineKind::Limitador;
        Answer::Granted { remaining: if tells { left(used) } else { 0 } }
    }

    /// Loses what it has in memory: its rates, and of quotas what it granted since `since`.
    pub(super) fn lose(&mut self, since: u64) {
        self.counters.retain(|name, _| !name.contains('@'));
        for (_, name, hits) in self.granted.iter().filter(|(at, _, _)| *at >= since) {
            let used = self.counters.get_mut(name).expect("it granted");
            *used = used.saturating_sub(*hits);
            self.forgotten += hits;
        }
        self.granted.retain(|(at, _, _)| *at < since);
    }
}
