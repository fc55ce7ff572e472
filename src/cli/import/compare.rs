//! Whether what the document has is what an import would have there. What the document says beyond it is the operator's.

use super::settle::numbered;
use crate::limits_text;
use usage_plan_core::document::decode::{KEY_STATUS, word};
use usage_plan_core::document::{Document, Key, SecretSource, Service, UsagePlan};
use usage_plan_core::timestamp::Timestamp;

/// In what the one object of `there` is another than that of `wanted`.
pub(super) fn differences(there: &Document, wanted: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for (there, wanted) in there.services.iter().zip(&wanted.services) {
        services(there, wanted, &mut found);
    }
    for (there, wanted) in there.keys.iter().zip(&wanted.keys) {
        keys(there, wanted, &mut found);
    }
    for (there, wanted) in there.usage_plans.iter().zip(&wanted.usage_plans) {
        usage_plans(there, wanted, &mut found);
    }
    found
}

fn services(there: &Service, wanted: &Service, found: &mut Vec<String>) {
    people(&there.name, &wanted.name, there.created_at, wanted.created_at, found);
    for domain in wanted.domains.iter().filter(|domain| !there.domains.contains(domain)) {
        found.push(format!("domain {domain} is missing"));
    }
    for environment in wanted.environments.iter().filter(|name| !there.environments.contains(name)) {
        found.push(format!("environment {environment} is missing"));
    }
}

fn keys(there: &Key, wanted: &Key, found: &mut Vec<String>) {
    people(&there.name, &wanted.name, there.created_at, wanted.created_at, found);
    unequal("status", word(&KEY_STATUS, there.status), word(&KEY_STATUS, wanted.status), found);
    match (&there.secret, &wanted.secret) {
        (Some(SecretSource::Document(there)), Some(SecretSource::Document(wanted))) if there == wanted => {}
        (Some(SecretSource::Environment(there)), Some(SecretSource::Environment(wanted)))
            if there == wanted => {}
        (Some(SecretSource::Environment(name)), Some(SecretSource::Document(_))) => {
            found.push(format!("secret is in the variable {name}"));
        }
        _ => found.push("secret is another".to_owned()),
    }
}

fn usage_plans(there: &UsagePlan, wanted: &UsagePlan, found: &mut Vec<String>) {
    people(&there.name, &wanted.name, there.created_at, wanted.created_at, found);
    let limit = |limit: Option<u64>| limit.map_or("unlimited".to_owned(), |limit| limit.to_string());
    unequal(
        "max_requests_per_second",
        &limit(there.max_requests_per_second),
        &limit(wanted.max_requests_per_second),
        found,
    );
    if there.quotas != wanted.quotas {
        let quotas =
            |plan: &UsagePlan| plan.quotas.iter().map(limits_text::quota).collect::<Vec<_>>().join(", ");
        found.push(format!("quotas are [{}] and not [{}]", quotas(there), quotas(wanted)));
    }
    if there.counter_per != wanted.counter_per {
        found.push("counter_per is another".to_owned());
    }
    if !wanted.remark.is_empty() {
        unequal("remark", &there.remark, &wanted.remark, found);
    }
}

/// What is for people: compared when the import knows it.
fn people(
    there: &str,
    wanted: &str,
    there_created: Option<Timestamp>,
    wanted_created: Option<Timestamp>,
    found: &mut Vec<String>,
) {
    if !wanted.is_empty() && !is_name_for(there, wanted) {
        unequal("name", there, wanted, found);
    }
    if wanted_created.is_some() && there_created != wanted_created {
        found.push("created_at is another".to_owned());
    }
}

/// Whether an import gives the name `there` to what is called `wanted`: others may have had the name before.
fn is_name_for(there: &str, wanted: &str) -> bool {
    let number = there.rsplit_once('_').and_then(|(_, number)| number.parse().ok());
    there == wanted || number.is_some_and(|number: usize| number > 1 && numbered(wanted, number) == there)
}

fn unequal(what: &str, there: &str, wanted: &str, found: &mut Vec<String>) {
    if there != wanted {
        found.push(format!("{what} is {there} and not {wanted}"));
    }
}
