//! From the [`Document`] to the [`Config`]: references followed, what must be unique found so, indexes made.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::domains::Domains;
use super::paths::Paths;
use super::{Config, Environment, Key, Service, UsagePlan};
use crate::document::{self, Document, Errors, Path, Report, Secret, SecretSource, names};

/// Makes the configuration, or reports what stands in its way.
pub(super) fn config(
    document: &Document,
    variable: &dyn Fn(&str) -> Option<String>,
    report: Report,
) -> Result<Config, Errors> {
    let (services, domains) = services(document, &report);
    let (keys, secret_ids) = keys(document, variable, &report);
    let options = document.options.clone();
    let mut config = Config { services, domains, keys, secret_ids, usage_plans: Vec::new(), options };
    usage_plans(document, &mut config, &report);
    conflicts(&config, &report);
    report.finish()?;
    Ok(config)
}

fn services(document: &Document, report: &Report) -> (Vec<Service>, Domains) {
    let list = Path::Root.member("services");
    let mut domains = Domains::default();
    let mut ids = Unique::default();
    let mut places = 0..;
    let services = document.services.iter().enumerate().map(|(i, service)| {
        let path = list.item(i);
        ids.check(&service.id, i, |first| {
            report.add(path.member("id"), format!("is the id of services[{first}] too"));
        });
        for (j, domain) in service.domains.iter().enumerate().filter(|(_, domain)| !domain.is_empty()) {
            if let Err(taken) = domains.insert(domain, i) {
                let message = format!("\"{domain}\" is a domain of services[{taken}] already");
                report.add(path.member("domains").item(j), message);
            }
        }
        let mut names = Unique::default();
        for (j, name) in service.environments.iter().enumerate() {
            names.check(name, j, |first| {
                report.add(path.member("environments").item(j), format!("is environments[{first}] too"));
            });
        }
        let environment = |path: Path<'_>, name: &String| {
            let found = service.environments.iter().position(|environment| environment == name);
            if found.is_none() && !name.is_empty() {
                report.add(path, format!("service \"{}\" has no environment \"{name}\"", service.id));
            }
            found
        };
        let default = service.default_environment.as_ref();
        let default = default.and_then(|name| environment(path.member("default_environment"), name));
        let mut mapped = Unique::default();
        let mappings = service.path_mappings.iter().enumerate().filter_map(|(j, mapping)| {
            let list = path.member("path_mappings");
            let item = list.item(j);
            mapped.check(&mapping.path, j, |first| {
                report.add(item.member("path"), format!("is mapped by path_mappings[{first}] too"));
            });
            let environment = environment(item.member("environment"), &mapping.environment)?;
            Some((mapping.path.as_str(), environment))
        });
        let paths = if service.path_mappings.is_empty() {
            Paths::by_name(service.environments.iter().map(String::as_str), default)
        } else {
            Paths::by_mapping(mappings, default)
        };
        let environments = service
            .environments
            .iter()
            .map(|name| Environment {
                name: name.clone(),
                place: places.next().unwrap_or_default(),
                usage_plans: Vec::new(),
            })
            .collect();
        let mut required = Unique::default();
        for (j, name) in service.required_signed_headers.iter().enumerate() {
            required.check(name, j, |first| {
                let list = path.member("required_signed_headers");
                report.add(list.item(j), format!("is required_signed_headers[{first}] too"));
            });
        }
        Service {
            id: service.id.clone(),
            environments,
            paths,
            authentication: service.authentication,
            required_signed_headers: service.required_signed_headers.clone(),
        }
    });
    (services.collect(), domains)
}

fn keys(
    document: &Document,
    variable: &dyn Fn(&str) -> Option<String>,
    report: &Report,
) -> (Vec<Key>, HashMap<Vec<u8>, usize>) {
    let list = Path::Root.member("keys");
    let mut ids = Unique::default();
    let keys = document.keys.iter().enumerate().map(|(i, key)| {
        let path = list.item(i);
        ids.check(&key.secret_id, i, |first| {
            report.add(path.member("secret_id"), format!("is the secret_id of keys[{first}] too"));
        });
        if key.not_before.zip(key.not_after).is_some_and(|(from, until)| from > until) {
            report.add(path, "not_after is before not_before");
        }
        let resolve = |source: &SecretSource, member| {
            let name = match source {
                SecretSource::Document(secret) => return secret.clone(),
                SecretSource::Environment(name) => name,
            };
            let text = variable(name).filter(|text| !text.is_empty());
            match &text {
                None => {
                    let message = format!("the VM's environment has no variable \"{name}\", or an empty one");
                    report.add(path.member(member), message);
                }
                Some(text) if !names::SECRET_KEY.accepts(text) => {
                    let message = format!("the value of \"{name}\" {}", names::SECRET_KEY.text());
                    report.add(path.member(member), message);
                }
                Some(_) => {}
            }
            Secret::new(text.unwrap_or_default())
        };
        // One that could not be read was reported already.
        let secret = key.secret.as_ref().map(|source| resolve(source, "secret_key_env"));
        let previous = key
            .previous
            .as_ref()
            .map(|previous| (resolve(&previous.secret, "previous_secret_key_env"), previous.not_after));
        Key {
            name: key.name.clone(),
            secret_id: key.secret_id.clone(),
            secret: secret.unwrap_or_else(|| Secret::new("")),
            previous,
            not_before: key.not_before,
            not_after: key.not_after,
            status: key.status,
            usage_plans: Vec::new(),
        }
    });
    let keys = keys.collect();
    (keys, ids.0.into_iter().map(|(id, i)| (id.as_bytes().to_vec(), i)).collect())
}

fn usage_plans(document: &Document, config: &mut Config, report: &Report) {
    let list = Path::Root.member("usage_plans");
    let services: HashMap<String, usize> =
        config.services.iter().enumerate().map(|(i, service)| (service.id.clone(), i)).collect();
    let mut ids = Unique::default();
    for (i, plan) in document.usage_plans.iter().enumerate() {
        let path = list.item(i);
        ids.check(&plan.id, i, |first| {
            report.add(path.member("id"), format!("is the id of usage_plans[{first}] too"));
        });
        limits(plan, path, report);
        let mut bound = Unique::default();
        for (j, secret_id) in plan.keys.iter().enumerate().filter(|(_, id)| !id.is_empty()) {
            let place = path.member("keys");
            let place = place.item(j);
            bound.check(secret_id, j, |first| report.add(place, format!("is keys[{first}] too")));
            match config.secret_ids.get(secret_id.as_bytes()).and_then(|key| config.keys.get_mut(*key)) {
                Some(key) if key.usage_plans.last() != Some(&i) => key.usage_plans.push(i),
                Some(_) => {}
                None => report.add(place, format!("no key has secret_id \"{secret_id}\"")),
            }
        }
        for (j, bound) in plan.environments.iter().enumerate().filter(|(_, b)| !b.service.is_empty()) {
            let place = path.member("environments");
            let place = place.item(j);
            let Some(service) = services.get(&bound.service).and_then(|i| config.services.get_mut(*i)) else {
                report.add(place.member("service"), format!("no service has id \"{}\"", bound.service));
                continue;
            };
            let name = &bound.environment;
            match service.environments.iter_mut().find(|environment| environment.name == *name) {
                Some(environment) if environment.usage_plans.last() != Some(&i) => {
                    environment.usage_plans.push(i);
                }
                Some(_) => report.add(place, "binds the same environment again"),
                None if name.is_empty() => {}
                None => {
                    let message = format!("service \"{}\" has no environment \"{name}\"", bound.service);
                    report.add(place.member("environment"), message);
                }
            }
        }
    }
    config.usage_plans = document.usage_plans.iter().map(UsagePlan::new).collect();
}

/// What the limits of a plan must be together.
fn limits(plan: &document::UsagePlan, path: Path<'_>, report: &Report) {
    if plan.burst.is_some() && plan.max_requests_per_second.is_none() {
        report.add(
            path.member("burst"),
            "needs max_requests_per_second: the rate at which the bucket is refilled",
        );
    }
    quotas(&plan.quotas, path, report);
    let list = path.member("apis");
    for (j, api) in plan.apis.iter().enumerate() {
        let same = |other: &&document::Api| (&other.methods, &other.path) == (&api.methods, &api.path);
        if plan.apis.iter().take(j).any(|other| same(&other)) {
            report.add(list.item(j), "has the methods and the path of an API before it");
        }
        quotas(&api.quotas, list.item(j), report);
    }
}

/// Two quotas that renew together would be one.
fn quotas(quotas: &[document::Quota], parent: Path<'_>, report: &Report) {
    let list = parent.member("quotas");
    let renewal = |quota: &document::Quota| (quota.period, quota.utc_offset);
    for (j, quota) in quotas.iter().enumerate() {
        if quotas.iter().take(j).any(|other| renewal(other) == renewal(quota)) {
            report.add(list.item(j), "has the period and the offset of a quota before it");
        }
    }
}

/// The conflict rule: in one environment of one service, a key has at most one plan (SPEC section 2).
fn conflicts(config: &Config, report: &Report) {
    let mut environments: Vec<Vec<(&Service, &Environment)>> = vec![Vec::new(); config.usage_plans.len()];
    for service in &config.services {
        for environment in &service.environments {
            for plan in &environment.usage_plans {
                if let Some(bound) = environments.get_mut(*plan) {
                    bound.push((service, environment));
                }
            }
        }
    }
    let id = |plan: usize| config.usage_plans.get(plan).map_or("", |plan| plan.id());
    for key in config.keys.iter().filter(|key| key.usage_plans.len() > 1) {
        let mut taken = HashMap::new();
        for plan in &key.usage_plans {
            for (service, environment) in environments.get(*plan).into_iter().flatten() {
                let Some(first) = taken.insert((&service.id, &environment.name), *plan) else { continue };
                let list = Path::Root.member("usage_plans");
                let message = format!(
                    "key \"{}\" ({}) would have two plans in environment \"{}\" of service \"{}\": \"{}\" and \"{}\"",
                    key.name,
                    key.secret_id,
                    environment.name,
                    service.id,
                    id(first),
                    id(*plan)
                );
                report.add(list.item(*plan), message);
            }
        }
    }
}

/// Finds names that are there twice.
#[derive(Default)]
struct Unique<'a>(HashMap<&'a str, usize>);

// === impl Unique ===

impl<'a> Unique<'a> {
    /// Calls `report` with the place of the first `name` when this is not the first. A name that could not be read
    /// is empty and was reported already.
    fn check(&mut self, name: &'a str, index: usize, report: impl FnOnce(usize)) {
        match self.0.entry(name) {
            Entry::Occupied(first) if !name.is_empty() => report(*first.get()),
            Entry::Occupied(_) => {}
            Entry::Vacant(entry) => {
                entry.insert(index);
            }
        }
    }
}
