//! Envoy's metrics, which show the operator what was counted (`docs/rules.md#telemetry`).

use std::cell::{Cell, RefCell};

use hashbrown::HashMap;
use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;
use usage_plan_core::auth::SecretUsed;
use usage_plan_core::document::Digest;
use usage_plan_core::limit::Warning;
use usage_plan_core::telemetry::{Outcome, metric_names};

use crate::abi::set_gauge;

/// Shows which document was accepted.
pub(super) fn set_document_digest(digest: Digest) {
    let name = metric_names::document_digest();
    let set = hostcalls::define_metric(MetricType::Gauge, name);
    if let Err(status) = set.and_then(|id| set_gauge(id, digest.to_gauge())) {
        log::warn!(
            "cannot set the metric {name}: {status:?}; is proxy_record_metric among the allowed capabilities?"
        );
    }
}

/// What a metric counts. Three numbers say that for metrics of every kind, so that the module has the code of
/// one table.
type Counted = (usize, usize, usize);

/// Envoy's numbers of metrics, by what each counts.
pub(super) type Ids = RefCell<HashMap<Counted, u32>>;

/// An event that a metric counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A request ended with this outcome, or would have without observe mode. It is counted without a plan if
    /// the caller is unknown.
    Request { outcome: Outcome, observed: bool },
    /// The bytes of a plan's counter could not be read, so that counting started afresh.
    CounterRestart,
    /// A caller signed with one of the two secrets of a key.
    SecretUse(SecretUsed),
    /// A request went upstream with a `Date` that was not compared with the clock.
    UncheckedDate,
}

/// The metrics of one configuration in one VM. Envoy adds up metrics of the same name. Each is defined in
/// Envoy when it is first needed, because only a few of all possible metrics ever occur.
#[derive(Default)]
pub(super) struct Metrics {
    /// Envoy's number of each metric, by the two numbers of its event, and the position of its plan or key,
    /// from 1.
    ids: Ids,
    /// The one that was counted last: most requests are counted as the one before.
    last: Cell<Option<(Counted, u32)>>,
    /// Envoy's number of each metric of quota warnings, and its name. Warnings are few and rare.
    warnings: RefCell<Vec<(String, u32)>>,
}

// === impl Metrics ===

impl Metrics {
    /// Counts `event` for the plan or the key with this position and id, or for none.
    pub(super) fn count(&self, event: Event, subject: Option<(usize, &str)>) {
        let (kind, detail) = event.numbers();
        let key = (kind, detail, subject.map_or(0, |(position, _)| position.saturating_add(1)));
        let id = match self.last.get() {
            Some((last, id)) if last == key => Some(id),
            _ => self.find(key, event, subject.map_or("", |(_, id)| id)),
        };
        if let Some(Err(status)) = id.map(|id| hostcalls::increment_metric(id, 1)) {
            log::error!("cannot count {event:?}: {status:?}");
        }
    }

    /// Envoy's number of the metric with this key, which is defined when it is first needed.
    #[inline(never)]
    fn find(&self, key: Counted, event: Event, subject: &str) -> Option<u32> {
        let known = self.ids.borrow().get(&key).copied();
        let id = known.or_else(|| {
            let id = hostcalls::define_metric(MetricType::Counter, &event.metric(subject)).ok()?;
            self.ids.borrow_mut().insert(key, id);
            Some(id)
        })?;
        self.last.set(Some((key, id)));
        Some(id)
    }
}

impl Metrics {
    /// Counts that a part of a quota of the plan with this id is used up.
    #[cold]
    pub(super) fn warn(&self, plan: &str, warning: &Warning) {
        let name = metric_names::quota_warnings(plan, &warning.limit, warning.percent);
        let known = self.warnings.borrow().iter().find(|(known, _)| *known == name).map(|(_, id)| *id);
        let id = known.or_else(|| hostcalls::define_metric(MetricType::Counter, &name).ok());
        if let Some(Err(status)) = id.map(|id| hostcalls::increment_metric(id, 1)) {
            log::error!("cannot count {name}: {status:?}");
        }
        if let (None, Some(id)) = (known, id) {
            self.warnings.borrow_mut().push((name, id));
        }
    }
}

// === impl Event ===

impl Event {
    /// Two numbers that no other event has.
    fn numbers(self) -> (usize, usize) {
        match self {
            Self::Request { outcome, observed } => (observed.into(), outcome as usize),
            Self::SecretUse(secret) => (2, secret as usize),
            Self::CounterRestart => (3, 0),
            Self::UncheckedDate => (4, 0),
        }
    }

    fn metric(self, id: &str) -> String {
        match self {
            Self::Request { outcome, observed: false } => metric_names::requests(id, outcome.as_str()),
            Self::Request { outcome, observed: true } => metric_names::requests(id, &outcome.would()),
            Self::SecretUse(secret) => metric_names::secret_uses(id, secret.as_str()),
            Self::CounterRestart => metric_names::counter_restarts(id),
            Self::UncheckedDate => metric_names::unchecked_dates(id),
        }
    }
}
