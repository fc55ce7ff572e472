//! A configuration in force, and what its operator sees of each request.

use std::rc::Rc;

use usage_plan_core::auth::Claimed;
use usage_plan_core::gate::{Gate, Verdict, Waiting};
use usage_plan_core::limit::Clock;
use usage_plan_core::lookup::Config;
use usage_plan_core::telemetry::{Outcome, filter_state};
use usage_plan_core::timestamp::Timestamp;

use crate::abi::set_filter_state;
use crate::fleet::{Fleet, Waiter};
use crate::host::Envoy;
use crate::metrics::{Event, Metrics};
use crate::metrics_per_key::MetricsPerKey;

/// A configuration in force, with what its requests are counted in.
pub(super) struct Installed {
    pub(super) gate: Gate,
    pub(super) metrics: Metrics,
    /// The metrics of each key, if the options ask for them.
    metrics_per_key: Option<Box<MetricsPerKey>>,
    /// What asks the engine, if the options name one.
    pub(super) fleet: Option<Box<Fleet>>,
}

// === impl Installed ===

impl Installed {
    pub(super) fn new(config: Config, fleet: Option<Fleet>) -> Self {
        let metrics_per_key = config.options().metrics_per_key.then(Box::default);
        let (metrics, fleet) = (Metrics::default(), fleet.map(Box::new));
        Self { gate: Gate::new(config), metrics, metrics_per_key, fleet }
    }

    /// Has the request of this context wait for the engine, or decides on it without the engine where it may
    /// not wait.
    pub(super) fn wait(&self, id: u32, waiting: Waiting) -> Result<Rc<Waiter>, Box<Verdict>> {
        let now = Envoy.now();
        let waits = match &self.fleet {
            Some(fleet) => fleet.wait(id, waiting, now).inspect(|_| fleet.kick(now)),
            None => Err(waiting),
        };
        waits.map_err(|waiting| Box::new(self.gate.give_up(waiting, now, &Envoy)))
    }

    /// Forgets a request that waits, if it does, because its caller has left.
    pub(super) fn leave(&self, waiter: &Waiter) {
        if let (Some(fleet), Some(waiting)) = (&self.fleet, waiter.waiting.take()) {
            fleet.waiters.borrow_mut().leave(waiter.id);
            self.gate.left(waiting);
        }
    }

    /// Has the root context ask the engine, if there is something to ask.
    pub(super) fn kick_if_needed(&self, now: Timestamp) {
        if let Some(fleet) = &self.fleet
            && self.gate.wants_to_ask()
        {
            fleet.kick(now);
        }
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
        if verdict.outcome != Outcome::Allowed {
            self.report_key(verdict);
        }
        let request = Event::Request { outcome: verdict.outcome, observed: verdict.observed };
        self.metrics.count(request, plan);
        if let Some(metrics) = &self.metrics_per_key {
            self.count_key(metrics, verdict);
        }
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

    /// Shows whose key a request was not allowed for. An allowed one shows it in `x-secret-id`.
    #[inline(never)]
    fn report_key(&self, verdict: &Verdict) {
        match verdict.key() {
            Some(key) => set_filter_state(filter_state::KEY, self.gate.config().key(key).secret_id()),
            None if verdict.claimed == Claimed::Unknown => set_filter_state(filter_state::NO_KEY, ""),
            None => {}
        }
    }

    /// Counts the request for the key that sent it, or that it claims to be of. An id that the document lacks
    /// is never in a metric's name.
    #[inline(never)]
    fn count_key(&self, metrics: &MetricsPerKey, verdict: &Verdict) {
        let config = self.gate.config();
        match verdict.key() {
            Some(key) => metrics.count(config, key, verdict),
            None if verdict.claimed == Claimed::Unknown => metrics.count_nothing(config),
            None => {}
        }
    }
}

impl Drop for Installed {
    /// A document that another one has replaced, and whose last request is decided, gives back what was
    /// reserved under it.
    fn drop(&mut self) {
        self.gate.give_back(&Envoy);
    }
}
