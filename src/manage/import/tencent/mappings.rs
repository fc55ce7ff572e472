//! Path mappings. In the cloud product, each host that somebody binds to a service has its own; in the
//! document, a service has them for all of its hosts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use usage_plan_core::document::is_mapping;

use crate::draft::text;
use crate::import::proposal::{Notes, Object};
use crate::tencent::DOMAIN_MAPPINGS;

/// A path, and the environment that it stands for.
pub(super) type Mapping = (String, String);

/// The path mappings of the hosts of a service.
#[derive(Default)]
pub(super) struct Mappings {
    /// The hosts that have some.
    mapped: BTreeSet<String>,
    /// The hosts that have none.
    plain: BTreeSet<String>,
    /// What there is of them, each in the order in which it was answered.
    lists: BTreeMap<BTreeSet<Mapping>, Vec<Mapping>>,
}

// === impl Mappings ===

impl Mappings {
    /// Takes in a host, and whether it has path mappings.
    pub(super) fn add_host(&mut self, host: &str, is_mapped: bool) {
        let hosts = if is_mapped { &mut self.mapped } else { &mut self.plain };
        hosts.insert(host.to_owned());
    }

    /// Takes in the path mappings of a host.
    pub(super) fn add(&mut self, mappings: Vec<Mapping>) {
        self.lists.insert(mappings.iter().cloned().collect(), mappings);
    }

    /// Gives the service the path mappings that its hosts agree on.
    pub(super) fn give_to(self, service: &mut Object, notes: &mut Notes) {
        let label = format!("service {}", text(service, "id"));
        let names = |hosts: &BTreeSet<String>| hosts.iter().cloned().collect::<Vec<_>>().join(", ");
        let agree = self.plain.is_empty() && self.lists.len() == 1;
        let reason = match self.lists.into_values().next().filter(|_| agree) {
            Some(mappings) => return give(mappings, &self.mapped, service, notes),
            None if self.mapped.is_empty() => return,
            None if self.plain.is_empty() => format!(
                "{} has path mappings, and they are not carried over: give the answers of \
                 {DOMAIN_MAPPINGS}, which must be the same for all domains",
                names(&self.mapped)
            ),
            None => format!(
                "{} has path mappings that the other domains do not have, and they are not carried over: here \
                 path_mappings hold for all domains of a service",
                names(&self.mapped)
            ),
        };
        notes.add(label, reason);
    }
}

/// Gives a service these path mappings, as far as its environments allow it.
fn give(mappings: Vec<Mapping>, mapped: &BTreeSet<String>, service: &mut Object, notes: &mut Notes) {
    let label = format!("service {}", text(service, "id"));
    let environments = service.get("environments").and_then(Value::as_array);
    let is_published = |name: &str| environments.is_none_or(|names| names.iter().any(|other| other == name));
    let (kept, lost): (Vec<Mapping>, Vec<Mapping>) =
        mappings.into_iter().partition(|(path, environment)| is_mapping(path) && is_published(environment));
    for (path, environment) in lost {
        let reason = format!(
            "its path mapping {path} is left out: the service is not published to {environment}, or the path \
             cannot be mapped here"
        );
        notes.add(&label, reason);
    }
    if kept.is_empty() {
        return;
    }
    let domains = service.get("domains").and_then(Value::as_array).into_iter().flatten();
    let others: Vec<&str> =
        domains.filter_map(Value::as_str).filter(|domain| !mapped.contains(*domain)).collect();
    if !others.is_empty() {
        let reason =
            format!("its path mappings hold for all of its domains here, so for {}", others.join(", "));
        notes.add(label, reason);
    }
    let mapping = |(path, environment): Mapping| json!({"path": path, "environment": environment});
    service.insert("path_mappings".to_owned(), kept.into_iter().map(mapping).collect());
}
