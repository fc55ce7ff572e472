//! The filter's counters, added up.

use std::collections::BTreeMap;

use serde_json::Value;

use usage_plan_core::telemetry::{Outcome, metric_names};

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Counts {
    without_plan: Outcomes,
    plans: BTreeMap<String, Outcomes>,
    /// By secret id.
    secret_uses: BTreeMap<String, Outcomes>,
}

/// Numbers by what they count: how calls ended, or with which secret they were signed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcomes(BTreeMap<String, u64>);

/// Nobody called.
static NONE: Outcomes = Outcomes(BTreeMap::new());

// === impl Counts ===

impl Counts {
    /// Adds the statistics of an Envoy, less what their names all begin with. Those of another kind are left out.
    pub(super) fn add(&mut self, statistics: impl IntoIterator<Item = (String, String)>) {
        for (name, value) in statistics {
            let Ok(number) = value.parse() else { continue };
            if let Some((plan, outcome)) = metric_names::read_requests(&name) {
                let outcomes = match plan {
                    "" => &mut self.without_plan,
                    plan => self.plans.entry(plan.to_owned()).or_default(),
                };
                outcomes.add(outcome, number);
            } else if let Some((key, secret)) = metric_names::read_secret_uses(&name) {
                self.secret_uses.entry(key.to_owned()).or_default().add(secret, number);
            }
        }
    }

    /// What became of calls that were not known to be on a plan.
    pub(super) fn without_plan(&self) -> &Outcomes {
        &self.without_plan
    }

    /// The plans that were called.
    pub(super) fn plans(&self) -> impl Iterator<Item = (&str, &Outcomes)> {
        self.plans.iter().map(|(id, outcomes)| (id.as_str(), outcomes))
    }

    pub(super) fn of_plan(&self, id: &str) -> &Outcomes {
        self.plans.get(id).unwrap_or(&NONE)
    }

    /// The keys that were called with while they had two secrets.
    pub(super) fn secret_uses(&self) -> impl Iterator<Item = (&str, &Outcomes)> {
        self.secret_uses.iter().map(|(id, uses)| (id.as_str(), uses))
    }
}

// === impl Outcomes ===

impl Outcomes {
    /// Calls that went upstream, also those that a plan on trial would have refused.
    pub(super) fn admitted(&self) -> u64 {
        self.observed()
            .fold(self.of(Outcome::Allowed.as_str()), |sum, (_, number)| sum.saturating_add(number))
    }

    pub(super) fn rate_limited(&self) -> u64 {
        self.of(Outcome::RateLimited.as_str())
    }

    pub(super) fn quota_exceeded(&self) -> u64 {
        self.of(Outcome::QuotaExceeded.as_str())
    }

    /// Calls that ended otherwise.
    pub(super) fn other(&self) -> u64 {
        let named = [self.admitted(), self.rate_limited(), self.quota_exceeded()];
        let all = self.0.values().fold(0, |sum: u64, number| sum.saturating_add(*number));
        named.iter().fold(all, |rest, number| rest.saturating_sub(*number))
    }

    /// What would have been refused, had it not only been observed.
    pub(super) fn observed(&self) -> impl Iterator<Item = (&str, u64)> {
        self.iter().filter(|(name, _)| Outcome::is_would(name))
    }

    pub(super) fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, number)| (name.as_str(), *number))
    }

    pub(super) fn json(&self) -> Value {
        self.iter().map(|(name, number)| (name.to_owned(), Value::from(number))).collect()
    }

    fn add(&mut self, name: &str, number: u64) {
        let sum = self.0.entry(name.to_owned()).or_default();
        *sum = sum.saturating_add(number);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counts(text: &str) -> Counts {
        let mut counts = Counts::default();
        let statistics = text.lines().filter_map(|line| line.trim().split_once(": "));
        counts.add(statistics.map(|(name, value)| (name.to_owned(), value.to_owned())));
        counts
    }

    #[test]
    fn calls_are_counted_by_plan_and_outcome_and_what_was_observed_was_admitted() {
        let counts = counts(
            "requests.plan=gold.outcome=allowed: 5
            requests.plan=gold.outcome=would_rate_limit: 2
            requests.plan=gold.outcome=rate_limited: 3
            requests.plan=gold.outcome=quota_exceeded: 4
            requests.plan=gold.outcome=counter_unavailable: 1
            requests.plan=.outcome=credential_missing: 7
            counter_restarts.plan=gold: 9
            requests.plan=gold.outcome=other: No recorded values",
        );
        let gold = counts.of_plan("gold");
        let numbers = [gold.admitted(), gold.rate_limited(), gold.quota_exceeded(), gold.other()];
        assert_eq!(numbers, [7, 3, 4, 1]);
        assert_eq!(gold.observed().collect::<Vec<_>>(), [("would_rate_limit", 2)]);
        assert_eq!(counts.without_plan().json(), json!({"credential_missing": 7}));
        assert_eq!(counts.plans().count(), 1);
        assert_eq!(counts.of_plan("silver").other(), 0);
    }

    #[test]
    fn the_names_of_outcomes_are_the_filters() {
        for outcome in [Outcome::RateLimited, Outcome::QuotaExceeded, Outcome::SignatureMismatch] {
            let counts = counts(&format!("requests.plan=gold.outcome={}: 1", outcome.would()));
            assert_eq!((counts.of_plan("gold").admitted(), counts.of_plan("gold").other()), (1, 0));
        }
    }

    #[test]
    fn several_envoys_are_added_up() {
        let mut both =
            counts("requests.plan=gold.outcome=allowed: 5\nsecret_uses.key=AKID1.secret=current: 1");
        both.add([
            ("requests.plan=gold.outcome=allowed".to_owned(), "6".to_owned()),
            ("secret_uses.key=AKID1.secret=previous".to_owned(), "2".to_owned()),
        ]);
        assert_eq!(both.of_plan("gold").admitted(), 11);
        let uses: Vec<_> = both.secret_uses().map(|(id, uses)| (id, uses.json())).collect();
        assert_eq!(uses, [("AKID1", json!({"current": 1, "previous": 2}))]);
    }
}
