//! Envoy's metrics, which show the operator what was counted (`docs/rules.md#telemetry`).

use usage_plan_core::document::Enforcement;
use usage_plan_core::gate::Verdict;
use usage_plan_core::lookup::Config;
use usage_plan_core::telemetry::{Outcome, metric_names};

use crate::abi::{self, Counter, LabelledCounter, LogLevel, MetricsResult, NewConfiguration, Stream};

/// The metrics of one configuration. Envoy adds up metrics of the same name, and takes new ones only while it
/// reads a configuration. So each is defined then, before it is needed.
///
/// Envoy makes the name of a metric with labels afresh for every request, which costs a tenth of the whole
/// request. So the outcomes that a flood of requests can have are counted without: their labels are in their
/// names, as they are in those of the filter, for `stats_tags` to find.
pub(crate) struct Metrics {
    /// The frequent outcomes of each plan, by its position.
    of_plans: Vec<Frequent>,
    without_plan: Frequent,
    requests: Option<LabelledCounter>,
    key_requests: Option<LabelledCounter>,
    secret_uses: Option<LabelledCounter>,
    counter_restarts: Option<LabelledCounter>,
    unchecked_dates: Option<LabelledCounter>,
    quota_warnings: Option<LabelledCounter>,
    panics: Option<Counter>,
}

/// The counters of frequent outcomes, by the number of the outcome, so that each is found in the same time.
/// The flag is whether the counter is of requests that were let through only because the plan or the options
/// observe.
type Frequent = Vec<Option<(bool, Counter)>>;

/// The outcomes of a known caller that come in floods, the most frequent first.
const OF_PLANS: [Outcome; 3] = [Outcome::Allowed, Outcome::RateLimited, Outcome::QuotaExceeded];

/// The outcomes of callers that are not known.
const WITHOUT_PLAN: [Outcome; 20] = [
    Outcome::Anonymous,
    Outcome::SignatureMismatch,
    Outcome::CredentialMissing,
    Outcome::ServiceNotFound,
    Outcome::EnvironmentNotFound,
    Outcome::NoUsagePlan,
    Outcome::CredentialMalformed,
    Outcome::CredentialIncomplete,
    Outcome::CredentialEmpty,
    Outcome::AlgorithmNotSupported,
    Outcome::DateNotSigned,
    Outcome::HeaderNotSigned,
    Outcome::SignedHeaderMissing,
    Outcome::SignedHeaderRepeated,
    Outcome::DateInvalid,
    Outcome::DateOutOfRange,
    Outcome::KeyUnknown,
    Outcome::KeyDisabled,
    Outcome::KeyExpired,
    Outcome::KeyNotBound,
];

// === impl Metrics ===

impl Metrics {
    /// Defines the metrics of a configuration.
    pub(crate) fn new(envoy: &mut NewConfiguration<'_>, config: &Config) -> Self {
        let mut frequent = |plan: &str, outcomes: &[Outcome], observes: bool| {
            let mut counters = Frequent::new();
            for outcome in outcomes {
                let observed = observes && !matches!(outcome, Outcome::Allowed | Outcome::Anonymous);
                let word = if observed { outcome.would() } else { outcome.as_str().to_owned() };
                let index = *outcome as usize;
                counters.resize(counters.len().max(index.saturating_add(1)), None);
                if let Some(slot) = counters.get_mut(index) {
                    let counter = envoy.define_counter(&metric_names::requests(plan, &word));
                    *slot = counter.map(|counter| (observed, counter));
                }
            }
            counters
        };
        let plans = config.usage_plans().iter();
        let of_plans = plans.map(|plan| frequent(plan.id(), &OF_PLANS, config.observes(plan))).collect();
        let without_plan = frequent("", &WITHOUT_PLAN, config.options().enforcement == Enforcement::Observe);
        Self {
            of_plans,
            without_plan,
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
    pub(crate) fn count_request(&self, stream: &Stream<'_>, plan: Option<(usize, &str)>, verdict: &Verdict) {
        let frequent = match plan {
            Some((position, _)) => self.of_plans.get(position),
            None => Some(&self.without_plan),
        };
        let counter = frequent.and_then(|counters| counters.get(verdict.outcome as usize));
        match counter {
            Some(Some((observed, counter))) if *observed == verdict.observed => {
                report("requests", stream.increment(*counter));
            }
            _ => {
                let labels = [plan.map_or("", |(_, id)| id), &verdict.word()];
                count("requests", stream, self.requests, &labels, 1);
            }
        }
    }

    /// Counts a request of a key.
    pub(crate) fn count_key(&self, stream: &Stream<'_>, key: &str, plan: &str, word: &str) {
        count("requests of a key", stream, self.key_requests, &[key, plan, word], 1);
    }

    /// Does what [`count_key`](Self::count_key) does, and counts nothing, so that time does not tell an id
    /// that no key has from that of a key.
    pub(crate) fn count_no_key(&self, stream: &Stream<'_>) {
        let labels = ["", "", Outcome::KeyUnknown.as_str()];
        count("requests of a key", stream, self.key_requests, &labels, 0);
    }

    /// Counts which of two secrets a key was used with.
    pub(crate) fn count_secret(&self, stream: &Stream<'_>, key: &str, secret: &str) {
        count("uses of a secret", stream, self.secret_uses, &[key, secret], 1);
    }

    /// Counts that a counter of a plan could not be read.
    pub(crate) fn count_restart(&self, stream: &Stream<'_>, plan: &str) {
        count("restarts", stream, self.counter_restarts, &[plan], 1);
    }

    /// Counts a request that went upstream with a `Date` that was not compared with the clock.
    pub(crate) fn count_unchecked_date(&self, stream: &Stream<'_>, plan: &str) {
        count("unchecked dates", stream, self.unchecked_dates, &[plan], 1);
    }

    /// Counts that a part of a quota was used up.
    pub(crate) fn count_warning(&self, stream: &Stream<'_>, plan: &str, limit: &str, percent: u8) {
        count("quota warnings", stream, self.quota_warnings, &[plan, limit, &percent.to_string()], 1);
    }

    /// Counts a request whose hook panicked.
    pub(crate) fn count_panic(&self, stream: &Stream<'_>) {
        if let Some(counter) = self.panics {
            report("panics", stream.increment(counter));
        }
    }
}

fn count(what: &str, stream: &Stream<'_>, counter: Option<LabelledCounter>, labels: &[&str], by: u64) {
    if let Some(counter) = counter {
        report(what, stream.increase_labelled(counter, labels, by));
    }
}

fn report(what: &str, result: Result<(), MetricsResult>) {
    if let Err(result) = result {
        abi::log(LogLevel::Error, &format!("cannot count {what}: {result:?}"));
    }
}
