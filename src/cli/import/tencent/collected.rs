//! Everything that the answers say, in the document's terms.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use super::owner::{List, Unowned};
use crate::draft::text;
use crate::error::{Error, Result};
use crate::import::members::Members;
use crate::import::proposal::{EnvironmentBinding, KeyBinding, Notes, Object, Part, Proposal};
use usage_plan_core::lookup::domains::Domains;

/// Everything that the answers say. Objects have what was not null.
#[derive(Default)]
pub(super) struct Collected {
    objects: HashMap<Part, Vec<Object>>,
    places: HashMap<(Part, String), usize>,
    pub(super) key_bindings: Vec<KeyBinding>,
    /// Plans bound to an environment as a whole.
    pub(super) bound: Vec<EnvironmentBinding>,
    /// Plans bound to an environment, or to APIs in it: DescribeUsagePlan does not say which.
    pub(super) bound_somehow: Vec<EnvironmentBinding>,
    pub(super) unowned: Vec<Unowned>,
    /// By service and how they are called.
    pub(super) unsigned_apis: BTreeMap<(String, String), BTreeSet<String>>,
    /// By list: how many there are, and which were in the answers.
    totals: BTreeMap<String, (i64, HashSet<String>)>,
    pub(super) notes: Notes,
}

/// Of DescribeUsagePlanEnvironments.
pub(super) struct EnvironmentItem {
    pub(super) service: String,
    pub(super) environment: String,
    pub(super) api: Option<ApiLevel>,
    pub(super) limit: Option<i64>,
}

/// An API that a plan is bound to.
pub(super) struct ApiLevel {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
}

// === impl Collected ===

impl Collected {
    /// Adds what an answer says of an object to what others said; they must agree.
    pub(super) fn merge(&mut self, part: Part, object: Object) -> Result<()> {
        let list = self.objects.entry(part).or_default();
        let place = *self.places.entry((part, text(&object, part.id()).to_owned())).or_insert(list.len());
        let Some(there) = list.get_mut(place) else {
            list.push(object);
            return Ok(());
        };
        for (member, value) in object {
            match (there.get_mut(&member), value) {
                (Some(Value::Array(there)), Value::Array(more)) if member == "domains" => {
                    let more: Vec<Value> = more.into_iter().filter(|item| !there.contains(item)).collect();
                    there.extend(more);
                }
                (Some(said), value) if *said == value => {}
                (Some(_), _) => {
                    let named = part.named(there);
                    return Err(Error::refused(format!("{named}: two answers differ in its {member}")));
                }
                (None, value) => drop(there.insert(member, value)),
            }
        }
        Ok(())
    }

    /// Remembers how many there are of what a page has a part of.
    pub(super) fn total(&mut self, list: &str, page: &Members<'_>, ids: &[String]) -> Result<()> {
        let total = page.number("TotalCount")?;
        self.count(list.to_owned(), total, ids);
        Ok(())
    }

    fn count(&mut self, list: String, total: Option<i64>, ids: &[String]) {
        let (most, seen) = self.totals.entry(list).or_default();
        *most = (*most).max(total.unwrap_or_default());
        seen.extend(ids.iter().cloned());
    }

    pub(super) fn into_proposal(mut self) -> Result<Proposal> {
        let mut api_level = BTreeMap::new();
        for unowned in std::mem::take(&mut self.unowned) {
            self.assign(unowned, &mut api_level)?;
        }
        self.tell_of_apis(&api_level);
        let whole: HashSet<EnvironmentBinding> = self.bound.iter().cloned().collect();
        let somehow = std::mem::take(&mut self.bound_somehow).into_iter();
        let somehow = somehow.filter(|bound| whole.contains(bound) || !api_level.contains_key(&key(bound)));
        let environment_bindings = self.bound.drain(..).chain(somehow).collect();
        self.tell_of_missing_pages();
        let mut take = |part| self.objects.remove(&part).unwrap_or_default();
        let [services, keys, plans] = [Part::Service, Part::Key, Part::UsagePlan].map(&mut take);
        let mut proposal = Proposal {
            key_bindings: self.key_bindings,
            environment_bindings,
            notes: self.notes,
            ..Proposal::default()
        };
        proposal.services = services.into_iter().filter_map(|o| service(o, &mut proposal.notes)).collect();
        proposal.keys = keys.into_iter().filter_map(|o| with_secret(o, &mut proposal.notes)).collect();
        proposal.usage_plans = plans.into_iter().map(|o| with_limits(o, &mut proposal.notes)).collect();
        Ok(proposal)
    }

    /// Gives a list to the plan or service that it is of.
    fn assign(&mut self, unowned: Unowned, api_level: &mut ApiLevelBindings) -> Result<()> {
        let of = |part| self.objects.get(&part).map_or(&[][..], Vec::as_slice);
        let is_empty = match &unowned.list {
            List::Keys(list) => list.is_empty(),
            List::Environments(list) => list.is_empty(),
            List::Domains(list) => list.is_empty(),
        };
        if is_empty {
            return Ok(());
        }
        let (plans, services) = (of(Part::UsagePlan), of(Part::Service));
        let owner = unowned.owner(plans, services, &self.key_bindings, &self.bound_somehow)?;
        match unowned.list {
            List::Keys(ids) => {
                let list = format!("DescribeUsagePlanSecretIds of {owner}");
                self.count(list, unowned.total, &ids);
                let binding = |secret_id| KeyBinding { usage_plan: owner.clone(), secret_id };
                self.key_bindings.extend(ids.into_iter().map(binding));
            }
            List::Environments(items) => {
                for item in items {
                    let kind = if item.api.is_some() { "API" } else { "SERVICE" };
                    let list = format!("DescribeUsagePlanEnvironments of {owner} (BindType {kind})");
                    let api = item.api.as_ref().map_or("", |api| &api.id);
                    let id = format!("{} {} {api}", item.service, item.environment);
                    self.count(list, unowned.total, &[id]);
                    self.environment(&owner, item, api_level);
                }
            }
            List::Domains(domains) => self.domains(&owner, domains)?,
        }
        Ok(())
    }

    fn environment(&mut self, plan: &str, item: EnvironmentItem, api_level: &mut ApiLevelBindings) {
        let EnvironmentItem { service, environment, api, limit } = item;
        let bound = EnvironmentBinding { usage_plan: plan.to_owned(), service, environment };
        if let Some(ApiLevel { method, path, .. }) = api {
            api_level.entry(key(&bound)).or_default().insert(format!("{method} {path}"));
            return;
        }
        let plans = self.objects.get(&Part::UsagePlan).into_iter().flatten();
        let plan_limit = plans.filter(|object| text(object, "id") == plan);
        let plan_limit = plan_limit.filter_map(|plan| plan.get("max_requests_per_second")?.as_i64()).next();
        if let (Some(limit), Some(plan_limit)) = (limit, plan_limit)
            && limit != plan_limit
        {
            let EnvironmentBinding { service, environment, .. } = &bound;
            let reason = format!(
                "its limit in {environment} of {service} is {limit} a second and is not carried over: \
                 the plan's {plan_limit} holds"
            );
            self.notes.add(format!("usage plan {plan}"), reason);
        }
        self.bound.push(bound);
    }

    fn domains(&mut self, service: &str, domains: Vec<(String, bool)>) -> Result<()> {
        let mut names = Vec::new();
        for (domain, has_own_paths) in domains {
            if has_own_paths {
                let reason = format!(
                    "{domain} has path mappings of its own, which are not carried over: its paths are read as \
                     those of the other domains (path_mappings, for all of them)"
                );
                self.notes.add(format!("service {service}"), reason);
            }
            names.push(domain);
        }
        self.count(format!("DescribeServiceSubDomains of {service}"), None, &names);
        if !self.places.contains_key(&(Part::Service, service.to_owned())) {
            return Err(Error::refused(format!(
                "service {service}: its domains are given, and no file describes it: give its DescribeService answer"
            )));
        }
        let mut object = Object::new();
        object.insert("id".to_owned(), service.into());
        object.insert("domains".to_owned(), names.into());
        self.merge(Part::Service, object)
    }

    fn tell_of_apis(&mut self, api_level: &ApiLevelBindings) {
        for ((plan, service, environment), apis) in api_level {
            let reason = format!(
                "is bound to single APIs in {environment} of {service}, which the document cannot say ({}): it is not \
                 bound there; to let its keys call all of the environment, `usage-plan plan bind-environment`",
                sample(apis)
            );
            self.notes.add(format!("usage plan {plan}"), reason);
            for api in apis {
                let id = format!("{plan} {service} {environment} {api}");
                self.notes.leave_binding_out(Part::EnvironmentBinding, id);
            }
        }
        for ((service, kind), apis) in &self.unsigned_apis {
            let reason = format!(
                "APIs that are not called with a key pair are not carried over as such ({kind}: {}): here every call of \
                 a service is signed, or none need be (authentication)",
                sample(apis)
            );
            self.notes.add(format!("service {service}"), reason);
        }
    }

    fn tell_of_missing_pages(&mut self) {
        for (list, (total, seen)) in &self.totals {
            if i64::try_from(seen.len()).is_ok_and(|seen| seen < *total) {
                let reason = format!("only {} of {total} are in the files: give the other pages", seen.len());
                self.notes.add(list, reason);
            }
        }
    }
}

/// By plan, service and environment: the APIs that the plan is bound to.
type ApiLevelBindings = BTreeMap<(String, String, String), BTreeSet<String>>;

fn key(bound: &EnvironmentBinding) -> (String, String, String) {
    let EnvironmentBinding { usage_plan, service, environment } = bound.clone();
    (usage_plan, service, environment)
}

/// The first few of a list.
fn sample(items: &BTreeSet<String>) -> String {
    let first: Vec<&str> = items.iter().take(5).map(String::as_str).collect();
    let more = if items.len() > first.len() { ", …" } else { "" };
    format!("{}{more}", first.join(", "))
}

/// A key whose secret is in the answers. Enabled is what a key is that does not say.
fn with_secret(mut key: Object, notes: &mut Notes) -> Option<Object> {
    key.retain(|member, value| member != "status" || *value == json!("disabled"));
    if key.contains_key("secret_key") {
        return Some(key);
    }
    let reason = "is left out with what it is bound to: its secret is not in the answers, or masked there";
    notes.leave_out(Part::Key, &key, reason);
    None
}

/// A service with domains that can be matched.
fn service(mut service: Object, notes: &mut Notes) -> Option<Object> {
    let named = Part::Service.named(&service);
    if let Some(domains) = service.get_mut("domains").and_then(Value::as_array_mut) {
        domains.retain(|domain| {
            let is_domain = domain.as_str().is_some_and(Domains::is_domain);
            if !is_domain {
                notes.add(&named, format!("domain {domain} is left out: it is none that can be matched"));
            }
            is_domain
        });
    }
    if service.get("domains") == Some(&json!([])) {
        let reason = "is left out with what it is bound to: no answer names a domain of it";
        notes.leave_out(Part::Service, &service, reason);
        return None;
    }
    if !service.contains_key("environments") {
        notes.add(named, "is published to no environment: it has release, prepub and test here");
    }
    Some(service)
}

/// A plan with the limits that the answers give it. No limit is what the document has for -1.
fn with_limits(mut plan: Object, notes: &mut Notes) -> Object {
    let known = [("max_requests_per_second", "MaxRequestNumPreSec"), ("quotas", "MaxRequestNum")];
    for (member, name) in known {
        if !plan.contains_key(member) {
            let reason = format!("no answer has its {name}: it has no such limit here");
            notes.add(Part::UsagePlan.named(&plan), reason);
        }
    }
    plan.retain(|_, value| *value != json!(-1) && *value != json!([]));
    plan
}
