//! Everything that the answers say, as objects and bindings of the document.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use super::apis::Apis;
use super::items::{ApiItem, DomainItem, EnvironmentItem, Items, UnassignedList};
use super::mappings::Mappings;
use crate::draft::text;
use crate::import::error::{Error, Result};
use crate::import::proposal::{Advice, Entry, EnvironmentBinding, KeyBinding, Notes, Object, Proposal};
use crate::tencent as api;
use usage_plan_core::document::is_domain;

/// Everything that the answers say. Objects have the members that were not `null`.
#[derive(Default)]
pub(super) struct Collected {
    objects: HashMap<Entry, Vec<Object>>,
    /// The index of each object in its list, by kind and id.
    indices: HashMap<(Entry, String), usize>,
    pub(super) key_bindings: Vec<KeyBinding>,
    /// Plans that are bound to an environment as a whole.
    bound_whole: Vec<EnvironmentBinding>,
    /// Plans that are bound to an environment, or to some APIs in it: DescribeUsagePlan does not say which.
    pub(super) bound_in_part_or_whole: Vec<EnvironmentBinding>,
    /// Plans that are bound to single APIs of an environment.
    bound_to_apis: BTreeMap<EnvironmentBinding, BTreeSet<String>>,
    pub(super) unassigned: Vec<UnassignedList>,
    /// The APIs, by service.
    pub(super) apis: BTreeMap<String, Apis>,
    /// The path mappings, by service.
    mappings: BTreeMap<String, Mappings>,
    /// By list: how many items it has, and the ids that were in the answers.
    totals: BTreeMap<String, (i64, HashSet<String>)>,
    pub(super) notes: Notes,
}

// === impl Collected ===

impl Collected {
    /// Adds what an answer says about an object to what other answers say. They must agree.
    pub(super) fn merge(&mut self, entry: Entry, object: Object) -> Result<()> {
        let list = self.objects.entry(entry).or_default();
        let id = text(&object, entry.id()).to_owned();
        let index = *self.indices.entry((entry, id)).or_insert(list.len());
        let Some(known) = list.get_mut(index) else {
            list.push(object);
            return Ok(());
        };
        for (member, value) in object {
            match (known.get_mut(&member), value) {
                (Some(Value::Array(known)), Value::Array(more)) if member == "domains" => {
                    let more: Vec<Value> = more.into_iter().filter(|item| !known.contains(item)).collect();
                    known.extend(more);
                }
                (Some(known), value) if *known == value => {}
                (Some(_), _) => {
                    return Err(Error::input(
                        entry.label(known),
                        format!("two answers differ in its {member}"),
                    ));
                }
                (None, value) => drop(known.insert(member, value)),
            }
        }
        Ok(())
    }

    /// Remembers the ids on a page of `list`, and how many items all of its pages have.
    pub(super) fn count(&mut self, list: String, total: Option<i64>, ids: &[String]) {
        let (largest, seen) = self.totals.entry(list).or_default();
        *largest = (*largest).max(total.unwrap_or_default());
        seen.extend(ids.iter().cloned());
    }

    pub(super) fn into_proposal(mut self) -> Result<Proposal> {
        for list in std::mem::take(&mut self.unassigned) {
            self.assign(list)?;
        }
        self.open_services();
        self.note_apis();
        self.note_missing_pages();
        let whole: HashSet<&EnvironmentBinding> = self.bound_whole.iter().collect();
        let is_whole = |binding: &&EnvironmentBinding| {
            whole.contains(*binding) || !self.bound_to_apis.contains_key(*binding)
        };
        let others = self.bound_in_part_or_whole.iter().filter(is_whole);
        let environment_bindings = self.bound_whole.iter().chain(others).cloned().collect();
        let mut take = |entry| self.objects.remove(&entry).unwrap_or_default();
        let [services, keys, plans] = [Entry::Service, Entry::Key, Entry::UsagePlan].map(&mut take);
        let (mut notes, mut mappings) = (self.notes, self.mappings);
        let services = services.into_iter().filter_map(|object| {
            let mut service = service(object, &mut notes)?;
            if let Some(mappings) = mappings.remove(text(&service, "id")) {
                mappings.give_to(&mut service, &mut notes);
            }
            Some(service)
        });
        let services = services.collect();
        Ok(Proposal {
            services,
            keys: keys.into_iter().filter_map(|object| with_secret(object, &mut notes)).collect(),
            usage_plans: plans.into_iter().map(|object| with_limits(object, &mut notes)).collect(),
            key_bindings: self.key_bindings,
            environment_bindings,
            notes,
        })
    }

    /// Gives the items of a list to the plan or service that it belongs to.
    fn assign(&mut self, list: UnassignedList) -> Result<()> {
        if list.items.is_empty() {
            return Ok(());
        }
        let objects = |entry| self.objects.get(&entry).map_or(&[][..], Vec::as_slice);
        let (plans, services) = (objects(Entry::UsagePlan), objects(Entry::Service));
        let owner = list.find_owner(plans, services, &self.key_bindings, &self.bound_in_part_or_whole)?;
        match list.items {
            Items::Keys(ids) => {
                self.count(format!("{} of {owner}", api::PLAN_KEYS.name), list.total, &ids);
                let binding = |secret_id| KeyBinding { usage_plan: owner.clone(), secret_id };
                self.key_bindings.extend(ids.into_iter().map(binding));
            }
            Items::Environments(items) => {
                for item in items {
                    self.add_environment(&owner, list.total, item);
                }
            }
            Items::Domains(items) => self.add_domains(&owner, items)?,
            Items::Mappings(items) => self.mappings.entry(owner).or_default().add(items),
        }
        Ok(())
    }

    fn add_environment(&mut self, plan: &str, total: Option<i64>, item: EnvironmentItem) {
        let EnvironmentItem { service, environment, api, limit } = item;
        let kind = if api.is_some() { "API" } else { "SERVICE" };
        let list = format!("{} of {plan} (BindType {kind})", api::PLAN_ENVIRONMENTS.name);
        let api_id = api.as_ref().map_or("", |api| &api.id);
        self.count(list, total, &[format!("{service} {environment} {api_id}")]);
        let binding = EnvironmentBinding { usage_plan: plan.to_owned(), service, environment };
        if let Some(ApiItem { method, path, .. }) = api {
            self.bound_to_apis.entry(binding).or_default().insert(format!("{method} {path}"));
            return;
        }
        if let (Some(limit), Some(plan_limit)) = (limit, self.rate_of(plan))
            && limit != plan_limit
        {
            let EnvironmentBinding { service, environment, .. } = &binding;
            let reason = format!(
                "its limit in {environment} of {service} is {limit} a second and is not carried over: \
                 the plan's {plan_limit} holds"
            );
            self.notes.add(format!("usage plan {plan}"), reason);
        }
        self.bound_whole.push(binding);
    }

    /// The limit per second of a plan.
    fn rate_of(&self, plan: &str) -> Option<i64> {
        let index = self.indices.get(&(Entry::UsagePlan, plan.to_owned()))?;
        self.objects.get(&Entry::UsagePlan)?.get(*index)?.get("max_requests_per_second")?.as_i64()
    }

    fn add_domains(&mut self, service: &str, items: Vec<DomainItem>) -> Result<()> {
        let mut domains = Vec::new();
        for DomainItem { domain, has_own_paths } in items {
            self.mappings.entry(service.to_owned()).or_default().add_host(&domain, has_own_paths);
            domains.push(domain);
        }
        self.count(format!("{} of {service}", api::SERVICE_DOMAINS.name), None, &domains);
        if !self.indices.contains_key(&(Entry::Service, service.to_owned())) {
            return Err(Error::input(
                format!("service {service}"),
                "its domains are given, and no file describes it: give its DescribeService answer",
            ));
        }
        let mut object = Object::new();
        object.insert("id".to_owned(), service.into());
        object.insert("domains".to_owned(), domains.into());
        self.merge(Entry::Service, object)
    }

    fn note_apis(&mut self) {
        for (binding, apis) in &self.bound_to_apis {
            let EnvironmentBinding { usage_plan: plan, service, environment } = binding;
            let reason = format!(
                "is bound to single APIs in {environment} of {service}, which the document cannot express \
                 ({}): it is not bound there",
                sample(apis)
            );
            self.notes.add_with(format!("usage plan {plan}"), reason, Advice::BindWholeEnvironment);
            for api in apis {
                let id = format!("{plan} {service} {environment} {api}");
                self.notes.mark_left_out(Entry::EnvironmentBinding, id);
            }
        }
        for (service, apis) in &self.apis {
            for (kind, apis) in if apis.are_open() { BTreeMap::new() } else { apis.unsigned() } {
                let reason = format!(
                    "APIs that are called without a key pair are not carried over as such ({kind}: {}): here \
                     either every call of a service must be signed, or none (authentication)",
                    sample(&apis)
                );
                self.notes.add(format!("service {service}"), reason);
            }
        }
    }

    /// Opens the services none of whose calls is signed.
    fn open_services(&mut self) {
        for service in self.objects.get_mut(&Entry::Service).into_iter().flatten() {
            if self.apis.get(text(service, "id")).is_some_and(Apis::are_open) {
                service.insert("authentication".to_owned(), "none".into());
            }
        }
    }

    fn note_missing_pages(&mut self) {
        for (list, (total, seen)) in &self.totals {
            if i64::try_from(seen.len()).is_ok_and(|seen| seen < *total) {
                let reason = format!("only {} of {total} are in the files: give the other pages", seen.len());
                self.notes.add(list, reason);
            }
        }
    }
}

/// The first few items of a list.
fn sample(items: &BTreeSet<String>) -> String {
    let first: Vec<&str> = items.iter().take(5).map(String::as_str).collect();
    let more = if items.len() > first.len() { ", …" } else { "" };
    format!("{}{more}", first.join(", "))
}

/// A key with its secret; `None`, with a note, if no answer has it. The status is left out if it is the
/// default.
fn with_secret(mut key: Object, notes: &mut Notes) -> Option<Object> {
    key.retain(|member, value| member != "status" || *value == json!("disabled"));
    if key.contains_key("secret_key") {
        return Some(key);
    }
    let reason = "is left out with what it is bound to: its secret is not in the answers, or masked there";
    notes.leave_out(Entry::Key, &key, reason);
    None
}

/// A service with the domains that the filter can match; `None`, with a note, if it has none.
fn service(mut service: Object, notes: &mut Notes) -> Option<Object> {
    let label = Entry::Service.label(&service);
    if let Some(domains) = service.get_mut("domains").and_then(Value::as_array_mut) {
        domains.retain(|domain| {
            let is_domain = domain.as_str().is_some_and(is_domain);
            if !is_domain {
                notes.add(&label, format!("domain {domain} is left out: the filter cannot match it"));
            }
            is_domain
        });
    }
    if service.get("domains") == Some(&json!([])) {
        let reason = "is left out with what it is bound to: no answer names a domain of it";
        notes.leave_out(Entry::Service, &service, reason);
        return None;
    }
    if !service.contains_key("environments") {
        notes.add(label, "is published to no environment: it has release, prepub and test here");
    }
    Some(service)
}

/// A plan with its limits. The API's -1 and the document's missing member both mean that there is no limit.
fn with_limits(mut plan: Object, notes: &mut Notes) -> Object {
    let members =
        [("max_requests_per_second", api::MAX_REQUEST_NUM_PRE_SEC), ("quotas", api::MAX_REQUEST_NUM)];
    for (member, name) in members {
        if !plan.contains_key(member) {
            let reason = format!("no answer has its {name}: it has no such limit here");
            notes.add(Entry::UsagePlan.label(&plan), reason);
        }
    }
    plan.retain(|_, value| *value != json!(-1) && *value != json!([]));
    plan
}
