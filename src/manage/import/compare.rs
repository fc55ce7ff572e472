//! Compares the document's objects with the imported ones. What the document says beyond the import is the
//! operator's.

use super::validate::numbered_name;
use usage_plan_core::document::{AUTHENTICATION, Authentication, KEY_STATUS, PathMapping, word};
use usage_plan_core::document::{Document, Key, Quota, SecretSource, Service, UsagePlan};
use usage_plan_core::timestamp::Timestamp;

/// How the document's object differs from the imported one. No variant has a secret.
#[derive(Debug, PartialEq, Eq)]
pub enum Difference {
    /// A member has a different value.
    Value {
        /// The member's name.
        member: &'static str,
        /// The document's value.
        document: String,
        /// The imported value.
        imported: String,
    },
    /// The limit per second is different; `None` is unlimited.
    Limit {
        /// The document's limit.
        document: Option<u64>,
        /// The imported limit.
        imported: Option<u64>,
    },
    /// The quotas are different.
    Quotas {
        /// The document's quotas.
        document: Vec<Quota>,
        /// The imported quotas.
        imported: Vec<Quota>,
    },
    /// A list lacks an imported item.
    Missing {
        /// What the item is, such as `domain`.
        item: &'static str,
        /// The item.
        value: String,
    },
    /// The document keeps the key's secret in a variable, the import has the secret itself.
    SecretInVariable(String),
    /// A member has a different value, which is not shown.
    Hidden(&'static str),
}

/// How the document's object differs from the imported one. Each argument holds one object.
pub(super) fn differences(document: &Document, imported: &Document) -> Vec<Difference> {
    let mut found = Vec::new();
    for (service, imported) in document.services.iter().zip(&imported.services) {
        compare_services(service, imported, &mut found);
    }
    for (key, imported) in document.keys.iter().zip(&imported.keys) {
        compare_keys(key, imported, &mut found);
    }
    for (plan, imported) in document.usage_plans.iter().zip(&imported.usage_plans) {
        compare_usage_plans(plan, imported, &mut found);
    }
    found
}

fn compare_services(service: &Service, imported: &Service, found: &mut Vec<Difference>) {
    compare_labels((&service.name, service.created_at), (&imported.name, imported.created_at), found);
    for (item, there, imported) in [
        ("domain", &service.domains, &imported.domains),
        ("environment", &service.environments, &imported.environments),
    ] {
        let missing = imported.iter().filter(|value| !there.contains(value));
        found.extend(missing.map(|value| Difference::Missing { item, value: value.clone() }));
    }
    if imported.authentication != Authentication::default() {
        let words = [service, imported].map(|service| word(&AUTHENTICATION, service.authentication));
        compare_text("authentication", words[0], words[1], found);
    }
    for PathMapping { path, environment } in &imported.path_mappings {
        if !service.path_mappings.iter().any(|there| there.path == *path && there.environment == *environment)
        {
            let value = format!("{path}={environment}");
            found.push(Difference::Missing { item: "path mapping", value });
        }
    }
}

fn compare_keys(key: &Key, imported: &Key, found: &mut Vec<Difference>) {
    compare_labels((&key.name, key.created_at), (&imported.name, imported.created_at), found);
    compare_text("status", word(&KEY_STATUS, key.status), word(&KEY_STATUS, imported.status), found);
    if !imported.remark.is_empty() {
        compare_text("remark", &key.remark, &imported.remark, found);
    }
    match (&key.secret, &imported.secret) {
        (Some(SecretSource::Document(there)), Some(SecretSource::Document(imported)))
            if there == imported => {}
        (Some(SecretSource::Environment(there)), Some(SecretSource::Environment(imported)))
            if there == imported => {}
        (Some(SecretSource::Environment(variable)), Some(SecretSource::Document(_))) => {
            found.push(Difference::SecretInVariable(variable.clone()));
        }
        _ => found.push(Difference::Hidden("secret")),
    }
}

fn compare_usage_plans(plan: &UsagePlan, imported: &UsagePlan, found: &mut Vec<Difference>) {
    compare_labels((&plan.name, plan.created_at), (&imported.name, imported.created_at), found);
    if plan.max_requests_per_second != imported.max_requests_per_second {
        found.push(Difference::Limit {
            document: plan.max_requests_per_second,
            imported: imported.max_requests_per_second,
        });
    }
    if plan.quotas != imported.quotas {
        found.push(Difference::Quotas { document: plan.quotas.clone(), imported: imported.quotas.clone() });
    }
    if plan.counter_per != imported.counter_per {
        found.push(Difference::Hidden("counter_per"));
    }
    if !imported.remark.is_empty() {
        compare_text("remark", &plan.remark, &imported.remark, found);
    }
}

/// Compares what is there for people, a name and a time of creation, as far as the import has them.
fn compare_labels(
    (name, created_at): (&str, Option<Timestamp>),
    (imported_name, imported_created_at): (&str, Option<Timestamp>),
    found: &mut Vec<Difference>,
) {
    if !imported_name.is_empty() && !is_name_for(name, imported_name) {
        compare_text("name", name, imported_name, found);
    }
    if imported_created_at.is_some() && created_at != imported_created_at {
        found.push(Difference::Hidden("created_at"));
    }
}

/// Whether an import gives `name` to an object that is called `imported`: it adds a number when the name is
/// in use.
fn is_name_for(name: &str, imported: &str) -> bool {
    let number = name.rsplit_once('_').and_then(|(_, number)| number.parse().ok());
    name == imported
        || number.is_some_and(|number: usize| number > 1 && numbered_name(imported, number) == name)
}

fn compare_text(member: &'static str, document: &str, imported: &str, found: &mut Vec<Difference>) {
    if document != imported {
        let (document, imported) = (document.to_owned(), imported.to_owned());
        found.push(Difference::Value { member, document, imported });
    }
}
