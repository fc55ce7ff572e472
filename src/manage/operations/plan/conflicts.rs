//! Which keys would have two usage plans in one environment (`docs/rules.md#conflict`), as plain values for
//! whoever shows them by name.

use std::collections::HashMap;

use usage_plan_core::document::{Document, EnvironmentRef};

use super::super::{named_key, named_service};
use crate::draft::Named;

/// A key that has two usage plans in one environment of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The key.
    pub key: Named,
    /// The service.
    pub service: Named,
    /// The environment's name.
    pub environment: String,
    /// The two usage plans, in the order of the document.
    pub plans: [Named; 2],
}

/// Every conflict that `document` would have if it also bound this: keys to a plan, and environments to
/// plans. Plans are named by their ids.
pub fn conflicts(
    document: &Document,
    keys: Option<(&str, &[String])>,
    environments: &[(&str, EnvironmentRef)],
) -> Vec<Conflict> {
    let mut first: HashMap<(&EnvironmentRef, &str), Named> = HashMap::new();
    let mut found = Vec::new();
    for plan in &document.usage_plans {
        let new =
            environments.iter().filter(|(id, bound)| *id == plan.id && !plan.environments.contains(bound));
        let bound = plan.environments.iter().chain(new.map(|(_, bound)| bound));
        let more = keys.filter(|(id, _)| *id == plan.id).map_or(&[][..], |(_, keys)| keys);
        let keys: Vec<&String> =
            plan.keys.iter().chain(more.iter().filter(|key| !plan.keys.contains(key))).collect();
        let named = Named::new(&plan.id, &plan.name);
        for environment in bound {
            for key in &keys {
                let Some(other) = first.insert((environment, key), named.clone()) else { continue };
                found.push(Conflict {
                    key: named_key(document, key),
                    service: named_service(document, &environment.service),
                    environment: environment.environment.clone(),
                    plans: [other, named.clone()],
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft;

    const DOCUMENT: &str = r#"{
        "services": [{"id": "orders", "name": "Orders", "domains": ["*"]}],
        "keys": [{"secret_id": "acme1", "name": "acme", "secret_key_env": "A"},
                 {"secret_id": "beta1", "name": "beta", "secret_key_env": "B"}],
        "usage_plans": [
            {"id": "gold", "keys": ["acme1"], "environments": [{"service": "orders", "environment": "release"}]},
            {"id": "silver", "keys": ["beta1"], "environments": [{"service": "orders", "environment": "release"}]},
            {"id": "trial", "keys": ["acme1", "beta1"]}]}"#;

    fn found(keys: Option<(&str, &[String])>, environments: &[(&str, EnvironmentRef)]) -> Vec<String> {
        let document = draft::read(DOCUMENT.as_bytes()).expect("valid");
        let words = |conflict: Conflict| {
            let [one, two] = conflict.plans;
            format!("{} {}/{}: {one} {two}", conflict.key, conflict.service, conflict.environment)
        };
        conflicts(&document, keys, environments).into_iter().map(words).collect()
    }

    #[test]
    fn a_key_with_two_plans_in_an_environment_is_found_by_what_would_be_bound() {
        assert_eq!(found(None, &[]), [""; 0], "a valid document has none");
        let keys = ["beta1".to_owned(), "acme1".to_owned()];
        assert_eq!(found(Some(("gold", &keys)), &[]), ["beta (beta1) Orders (orders)/release: gold silver"]);
        let release = EnvironmentRef { service: "orders".to_owned(), environment: "release".to_owned() };
        let test = EnvironmentRef { service: "orders".to_owned(), environment: "test".to_owned() };
        assert_eq!(found(None, &[("trial", test.clone())]), [""; 0]);
        let both = [("trial", test.clone()), ("gold", test), ("trial", release)];
        assert_eq!(
            found(None, &both),
            [
                "acme (acme1) Orders (orders)/test: gold trial",
                "acme (acme1) Orders (orders)/release: gold trial",
                "beta (beta1) Orders (orders)/release: silver trial",
            ]
        );
    }
}
