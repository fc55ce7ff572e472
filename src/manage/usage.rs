//! How many calls each plan admitted and refused, from the filter's counters in Envoy.

use std::collections::BTreeMap;
use std::time::Duration;

use usage_plan_core::auth::SecretUsed;
use usage_plan_core::document::Document;
use usage_plan_core::telemetry::{Outcome, metric_names};

use crate::admin::{self, Admin};

/// Envoy's prefix of the names of a filter's counters, whatever its `stats_tags`.
const STATISTICS: &str = "wasmcustom.";

/// Envoy answers within milliseconds, or not at all.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The filter's counters, added up over Envoys.
#[derive(Debug, Default)]
pub struct Counts {
    without_plan: Outcomes,
    plans: BTreeMap<String, Outcomes>,
    /// By secret id.
    secret_uses: BTreeMap<String, Outcomes>,
}

/// Numbers of calls by what they count: how the calls ended, or with which secret they were signed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcomes(BTreeMap<String, u64>);

/// A plan, and how the calls on it ended.
#[derive(Clone, Copy, Debug)]
pub struct PlanCounts<'a> {
    /// The plan's id.
    pub id: &'a str,
    /// The plan's name; empty when the document does not have the plan.
    pub name: &'a str,
    /// Whether the document has the plan.
    pub in_document: bool,
    /// How the calls ended.
    pub outcomes: &'a Outcomes,
}

/// A key with two secrets, and how often each was used.
#[derive(Clone, Copy, Debug)]
pub struct SecretCounts<'a> {
    /// The key's secret id.
    pub secret_id: &'a str,
    /// The key's name; empty when the document does not have the key.
    pub name: &'a str,
    /// How many calls were signed with each secret.
    pub uses: &'a Outcomes,
}

/// The outcomes of a plan that nobody called.
static NONE: Outcomes = Outcomes(BTreeMap::new());

// === impl Counts ===

impl Counts {
    /// The sums over all of these Envoys.
    pub fn ask(admins: &[Admin]) -> Result<Self, admin::Error> {
        let mut counts = Self::default();
        let prefix = format!("{STATISTICS}{}", metric_names::PREFIX);
        for admin in admins {
            counts.add(admin.statistics(&prefix, TIMEOUT)?);
        }
        Ok(counts)
    }

    /// Adds an Envoy's statistics, by names without the common prefix. Statistics of other kinds are ignored.
    fn add(&mut self, statistics: impl IntoIterator<Item = (String, String)>) {
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

    /// How calls ended before their plan was known.
    pub fn without_plan(&self) -> &Outcomes {
        &self.without_plan
    }

    /// The document's plans in its order, then those that were called and are not in the document.
    pub fn plans<'a>(&'a self, document: &'a Document) -> impl Iterator<Item = PlanCounts<'a>> {
        let plans = &document.usage_plans;
        let known = plans.iter().map(|plan| PlanCounts {
            id: &plan.id,
            name: &plan.name,
            in_document: true,
            outcomes: self.plans.get(&plan.id).unwrap_or(&NONE),
        });
        let unknown = self.plans.iter().filter(|(id, _)| plans.iter().all(|plan| plan.id != **id));
        known.chain(unknown.map(|(id, outcomes)| PlanCounts { id, name: "", in_document: false, outcomes }))
    }

    /// The keys that were called with while they had two secrets.
    pub fn secret_uses<'a>(&'a self, document: &'a Document) -> impl Iterator<Item = SecretCounts<'a>> {
        self.secret_uses.iter().map(|(id, uses)| SecretCounts {
            secret_id: id,
            name: document.key(id).map_or("", |key| key.name.as_str()),
            uses,
        })
    }
}

// === impl SecretCounts ===

impl SecretCounts<'_> {
    /// The calls signed with the current secret.
    pub fn current(&self) -> u64 {
        self.uses.of(SecretUsed::Current.as_str())
    }

    /// The calls signed with the secret from before the rotation.
    pub fn previous(&self) -> u64 {
        self.uses.of(SecretUsed::Previous.as_str())
    }
}

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

    /// The calls that ended in any other way.
    pub fn other(&self) -> u64 {
        let all: u64 = self.0.values().sum();
        all - self.admitted() - self.rate_limited() - self.quota_exceeded()
    }

    /// The outcomes `would_…` of observe mode, with their calls.
    pub fn observed(&self) -> impl Iterator<Item = (&str, u64)> {
        self.iter().filter(|(name, _)| Outcome::is_would(name))
    }

    /// All outcomes by name, with their calls.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, calls)| (name.as_str(), *calls))
    }

    fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    fn add(&mut self, name: &str, calls: u64) {
        let sum = self.0.entry(name.to_owned()).or_default();
        *sum = sum.saturating_add(calls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> Counts {
        let mut counts = Counts::default();
        let statistics = text.lines().filter_map(|line| line.trim().split_once(": "));
        counts.add(statistics.map(|(name, value)| (name.to_owned(), value.to_owned())));
        counts
    }

    fn of_plan<'c>(counts: &'c Counts, id: &str) -> &'c Outcomes {
        &counts.plans[id]
    }

    #[test]
    fn calls_are_counted_by_plan_and_outcome_and_an_observed_call_is_an_admitted_one() {
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
        let gold = of_plan(&counts, "gold");
        let numbers = [gold.admitted(), gold.rate_limited(), gold.quota_exceeded(), gold.other()];
        assert_eq!(numbers, [7, 3, 4, 1]);
        assert_eq!(gold.observed().collect::<Vec<_>>(), [("would_rate_limit", 2)]);
        assert_eq!(counts.without_plan().iter().collect::<Vec<_>>(), [("credential_missing", 7)]);
        assert_eq!(counts.plans.len(), 1);
    }

    #[test]
    fn plans_are_in_the_documents_order_and_the_others_come_last() {
        let text = br#"{"usage_plans": [{"id": "silver", "name": "Silver"}, {"id": "gold"}]}"#;
        let document = crate::draft::read(text).expect("valid");
        let counts = counts("requests.plan=bronze.outcome=allowed: 1\nrequests.plan=gold.outcome=allowed: 2");
        let plans: Vec<_> = counts
            .plans(&document)
            .map(|plan| (plan.id, plan.name, plan.in_document, plan.outcomes.admitted()))
            .collect();
        assert_eq!(plans, [("silver", "Silver", true, 0), ("gold", "", true, 2), ("bronze", "", false, 1)]);
    }

    #[test]
    fn the_filters_own_names_of_outcomes_are_known() {
        for outcome in [Outcome::RateLimited, Outcome::QuotaExceeded, Outcome::SignatureMismatch] {
            let counts = counts(&format!("requests.plan=gold.outcome={}: 1", outcome.would()));
            let gold = of_plan(&counts, "gold");
            assert_eq!((gold.admitted(), gold.other()), (1, 0));
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
        assert_eq!(of_plan(&both, "gold").admitted(), 11);
        let document = Document::default();
        let uses = both.secret_uses(&document).map(|key| (key.secret_id, key.current(), key.previous()));
        assert_eq!(uses.collect::<Vec<_>>(), [("AKID1", 1, 2)]);
    }
}
