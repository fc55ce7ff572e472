//! Counters for the operator, named so that Envoy's `stats_tags` can turn their parts into labels.

use hashbrown::HashMap;
use std::cell::RefCell;

use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;

use crate::reply::Outcome;

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// A request ended so. Counted without a plan when the caller is not known.
    Request(Outcome),
    /// A plan's counter could not be read and started afresh.
    CounterRestart,
    /// A request was admitted on a `Date` that was not compared with the clock.
    UncheckedDate,
}

/// The metrics of one configuration in one VM; Envoy adds up those of the same name. Each is defined in Envoy when it is first needed: of the many that there could be, few are.
#[derive(Default)]
pub(super) struct Metrics {
    ids: RefCell<HashMap<(Event, Option<usize>), u32>>,
}

// === impl Metrics ===

impl Metrics {
    /// Counts `event` for the plan at `plan` with the id `plan_id`, or for none.
    pub(super) fn count(&self, event: Event, plan: Option<(usize, &str)>) {
        let key = (event, plan.map(|(place, _)| place));
        let known = self.ids.borrow().get(&key).copied();
        let id = known.or_else(|| {
            let name = event.metric(plan.map_or("", |(_, id)| id));
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
    fn metric(self, plan: &str) -> String {
        match self {
            Self::Request(outcome) => {
                format!("usage_plan_requests.plan={plan}.outcome={}", outcome.as_str())
            }
            Self::CounterRestart => format!("usage_plan_counter_restarts.plan={plan}"),
            Self::UncheckedDate => format!("usage_plan_unchecked_dates.plan={plan}"),
        }
    }
}
