//! The metrics of what happens between the filter and the engine (`docs/rules.md#telemetry`).

use std::cell::RefCell;
use std::rc::Rc;

use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;
use usage_plan_core::fleet::{Event, What};
use usage_plan_core::lookup::{Config, PlanIndex};
use usage_plan_core::telemetry::metric_names;

/// What one metric counts.
type Subject = (What, Option<PlanIndex>, Option<Rc<str>>);

/// The metrics of one root context. Each is defined in Envoy when it is first needed. They are few, and are
/// counted a few times a second.
#[derive(Default)]
pub(crate) struct FleetMetrics {
    /// Envoy's number of each metric.
    ids: RefCell<Vec<(Subject, u32)>>,
}

// === impl FleetMetrics ===

impl FleetMetrics {
    /// Counts what happened.
    pub(crate) fn count(&self, config: &Config, event: &Event) {
        // Envoy refuses to add nothing.
        let Ok(count @ 1..) = i64::try_from(event.count) else { return };
        let subject = (event.what, event.plan, event.limit.clone());
        let known = self.ids.borrow().iter().find(|(known, _)| *known == subject).map(|(_, id)| *id);
        let id = known.or_else(|| {
            let plan = event.plan.map_or("", |plan| config.usage_plan(plan).id());
            let name = name(event.what, plan, event.limit.as_deref().unwrap_or_default());
            let id = hostcalls::define_metric(MetricType::Counter, &name).ok()?;
            self.ids.borrow_mut().push((subject, id));
            Some(id)
        });
        if let Some(Err(status)) = id.map(|id| hostcalls::increment_metric(id, count)) {
            log::error!("cannot count what happened to the engine: {status:?}");
        }
    }
}

/// The name of the metric for a plan and one of its limits.
fn name(what: What, plan: &str, limit: &str) -> String {
    let calls = |result| metric_names::engine_calls(plan, limit, result);
    let tokens = |kind| metric_names::engine_tokens(plan, limit, kind);
    let waits = |result| metric_names::waits(plan, result);
    let policy = |decision| metric_names::engine_policy(plan, decision);
    match what {
        What::CallGranted => calls("granted"),
        What::CallRefused => calls("refused"),
        What::CallLate => calls("late"),
        What::CallFailed => calls("failed"),
        What::TokensGranted => tokens("granted"),
        What::TokensUsed => tokens("used"),
        What::TokensLost => tokens("lost"),
        What::WaitWoken => waits("woken"),
        What::WaitRefused => waits("refused"),
        What::WaitLeft => waits("left"),
        What::WaitPolicy => waits("policy"),
        What::BreakerOpened => metric_names::engine_breaker("open"),
        What::BreakerClosed => metric_names::engine_breaker("close"),
        What::PolicyLocalShare => policy("local_share"),
        What::PolicyDeny => policy("deny"),
        What::PolicyAllow => policy("allow"),
        What::PolicyGrace => policy("grace"),
        What::DebtTaken => metric_names::debt("taken"),
        What::DebtReported => metric_names::debt("reported"),
        What::DebtWrittenOff => metric_names::debt("written_off"),
        What::QuotaWarning(percent) => metric_names::quota_warnings(plan, limit, percent),
    }
}
