//! What the filter counts of the engine of its fleet.

use usage_plan_core::telemetry::metric_names::{self, FleetMetric};

use super::outcomes::Outcomes;

/// What the filter counts of the engine of its fleet, over all plans and limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetCounts {
    /// Calls to the engine: `granted`, `refused`, `late`, `failed`.
    pub calls: Outcomes,
    /// Tokens from the engine: `granted`, `used`, `lost`.
    pub tokens: Outcomes,
    /// Requests that waited for the engine: `woken`, `refused`, `left`, `policy`.
    pub waits: Outcomes,
    /// How often the engine was no longer asked, `open`, and asked again, `close`.
    pub breaker: Outcomes,
    /// Requests that were decided without the engine: `local_share`, `deny`, `allow`, `grace`.
    pub policy: Outcomes,
    /// What was admitted of quotas without the engine: `taken`, `reported`, `written_off`.
    pub debt: Outcomes,
}

// === impl FleetCounts ===

impl FleetCounts {
    /// Reads one of an Envoy's statistics; false if it is another one.
    pub(crate) fn read(&mut self, name: &str, value: &str) -> bool {
        let Some((metric, word)) = metric_names::read_fleet(name) else { return false };
        let outcomes = match metric {
            FleetMetric::Calls => &mut self.calls,
            FleetMetric::Tokens => &mut self.tokens,
            FleetMetric::Waits => &mut self.waits,
            FleetMetric::Breaker => &mut self.breaker,
            FleetMetric::Policy => &mut self.policy,
            FleetMetric::Debt => &mut self.debt,
        };
        outcomes.add(word, value.parse().unwrap_or_default());
        true
    }

    /// Whether the engine was never asked, nor missed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the engine is not asked at present, because it did not answer.
    pub fn is_away(&self) -> bool {
        self.breaker.of("open") > self.breaker.of("close")
    }

    /// What was admitted of quotas without the engine, and has not been reported to it.
    pub fn owed(&self) -> u64 {
        let settled = self.debt.of("reported").saturating_add(self.debt.of("written_off"));
        self.debt.of("taken").saturating_sub(settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_away_until_it_is_asked_again_and_a_debt_is_owed_until_it_is_settled() {
        let mut counts = FleetCounts::default();
        assert!(counts.is_empty() && !counts.is_away());
        for (name, value) in [
            ("engine_calls.plan=gold.limit=second.result=granted", "5"),
            ("engine_calls.plan=silver.limit=day.result=granted", "2"),
            ("engine_breaker.event=open", "2"),
            ("engine_breaker.event=close", "1"),
            ("debt.kind=taken", "10"),
            ("debt.kind=reported", "3"),
            ("debt.kind=written_off", "1"),
        ] {
            assert!(counts.read(name, value), "{name}");
        }
        assert!(!counts.read("requests.plan=gold.outcome=allowed", "1"));
        assert_eq!((counts.calls.of("granted"), counts.is_away(), counts.owed()), (7, true, 6));
        counts.read("engine_breaker.event=close", "1");
        assert!(!counts.is_away() && !counts.is_empty());
    }
}
