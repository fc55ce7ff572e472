//! Usage plans, as a request is looked up in them.

use super::paths;
use super::table::Index;
use crate::document::{self, Api, CounterPer, Enforcement, Quota};

/// Finds a [`UsagePlan`] of a configuration.
pub type PlanIndex = Index<UsagePlan>;

/// What its keys may call, and how much of it.
#[derive(Clone, Debug)]
pub struct UsagePlan {
    id: String,
    max_requests_per_second: Option<u64>,
    burst: Option<u64>,
    quotas: Vec<Quota>,
    counter_per: CounterPer,
    apis: Vec<Api>,
    enforcement: Enforcement,
}

// === impl UsagePlan ===

impl UsagePlan {
    pub(super) fn new(plan: &document::UsagePlan) -> Self {
        Self {
            id: plan.id.clone(),
            max_requests_per_second: plan.max_requests_per_second,
            burst: plan.burst,
            quotas: plan.quotas.clone(),
            counter_per: plan.counter_per,
            apis: plan.apis.clone(),
            enforcement: plan.enforcement,
        }
    }

    /// Unique among plans.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Requests admitted in any second; `None` is no limit.
    pub fn max_requests_per_second(&self) -> Option<u64> {
        self.max_requests_per_second
    }

    /// The size of the token bucket, if the plan is one.
    pub fn burst(&self) -> Option<u64> {
        self.burst
    }

    /// Requests admitted in periods of the calendar.
    pub fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// Whether keys, environments or pairs of them are counted apart.
    pub fn counter_per(&self) -> CounterPer {
        self.counter_per
    }

    /// Tighter limits on some of the requests.
    pub fn apis(&self) -> &[Api] {
        &self.apis
    }

    /// The index in [`apis`](Self::apis) of the first API that a request belongs to. `path` is the one that
    /// goes upstream, with its query.
    pub fn find_api(&self, method: &[u8], path: &[u8]) -> Option<usize> {
        let is_method =
            |api: &Api| api.methods.is_empty() || api.methods.iter().any(|name| name.as_bytes() == method);
        self.apis.iter().position(|api| is_method(api) && paths::matches_pattern(&api.path, path))
    }

    /// Whether what exceeds the plan is refused.
    pub fn enforcement(&self) -> Enforcement {
        self.enforcement
    }
}
