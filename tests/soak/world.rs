//! What a document demands: which plan a request is counted on, or why it must be refused.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testbed::busiest::Bracket;

use crate::claim::{Claim, HOST, secret};

/// The plans, each with its requests per second.
pub const PLANS: [(&str, Option<usize>); 4] =
    [(UNLIMITED, None), (GOLD, Some(1000)), (SILVER, Some(50)), (TRIAL, Some(20))];
/// A plan without a limit.
pub const UNLIMITED: &str = "plan-unlimited";
/// A plan of 1,000 requests per second, of which workers reserve a few at a time.
pub const GOLD: &str = "plan-gold";
/// A plan of 50 requests per second.
pub const SILVER: &str = "plan-silver";
/// A plan of 20 requests per second that ends after [`TRIAL_QUOTA`] requests.
pub const TRIAL: &str = "plan-trial";
/// How many requests the plan [`TRIAL`] admits for ever.
pub const TRIAL_QUOTA: usize = 500;

/// The keys that nothing changes, each on the plan of the same name.
pub const STEADY: [(&str, &str); 4] =
    [("AKIDunlimited", UNLIMITED), ("AKIDgold", GOLD), ("AKIDsilver", SILVER), ("AKIDtrial", TRIAL)];
/// A key that is disabled and enabled.
pub const TOGGLED: &str = "AKIDtoggled";
/// A key whose secret is rotated.
pub const ROTATED: &str = "AKIDrotated";
/// A key that is bound to one plan, to another one, and to none.
pub const MOVED: &str = "AKIDmoved";

/// Keys that never call: a document with so many shows it in Envoy's memory when it is not freed.
const SILENT: usize = 300;

/// A key of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Whether it is enabled.
    pub enabled: bool,
    /// The plan that it is bound to.
    pub plan: Option<&'static str>,
    /// The generation of its secret. The one before may verify as well, up to and including a time in
    /// nanoseconds since 1970.
    pub generation: u32,
    /// That time.
    pub previous_until: Option<u64>,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World(BTreeMap<&'static str, Key>);

/// Why a request must be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// In words.
    pub why: &'static str,
    /// The outcome that the filter reports, of `docs/rules.md#refusals`.
    pub outcome: &'static str,
}

/// Every end that is right for a request. There are several when it came while something changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Possible {
    /// The plans that it may be counted on.
    pub plans: Vec<&'static str>,
    /// Why it may be refused.
    pub refusals: Vec<Refusal>,
}

// === impl World ===

impl World {
    /// The document that Envoy starts with.
    pub fn first() -> Self {
        let key = |plan| Key { enabled: true, plan: Some(plan), generation: 0, previous_until: None };
        let changing = [(TOGGLED, UNLIMITED), (ROTATED, UNLIMITED), (MOVED, GOLD)];
        Self(STEADY.into_iter().chain(changing).map(|(id, plan)| (id, key(plan))).collect())
    }

    /// The key of that id, to be changed.
    ///
    /// # Panics
    /// There is none.
    pub fn key(&mut self, id: &str) -> &mut Key {
        self.0.get_mut(id).unwrap_or_else(|| panic!("no key {id}"))
    }

    /// The document as JSON.
    pub fn document(&self) -> Value {
        let silent = (0..SILENT).map(|number| format!("AKIDsilent{number:04}"));
        let ids: Vec<String> = self.0.keys().map(|&id| id.to_owned()).chain(silent).collect();
        let key = |id: &String| json!({"name": id, "secret_id": id, "secret_key": secret(id, 0)});
        let plan = |(id, limit): (&str, Option<usize>)| {
            let bound: Vec<_> = self.0.iter().filter(|(_, key)| key.plan == Some(id)).collect();
            let quotas = if id == TRIAL {
                json!([{"max_requests": TRIAL_QUOTA, "period": "total"}])
            } else {
                json!([])
            };
            json!({
                "id": id, "name": id.replace('-', "_"), "quotas": quotas,
                "max_requests_per_second": limit.map_or(json!(-1), |limit| json!(limit)),
                "keys": bound.iter().map(|(id, _)| id).collect::<Vec<_>>(),
                "environments": [{"service": "service-orders", "environment": "release"}],
            })
        };
        json!({
            "services": [{"id": "service-orders", "domains": [HOST], "default_environment": "release"}],
            "keys": ids.iter().map(key).collect::<Vec<_>>(),
            "usage_plans": PLANS.map(plan),
        })
    }

    /// Adds to `possible` what this document demands for a request with `claim` that was decided at some time
    /// in `decided`.
    pub fn judge(&self, claim: Claim, decided: Bracket, possible: &mut Possible) {
        let (key, generation) = match claim {
            Claim::Signed { key, generation } => (key, generation),
            Claim::Forged(_) => return possible.refuse("forged", "signature_mismatch"),
            Claim::Unknown => return possible.refuse("of an unknown key", "key_unknown"),
            Claim::Stale(_) => return possible.refuse("too old", "date_out_of_range"),
            Claim::Unsigned => return possible.refuse("unsigned", "credential_missing"),
        };
        let Some(key) = self.0.get(key) else { return possible.refuse("of an unknown key", "key_unknown") };
        if !key.enabled {
            return possible.refuse("of a disabled key", "key_disabled");
        }
        let Some(plan) = key.plan else { return possible.refuse("of an unbound key", "key_not_bound") };
        if generation == key.generation {
            return possible.pass(plan);
        }
        if generation > key.generation {
            return possible.refuse("with a secret to come", "signature_mismatch");
        }
        let until = key.previous_until.filter(|_| generation + 1 == key.generation).unwrap_or(0);
        if decided.earliest <= until {
            possible.pass(plan);
        }
        if decided.latest > until {
            possible.refuse("with a secret of before", "signature_mismatch");
        }
    }
}

// === impl Possible ===

impl Possible {
    fn pass(&mut self, plan: &'static str) {
        if !self.plans.contains(&plan) {
            self.plans.push(plan);
        }
    }

    fn refuse(&mut self, why: &'static str, outcome: &'static str) {
        let refusal = Refusal { why, outcome };
        if !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(world: &World, claim: Claim, decided: (u64, u64)) -> Possible {
        let mut possible = Possible::default();
        world.judge(claim, Bracket { earliest: decided.0, latest: decided.1 }, &mut possible);
        possible
    }

    fn signed(key: &'static str, generation: u32) -> Claim {
        Claim::Signed { key, generation }
    }

    fn outcomes(possible: &Possible) -> Vec<&str> {
        possible.refusals.iter().map(|refusal| refusal.outcome).collect()
    }

    #[test]
    fn a_key_passes_while_it_is_enabled_and_bound() {
        let mut world = World::first();
        assert_eq!(judged(&world, signed(TOGGLED, 0), (1, 2)).plans, [UNLIMITED]);
        world.key(TOGGLED).enabled = false;
        assert_eq!(outcomes(&judged(&world, signed(TOGGLED, 0), (1, 2))), ["key_disabled"]);
        world.key(MOVED).plan = Some(SILVER);
        assert_eq!(judged(&world, signed(MOVED, 0), (1, 2)).plans, [SILVER]);
        world.key(MOVED).plan = None;
        assert_eq!(outcomes(&judged(&world, signed(MOVED, 0), (1, 2))), ["key_not_bound"]);
    }

    #[test]
    fn a_previous_secret_passes_up_to_its_end_and_an_older_one_never() {
        let mut world = World::first();
        *world.key(ROTATED) = Key { generation: 2, previous_until: Some(100), ..world.key(ROTATED).clone() };
        for (generation, decided, passes, refused) in [
            (2, (500, 600), true, false),
            (1, (90, 100), true, false),
            (1, (100, 101), true, true),
            (1, (101, 102), false, true),
            (0, (90, 100), false, true),
            (3, (90, 100), false, true),
        ] {
            let possible = judged(&world, signed(ROTATED, generation), decided);
            let found = (!possible.plans.is_empty(), !possible.refusals.is_empty());
            assert_eq!(found, (passes, refused), "generation {generation} at {decided:?}");
        }
    }

    #[test]
    fn what_is_not_signed_rightly_never_passes() {
        let gold = "AKIDgold";
        for claim in [Claim::Forged(gold), Claim::Unknown, Claim::Stale(gold), Claim::Unsigned] {
            assert!(judged(&World::first(), claim, (1, 2)).plans.is_empty(), "{claim:?}");
        }
    }
}
