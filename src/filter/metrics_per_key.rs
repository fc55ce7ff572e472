//! The metrics that show the operator which key sends what (`docs/rules.md#telemetry`).

use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;
use usage_plan_core::gate::Verdict;
use usage_plan_core::lookup::{Config, KeyIndex, PlanIndex};
use usage_plan_core::telemetry::{Outcome, metric_names};

use crate::metrics::Ids;

/// The metrics of the keys of one configuration in one VM. Each is defined in Envoy when it is first needed.
#[derive(Default)]
pub(super) struct MetricsPerKey {
    /// Envoy's number of each metric.
    ids: Ids,
}

// === impl MetricsPerKey ===

impl MetricsPerKey {
    /// Counts a request of `key`.
    pub(super) fn count(&self, config: &Config, key: KeyIndex, verdict: &Verdict) {
        let plan = verdict.caller.map(|caller| caller.usage_plan);
        let subject = subject(key, plan, verdict.outcome, verdict.observed);
        let known = self.ids.borrow().get(&subject).copied();
        let id = known.or_else(|| {
            let plan = plan.map_or("", |plan| config.usage_plan(plan).id());
            let name = metric_names::key_requests(config.key(key).secret_id(), plan, &verdict.word());
            let id = hostcalls::define_metric(MetricType::Counter, &name).ok()?;
            self.ids.borrow_mut().insert(subject, id);
            Some(id)
        });
        if let Some(Err(status)) = id.map(|id| hostcalls::increment_metric(id, 1)) {
            log::error!("cannot count a request of a key: {status:?}");
        }
    }

    /// Does what [`count`](Self::count) does, and counts nothing, so that time does not tell an id that no
    /// key has from that of a key.
    pub(super) fn count_nothing(&self, config: &Config) {
        // No key ends so, so this is no key's metric. Envoy has none with the number 0, and refuses to add.
        let Some((key, _)) = config.keys().enumerate().next() else { return };
        let subject = subject(key, None, Outcome::KeyUnknown, false);
        let known = self.ids.borrow().get(&subject).copied();
        if known.is_none() {
            self.ids.borrow_mut().insert(subject, 0);
        }
        hostcalls::increment_metric(known.unwrap_or_default(), 1).ok();
    }
}

/// The numbers of a metric: it counts the requests of a key on a plan, or on none, that ended alike.
fn subject(
    key: KeyIndex,
    plan: Option<PlanIndex>,
    outcome: Outcome,
    observed: bool,
) -> (usize, usize, usize) {
    let plan = plan.map_or(0, |plan| plan.position().saturating_add(1));
    (key.position(), plan, (outcome as usize).saturating_mul(2).saturating_add(observed.into()))
}
