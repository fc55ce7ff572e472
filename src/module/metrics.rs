//! Envoy's metrics, which show the operator what was counted (`docs/rules.md#telemetry`).

use std::sync::Arc;

use usage_plan_core::document::Enforcement;
use usage_plan_core::gate::Verdict;
use usage_plan_core::lookup::Config;
use usage_plan_core::telemetry::{Outcome, metric_names};

use crate::abi::{self, Counter, LabelledCounter, LogLevel, MetricsResult, NewConfiguration, Stream};
use crate::counted::Counted;

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
    requests: Option<Labelled>,
    key_requests: Option<Labelled>,
    secret_uses: Option<Labelled>,
    counter_restarts: Option<Labelled>,
    unchecked_dates: Option<Labelled>,
    quota_warnings: Option<Labelled>,
    panics: Option<Counter>,
    counted: Arc<Counted>,
}

/// A counter with labels, and its name.
struct Labelled(&'static str, LabelledCounter);

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
    /// Defines the metrics of a configuration. Those that were `counted` before go on from where they are.
    pub(crate) fn new(envoy: &mut NewConfiguration<'_>, config: &Config, counted: Arc<Counted>) -> Self {
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
        let mut labelled = |name: &'static str, labels: &[&str]| {
            let counter = envoy.define_labelled_counter(name, labels)?;
            counted.each(name, |values| report(name, envoy.take_over(counter, values)));
            Some(Labelled(name, counter))
        };
        Self {
            of_plans,
            without_plan,
            requests: labelled("usage_plan_requests", &["plan", "outcome"]),
            key_requests: labelled("usage_plan_key_requests", &["key", "plan", "outcome"]),
            secret_uses: labelled("usage_plan_secret_uses", &["key", "secret"]),
            counter_restarts: labelled("usage_plan_counter_restarts", &["plan"]),
            unchecked_dates: labelled("usage_plan_unchecked_dates", &["plan"]),
            quota_warnings: labelled("usage_plan_quota_warnings", &["plan", "limit", "percent"]),
            panics: envoy.define_counter("usage_plan_panics"),
            counted,
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
                self.count(stream, self.requests.as_ref(), &labels, 1);
            }
        }
    }

    /// Counts a request of a key.
    pub(crate) fn count_key(&self, stream: &Stream<'_>, key: &str, plan: &str, word: &str) {
        self.count(stream, self.key_requests.as_ref(), &[key, plan, word], 1);
    }

    /// Does what [`count_key`](Self::count_key) does, and counts nothing, so that time does not tell an id
    /// that no key has from that of a key.
    pub(crate) fn count_no_key(&self, stream: &Stream<'_>) {
        let labels = ["", "", Outcome::KeyUnknown.as_str()];
        self.count(stream, self.key_requests.as_ref(), &labels, 0);
    }

    /// Counts which of two secrets a key was used with.
    pub(crate) fn count_secret(&self, stream: &Stream<'_>, key: &str, secret: &str) {
        self.count(stream, self.secret_uses.as_ref(), &[key, secret], 1);
    }

    /// Counts that a counter of a plan could not be read.
    pub(crate) fn count_restart(&self, stream: &Stream<'_>, plan: &str) {
        self.count(stream, self.counter_restarts.as_ref(), &[plan], 1);
    }

    /// Counts a request that went upstream with a `Date` that was not compared with the clock.
    pub(crate) fn count_unchecked_date(&self, stream: &Stream<'_>, plan: &str) {
        self.count(stream, self.unchecked_dates.as_ref(), &[plan], 1);
    }

    /// Counts that a part of a quota was used up.
    pub(crate) fn count_warning(&self, stream: &Stream<'_>, plan: &str, limit: &str, percent: u8) {
        self.count(stream, self.quota_warnings.as_ref(), &[plan, limit, &percent.to_string()], 1);
    }

    /// Counts a request whose hook panicked.
    pub(crate) fn count_panic(&self, stream: &Stream<'_>) {
        if let Some(counter) = self.panics {
            report("panics", stream.increment(counter));
        }
    }

    fn count(&self, stream: &Stream<'_>, counter: Option<&Labelled>, labels: &[&str], by: u64) {
        if let Some(Labelled(name, counter)) = counter {
            self.counted.remember(name, labels);
            report(name, stream.increase_labelled(*counter, labels, by));
        }
    }
}

fn report(what: &str, result: Result<(), MetricsResult>) {
    if let Err(result) = result {
        abi::log(LogLevel::Error, &format!("cannot count {what}: {result:?}"));
    }
}
