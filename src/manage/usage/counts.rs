//! The filter's counters in Envoy, and what they say of plans, keys and secrets.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use usage_plan_core::auth::SecretUsed;
use usage_plan_core::document::{Document, Key, UsagePlan};
use usage_plan_core::telemetry::metric_names;

use super::outcomes::{NONE, Outcomes};

/// The filter's counters, of one Envoy or added up.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    without_plan: Outcomes,
    plans: BTreeMap<String, Outcomes>,
    /// By secret id and plan. The plan is empty as long as the caller is not known for certain.
    keys: BTreeMap<(String, String), Outcomes>,
    /// By secret id.
    secret_uses: BTreeMap<String, Outcomes>,
    /// By plan, limit and percent.
    warnings: BTreeMap<(String, String, u8), u64>,
}

/// A plan, and how the calls on it ended.
#[derive(Clone, Copy, Debug)]
pub struct PlanCounts<'a> {
    /// The plan's id.
    pub id: &'a str,
    /// The plan; `None` when the document does not have it.
    pub plan: Option<&'a UsagePlan>,
    /// How the calls ended.
    pub outcomes: &'a Outcomes,
}

/// A key on a plan, and how its calls ended.
#[derive(Clone, Copy, Debug)]
pub struct KeyCounts<'a> {
    /// The key's secret id.
    pub secret_id: &'a str,
    /// The key; `None` when the document does not have it.
    pub key: Option<&'a Key>,
    /// The plan's id; empty for calls that did not prove that they are the key's.
    pub plan_id: &'a str,
    /// The plan; `None` when there is none or the document does not have it.
    pub plan: Option<&'a UsagePlan>,
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

/// How often a part of a quota was used up that the plan warns of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaWarning<'a> {
    /// The plan's id.
    pub plan_id: &'a str,
    /// The limit's name, such as `day`.
    pub limit: &'a str,
    /// The part of the quota, in percent.
    pub percent: u8,
    /// In how many periods it was reached, of one key each where the plan counts keys apart.
    pub times: u64,
}

// === impl Counts ===

impl Counts {
    /// What one of an Envoy's statistics, by its name without the common prefix, counts. Others are ignored,
    /// and so is one that has counted nothing: the native module shows those before they count.
    pub(crate) fn read(&mut self, name: &str, value: &str) {
        let Ok(number @ 1..) = value.parse() else { return };
        if let Some((plan, outcome)) = metric_names::read_requests(name) {
            let outcomes = match plan {
                "" => &mut self.without_plan,
                plan => self.plans.entry(plan.to_owned()).or_default(),
            };
            outcomes.add(outcome, number);
        } else if let Some((key, plan, outcome)) = metric_names::read_key_requests(name) {
            self.keys.entry((key.to_owned(), plan.to_owned())).or_default().add(outcome, number);
        } else if let Some((key, secret)) = metric_names::read_secret_uses(name) {
            self.secret_uses.entry(key.to_owned()).or_default().add(secret, number);
        } else if let Some((plan, limit, percent)) = metric_names::read_quota_warnings(name) {
            let times = self.warnings.entry((plan.to_owned(), limit.to_owned(), percent)).or_default();
            *times = times.saturating_add(number);
        }
    }

    /// Adds what another Envoy has counted.
    pub fn merge(&mut self, other: &Self) {
        self.without_plan.merge(&other.without_plan);
        other.plans.iter().for_each(|(id, calls)| self.plans.entry(id.clone()).or_default().merge(calls));
        other.keys.iter().for_each(|(id, calls)| self.keys.entry(id.clone()).or_default().merge(calls));
        let uses = other.secret_uses.iter();
        uses.for_each(|(id, uses)| self.secret_uses.entry(id.clone()).or_default().merge(uses));
        for (warning, times) in &other.warnings {
            let sum = self.warnings.entry(warning.clone()).or_default();
            *sum = sum.saturating_add(*times);
        }
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.plans.is_empty() && self.without_plan.iter().next().is_none()
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
            plan: Some(plan),
            outcomes: self.plans.get(&plan.id).unwrap_or(&NONE),
        });
        let unknown = self.plans.iter().filter(|(id, _)| plans.iter().all(|plan| plan.id != **id));
        known.chain(unknown.map(|(id, outcomes)| PlanCounts { id, plan: None, outcomes }))
    }

    /// The plans that were called, by their ids, each with the number of calls that were admitted.
    pub fn admitted(&self) -> impl Iterator<Item = (&str, u64)> {
        self.plans.iter().map(|(id, outcomes)| (id.as_str(), outcomes.admitted()))
    }

    /// The keys that were called with, by their ids. None unless the document in force has
    /// `options.metrics_per_key`.
    pub fn keys<'a>(&'a self, document: &'a Document) -> impl Iterator<Item = KeyCounts<'a>> {
        self.keys.iter().map(|((secret_id, plan_id), outcomes)| KeyCounts {
            secret_id,
            key: document.key(secret_id),
            plan_id,
            plan: document.usage_plans.iter().find(|plan| plan.id == *plan_id),
            outcomes,
        })
    }

    /// The keys of which calls were refused, the most first, each with the number of these calls.
    pub fn refused_by_key(&self) -> Vec<(&str, u64)> {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for ((secret_id, _), outcomes) in &self.keys {
            let sum = sums.entry(secret_id).or_default();
            *sum = sum.saturating_add(outcomes.refused());
        }
        let mut keys: Vec<(&str, u64)> = sums.into_iter().filter(|(_, calls)| *calls > 0).collect();
        keys.sort_by_key(|(_, calls)| Reverse(*calls));
        keys
    }

    /// The keys that were called with while they had two secrets.
    pub fn secret_uses<'a>(&'a self, document: &'a Document) -> impl Iterator<Item = SecretCounts<'a>> {
        self.secret_uses.iter().map(|(id, uses)| SecretCounts {
            secret_id: id,
            name: document.key(id).map_or("", |key| key.name.as_str()),
            uses,
        })
    }

    /// The highest percent that was reached of each quota that its plan warns of.
    pub fn quota_warnings(&self) -> Vec<QuotaWarning<'_>> {
        let mut highest: Vec<QuotaWarning<'_>> = Vec::new();
        for ((plan_id, limit, percent), times) in self.warnings.iter().filter(|(_, times)| **times > 0) {
            let warning = QuotaWarning { plan_id, limit, percent: *percent, times: *times };
            // They are sorted, so a higher percent of the same quota comes next.
            match highest.last_mut() {
                Some(last) if last.plan_id == plan_id && last.limit == limit => *last = warning,
                _ => highest.push(warning),
            }
        }
        highest
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

#[cfg(test)]
mod tests {
    use usage_plan_core::telemetry::Outcome;

    use super::*;

    fn counts(text: &str) -> Counts {
        let mut counts = Counts::default();
        let statistics = text.lines().filter_map(|line| line.trim().split_once(": "));
        statistics.for_each(|(name, value)| counts.read(name, value));
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
            requests.plan=gold.outcome=usage_shown: 10
            requests.plan=gold.outcome=usage_rate_limited: 2
            requests.plan=.outcome=credential_missing: 7
            counter_restarts.plan=gold: 9
            requests.plan=gold.outcome=other: No recorded values
            requests.plan=silver.outcome=allowed: 0",
        );
        let gold = of_plan(&counts, "gold");
        let numbers = [gold.admitted(), gold.rate_limited(), gold.quota_exceeded(), gold.other()];
        assert_eq!((numbers, gold.refused()), ([7, 3, 4, 1], 10));
        assert_eq!((gold.usage_shown(), gold.usage_rate_limited()), (10, 2));
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
            .map(|plan| (plan.id, plan.plan.map(|plan| plan.name.as_str()), plan.outcomes.admitted()))
            .collect();
        assert_eq!(plans, [("silver", Some("Silver"), 0), ("gold", Some(""), 2), ("bronze", None, 1)]);
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
        let mut both = counts(
            "requests.plan=gold.outcome=allowed: 5\nsecret_uses.key=AKID1.secret=current: 1
            key_requests.key=AKID1.plan=gold.outcome=allowed: 5
            quota_warnings.plan=gold.limit=day.percent=80: 1",
        );
        both.merge(&counts(
            "requests.plan=gold.outcome=allowed: 6\nsecret_uses.key=AKID1.secret=previous: 2
            key_requests.key=AKID1.plan=gold.outcome=rate_limited: 2
            key_requests.key=AKID1.plan=.outcome=signature_mismatch: 3
            quota_warnings.plan=gold.limit=day.percent=80: 1",
        ));
        assert_eq!(of_plan(&both, "gold").admitted(), 11);
        let document = Document::default();
        let uses = both.secret_uses(&document).map(|key| (key.secret_id, key.current(), key.previous()));
        assert_eq!(uses.collect::<Vec<_>>(), [("AKID1", 1, 2)]);
        let keys =
            both.keys(&document).map(|key| (key.plan_id, key.outcomes.admitted(), key.outcomes.refused()));
        assert_eq!(keys.collect::<Vec<_>>(), [("", 0, 3), ("gold", 5, 2)]);
        assert_eq!(both.refused_by_key(), [("AKID1", 5)]);
        assert_eq!(both.quota_warnings().iter().map(|warning| warning.times).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn of_each_quota_the_highest_percent_is_shown_that_was_reached() {
        let counts = counts(
            "quota_warnings.plan=gold.limit=day.percent=80: 3
            quota_warnings.plan=gold.limit=day.percent=100: 1
            quota_warnings.plan=gold.limit=month.percent=80: 1
            quota_warnings.plan=trial.limit=total.percent=95: 0",
        );
        let warnings = counts.quota_warnings();
        let shown = warnings.iter().map(|warning| (warning.limit, warning.percent, warning.times));
        assert_eq!(shown.collect::<Vec<_>>(), [("day", 100, 1), ("month", 80, 1)]);
    }
}
