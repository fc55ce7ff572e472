//! A usage plan, as a request is looked up in it.

use super::paths;
use crate::document::{self, Api, CounterPer, Enforcement, Quota};

/// What its keys may call, and how much of it.
#[derive(Debug)]
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

    /// The size of the token bucket that the plan is, if it is one.
    pub fn burst(&self) -> Option<u64> {
        self.burst
    }

    /// Requests admitted in periods of the calendar.
    pub fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// What has a counter of its own.
    pub fn counter_per(&self) -> CounterPer {
        self.counter_per
    }

    /// Tighter limits on some of the requests.
    pub fn apis(&self) -> &[Api] {
        &self.apis
    }

    /// The place of the first API that a request of `method` to `path` (as it goes upstream, with its query) is of.
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
