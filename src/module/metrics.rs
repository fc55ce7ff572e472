//! Envoy's metrics, which show the operator what was counted (`docs/rules.md#telemetry`).

use usage_plan_core::lookup::Config;
use usage_plan_core::telemetry::{Outcome, metric_names};

use crate::abi::{self, Counter, LabelledCounter, LogLevel, MetricsResult, NewConfiguration, Stream};

/// The metrics of one configuration. Envoy adds up metrics of the same name, and takes new ones only while it
/// reads a configuration. So each metric is defined then: the ones that most requests need with their labels
/// in their names, which costs a request least, and all others with labels that are given when they count.
pub(crate) struct Metrics {
    /// The requests that each plan allowed, by the position of the plan.
    allowed: Vec<Option<Counter>>,
    requests: Option<LabelledCounter>,
    key_requests: Option<LabelledCounter>,
    secret_uses: Option<LabelledCounter>,
    counter_restarts: Option<LabelledCounter>,
    unchecked_dates: Option<LabelledCounter>,
    quota_warnings: Option<LabelledCounter>,
    panics: Option<Counter>,
}

// === impl Metrics ===

impl Metrics {
    /// Defines the metrics of a configuration.
    pub(crate) fn new(envoy: &mut NewConfiguration<'_>, config: &Config) -> Self {
        let allowed = Outcome::Allowed.as_str();
        let plans = config.usage_plans().iter();
        Self {
            allowed: plans
                .map(|plan| envoy.define_counter(&metric_names::requests(plan.id(), allowed)))
                .collect(),
            requests: envoy.define_labelled_counter("usage_plan_requests", &["plan", "outcome"]),
            key_requests: envoy
                .define_labelled_counter("usage_plan_key_requests", &["key", "plan", "outcome"]),
            secret_uses: envoy.define_labelled_counter("usage_plan_secret_uses", &["key", "secret"]),
            counter_restarts: envoy.define_labelled_counter("usage_plan_counter_restarts", &["plan"]),
            unchecked_dates: envoy.define_labelled_counter("usage_plan_unchecked_dates", &["plan"]),
            quota_warnings: envoy
                .define_labelled_counter("usage_plan_quota_warnings", &["plan", "limit", "percent"]),
            panics: envoy.define_counter("usage_plan_panics"),
        }
    }

    /// Counts a request on the plan with this position and id, or on none.
    pub(crate) fn count_request(
        &self,
        stream: &Stream<'_>,
        plan: Option<(usize, &str)>,
        outcome: Outcome,
        word: &str,
    ) {
        if outcome == Outcome::Allowed
            && let Some((position, _)) = plan
            && let Some(Some(counter)) = self.allowed.get(position)
        {
            report("requests", stream.increment(*counter));
        } else {
            count("requests", stream, self.requests, &[plan.map_or("", |(_, id)| id), word]);
        }
    }

    /// Counts a request of a key.
    pub(crate) fn count_key(&self, stream: &Stream<'_>, key: &str, plan: &str, word: &str) {
        count("requests of a key", stream, self.key_requests, &[key, plan, word]);
    }

    /// Counts which of two secrets a key was used with.
    pub(crate) fn count_secret(&self, stream: &Stream<'_>, key: &str, secret: &str) {
        count("uses of a secret", stream, self.secret_uses, &[key, secret]);
    }

    /// Counts that a counter of a plan could not be read.
    pub(crate) fn count_restart(&self, stream: &Stream<'_>, plan: &str) {
        count("restarts", stream, self.counter_restarts, &[plan]);
    }

    /// Counts a request that went upstream with a `Date` that was not compared with the clock.
    pub(crate) fn count_unchecked_date(&self, stream: &Stream<'_>, plan: &str) {
        count("unchecked dates", stream, self.unchecked_dates, &[plan]);
    }

    /// Counts that a part of a quota was used up.
    pub(crate) fn count_warning(&self, stream: &Stream<'_>, plan: &str, limit: &str, percent: u8) {
        count("quota warnings", stream, self.quota_warnings, &[plan, limit, &percent.to_string()]);
    }

    /// Counts a request whose hook panicked.
    pub(crate) fn count_panic(&self, stream: &Stream<'_>) {
        if let Some(counter) = self.panics {
            report("panics", stream.increment(counter));
        }
    }
}

fn count(what: &str, stream: &Stream<'_>, counter: Option<LabelledCounter>, labels: &[&str]) {
    if let Some(counter) = counter {
        report(what, stream.increment_labelled(counter, labels));
    }
}

fn report(what: &str, result: Result<(), MetricsResult>) {
    if let Err(result) = result {
        abi::log(LogLevel::Error, &format!("cannot count {what}: {result:?}"));
    }
}
