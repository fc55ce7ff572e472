//! A configuration in force, and what its operator sees of each request.

use usage_plan_core::gate::{Gate, Verdict};
use usage_plan_core::lookup::Config;
use usage_plan_core::telemetry::filter_state;

use crate::abi::set_filter_state;
use crate::metrics::{Event, Metrics};

/// A configuration in force, with what its requests are counted in.
pub(super) struct Installed {
    pub(super) gate: Gate,
    pub(super) metrics: Metrics,
}

// === impl Installed ===

impl Installed {
    pub(super) fn new(config: Config) -> Self {
        Self { gate: Gate::new(config), metrics: Metrics::default() }
    }

    /// Shows the operator the verdict: filter state for access logs, and metrics (`docs/rules.md#telemetry`).
    pub(super) fn report(&self, verdict: &Verdict) {
        let config = self.gate.config();
        let plan = verdict
            .caller
            .map(|caller| (caller.usage_plan.position(), config.usage_plan(caller.usage_plan).id()));
        if let Some((_, id)) = plan {
            set_filter_state(filter_state::USAGE_PLAN, id);
        }
        set_filter_state(filter_state::OUTCOME, &verdict.word());
        let request = Event::Request { outcome: verdict.outcome, observed: verdict.observed };
        self.metrics.count(request, plan);
        if let Some(caller) = verdict.caller
            && let Some(secret) = caller.secret
        {
            set_filter_state(filter_state::SECRET, secret.as_str());
            let key = (caller.key.position(), config.key(caller.key).secret_id());
            self.metrics.count(Event::SecretUse(secret), Some(key));
        }
        if verdict.counter_restarted {
            self.metrics.count(Event::CounterRestart, plan);
        }
        if let Some((_, id)) = plan {
            verdict.warnings.iter().for_each(|warning| self.metrics.warn(id, warning));
        }
        if verdict.has_unchecked_date() {
            self.metrics.count(Event::UncheckedDate, plan);
        }
    }
}
