//! The usage plans of a configuration, whose limits and APIs a request is checked against.

use super::table::Index;
use crate::document::{self, Api, CounterPer, Enforcement, OnEngineDown, Quota, Reset};
use crate::path::{Pattern, decoded_start, without_query};

/// Finds a [`UsagePlan`] of a configuration.
pub type PlanIndex = Index<UsagePlan>;

/// A plan: its keys may call its environments, within its limits.
#[derive(Clone, Debug)]
pub struct UsagePlan {
    id: String,
    name: String,
    max_requests_per_second: Option<u64>,
    burst: Option<u64>,
    quotas: Vec<Quota>,
    warn_at: Vec<u8>,
    counter_per: CounterPer,
    apis: Vec<Api>,
    /// The path of each API, in the order of `apis`.
    patterns: Vec<Pattern>,
    resets: Vec<Reset>,
    enforcement: Enforcement,
    on_engine_down: OnEngineDown,
}

// === impl UsagePlan ===

impl UsagePlan {
    pub(super) fn new(plan: &document::UsagePlan) -> Self {
        Self {
            id: plan.id.clone(),
            name: plan.name.clone(),
            max_requests_per_second: plan.max_requests_per_second,
            burst: plan.burst,
            quotas: plan.quotas.clone(),
            warn_at: plan.warn_at.clone(),
            counter_per: plan.counter_per,
            apis: plan.apis.clone(),
            patterns: plan.apis.iter().map(Api::pattern).collect(),
            resets: plan.resets.clone(),
            enforcement: plan.enforcement,
            on_engine_down: plan.on_engine_down,
        }
    }

    /// The plan's id. It is unique among plans.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The plan's name, for people. It may be empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The largest number of requests admitted in any second; `None` is no limit.
    pub fn max_requests_per_second(&self) -> Option<u64> {
        self.max_requests_per_second
    }

    /// The size of the token bucket in requests; `None` when the plan has a sliding window.
    pub fn burst(&self) -> Option<u64> {
        self.burst
    }

    /// The limits on requests in periods of the calendar.
    pub fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// The percents of each quota that are counted in a metric when they are reached.
    pub fn warn_at(&self) -> &[u8] {
        &self.warn_at
    }

    /// Whether the plan has separate counters for keys, environments, or pairs of them.
    pub fn counter_per(&self) -> CounterPer {
        self.counter_per
    }

    /// Tighter limits on some of the requests.
    pub fn apis(&self) -> &[Api] {
        &self.apis
    }

    /// The index in [`apis`](Self::apis) of the first API that matches a request. `path` is the path that
    /// goes upstream, with its query.
    pub fn find_api(&self, method: &[u8], path: &[u8]) -> Option<usize> {
        if self.apis.is_empty() {
            return None;
        }
        let looks_at = self.patterns.iter().map(Pattern::looks_at).max().unwrap_or_default();
        let path = decoded_start(without_query(path), looks_at);
        let is_method =
            |api: &Api| api.methods.is_empty() || api.methods.iter().any(|name| name.as_bytes() == method);
        let mut apis = self.apis.iter().zip(&self.patterns);
        apis.position(|(api, pattern)| is_method(api) && pattern.matches(&path))
    }

    /// Moments from which the plan's quotas are counted anew.
    pub fn resets(&self) -> &[Reset] {
        &self.resets
    }

    /// What happens while the fleet's engine cannot be asked, where the options say something else.
    pub fn on_engine_down(&self) -> OnEngineDown {
        self.on_engine_down
    }

    /// What happens to a request over the plan's limits.
    pub fn enforcement(&self) -> Enforcement {
        self.enforcement
    }
}
