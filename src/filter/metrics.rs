//! Envoy metrics for the operator.

use std::cell::RefCell;

use hashbrown::HashMap;
use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;
use usage_plan_core::auth::SecretUsed;
use usage_plan_core::telemetry::{Outcome, metric_names};

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// A request ended with this outcome, or would have if nothing were observed. Counted without a plan when
    /// the caller is unknown.
    Request { outcome: Outcome, observed: bool },
    /// A plan's counter could not be read and started afresh.
    CounterRestart,
    /// A caller signed with one of the two secrets of a key.
    SecretUse(SecretUsed),
    /// A request was admitted on a `Date` that was not compared with the clock.
    UncheckedDate,
}

/// The metrics of one configuration in one VM; Envoy adds up those of the same name. Each is defined in Envoy
/// when it is first needed, because few of those that are possible ever occur.
#[derive(Default)]
pub(super) struct Metrics {
    ids: RefCell<HashMap<(Event, Option<usize>), u32>>,
}

// === impl Metrics ===

impl Metrics {
    /// Counts `event` for the plan or the key with this index and id, or for none.
    pub(super) fn count(&self, event: Event, subject: Option<(usize, &str)>) {
        let key = (event, subject.map(|(index, _)| index));
        let known = self.ids.borrow().get(&key).copied();
        let id = known.or_else(|| {
            let name = event.metric(subject.map_or("", |(_, id)| id));
            let id = hostcalls::define_metric(MetricType::Counter, &name).ok()?;
            self.ids.borrow_mut().insert(key, id);
            Some(id)
        });
        if let Some(Err(status)) = id.map(|id| hostcalls::increment_metric(id, 1)) {
            log::error!("cannot count {event:?}: {status:?}");
        }
    }
}

// === impl Event ===

impl Event {
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
