//! Numbers of calls by how they ended.

use std::collections::BTreeMap;

use usage_plan_core::telemetry::Outcome;

/// Numbers of calls by what they count: how the calls ended, or with which secret they were signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes(BTreeMap<String, u64>);

/// The outcomes of a plan that nobody called.
pub(super) static NONE: Outcomes = Outcomes(BTreeMap::new());

// === impl Outcomes ===

impl Outcomes {
    /// The calls that went upstream, including those that only observe mode let through.
    pub fn admitted(&self) -> u64 {
        self.observed().map(|(_, calls)| calls).sum::<u64>() + self.of(Outcome::Allowed.as_str())
    }

    /// The calls that a limit per second or a bucket refused.
    pub fn rate_limited(&self) -> u64 {
        self.of(Outcome::RateLimited.as_str())
    }

    /// The calls that a quota refused.
    pub fn quota_exceeded(&self) -> u64 {
        self.of(Outcome::QuotaExceeded.as_str())
    }

    /// The requests to `options.usage_path` that were answered. They are no calls on the plan, which is not
    /// debited.
    pub fn usage_shown(&self) -> u64 {
        self.of(Outcome::UsageShown.as_str())
    }

    /// The requests to `options.usage_path` that came too often. They say nothing of the plan's limits.
    pub fn usage_rate_limited(&self) -> u64 {
        self.of(Outcome::UsageRateLimited.as_str())
    }

    /// The calls on the plan that ended in any other way.
    pub fn other(&self) -> u64 {
        self.refused() - self.rate_limited() - self.quota_exceeded() - self.usage_rate_limited()
    }

    /// All requests that were refused.
    pub fn refused(&self) -> u64 {
        let all: u64 = self.0.values().sum();
        all - self.admitted() - self.usage_shown()
    }

    /// The outcomes `would_…` of observe mode, with their calls.
    pub fn observed(&self) -> impl Iterator<Item = (&str, u64)> {
        self.iter().filter(|(name, _)| Outcome::is_would(name))
    }

    /// All outcomes by name, with their calls.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, calls)| (name.as_str(), *calls))
    }

    /// The calls with this outcome.
    pub fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, name: &str, calls: u64) {
        let sum = self.0.entry(name.to_owned()).or_default();
        *sum = sum.saturating_add(calls);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        other.iter().for_each(|(name, calls)| self.add(name, calls));
    }
}
