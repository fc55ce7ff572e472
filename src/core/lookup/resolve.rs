//! Makes the [`Config`] from the [`Document`]: follows the references, and checks that ids, names and
//! bindings are unique.

use hashbrown::HashMap;

use super::config::Config;
use super::fleet;
use super::key::{Key, Plans};
use super::paths::Paths;
use super::read_keys::ReadKeys;
use super::resets;
use super::secrets::{Secrets, secret_of_vm};
use super::service::{Environment, EnvironmentIndex, Service, ServiceIndex};
use super::table::Table;
use super::usage_plan::{PlanIndex, UsagePlan};
use crate::document::{self, Document, Errors, Path, Report, SecretSource, repeated, rules};
use crate::path::decoded;
use crate::sentence::Sentence;

/// Like [`Config::parse`]; returns the document as well.
///
/// # Errors
///
/// Every rule that the document breaks, each with its path.
pub fn read(text: &[u8], variable: &dyn Fn(&str) -> Option<String>) -> Result<(Document, Config), Errors> {
    read_with(text, &|source| secret_of_vm(source, variable))
}

/// Like [`read`], where secrets come from elsewhere: `secret` looks up each secret that the document does not
/// have itself, and says why there is none.
///
/// # Errors
///
/// Every rule that the document breaks, each with its path.
pub fn read_with(
    text: &[u8],
    secret: &dyn Fn(&SecretSource) -> Result<String, Sentence>,
) -> Result<(Document, Config), Errors> {
    let mut keys = Vec::new();
    let (document, config) = read_keeping(text, secret, &mut |key| keys.push(key.clone()))?;
    Ok((Document { keys, ..document }, config))
}

// === impl Config ===

impl Config {
    /// Reads and validates a document. `variable` looks up the filter's environment, for `secret_key_env`.
    ///
    /// # Errors
    ///
    /// Every rule that the document breaks, each with its path.
    pub fn parse(text: &[u8], variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Errors> {
        read_keeping(text, &|source| secret_of_vm(source, variable), &mut |_| {}).map(|(_, config)| config)
    }
}

/// Reads and validates a document, whose keys are not in the result: `keep` sees each as it is read.
fn read_keeping(
    text: &[u8],
    secrets: Secrets<'_>,
    keep: &mut dyn FnMut(&document::Key),
) -> Result<(Document, Config), Errors> {
    let (report, mut keys) = (Report::default(), ReadKeys::new(secrets));
    let document = Document::read(text, &report, &mut |key| {
        keep(&key);
        keys.add(key);
    })?;
    let config = config(&document, keys, report)?;
    Ok((document, config))
}

/// Makes the configuration.
///
/// # Errors
///
/// Every rule that the document breaks, those already in `report` included.
fn config(document: &Document, keys: ReadKeys<'_>, report: Report) -> Result<Config, Errors> {
    let options = document.options.clone();
    let usage_path = options.usage_path.as_ref().map(|path| decoded(path.as_bytes()).into_owned());
    let mut config = Config { options, usage_path, ..Config::default() };
    let services = services(&document.services, &mut config, &report);
    let names = keys.finish(&mut config, &report);
    usage_plans(&document.usage_plans, &services, &mut config, &report);
    conflicts(&config, &names, &report);
    report.finish()?;
    Ok(config)
}

/// The environments of the services that were read, which plans are bound to.
struct Services<'d> {
    /// The position of the service with an id.
    positions: HashMap<&'d [u8], usize>,
    /// The environments of each service, by name. A service has few.
    environments: Vec<Vec<(&'d str, EnvironmentIndex)>>,
}

// === impl Services ===

impl<'d> Services<'d> {
    /// The environments of the service with that id.
    fn get(&self, id: &str) -> Option<&[(&'d str, EnvironmentIndex)]> {
        let position = self.positions.get(id.as_bytes())?;
        self.environments.get(*position).map(Vec::as_slice)
    }
}

fn services<'d>(services: &'d [document::Service], config: &mut Config, report: &Report) -> Services<'d> {
    let list = Path::Root.member("services");
    let positions = repeated(&mut services.iter().map(|service| service.id.as_bytes()), &mut |i, first| {
        report.add(list.item(i).member("id"), rules::ID_TOO.put("services").put(first));
    });
    let mut by_service = Vec::with_capacity(services.len());
    for (i, service) in services.iter().enumerate() {
        let path = list.item(i);
        let environments = environments(service, config);
        let find = |path: Path<'_>, name: &str| {
            let found = environments.iter().find(|(environment, _)| *environment == name);
            if found.is_none() && !name.is_empty() {
                report.add(path, rules::NO_ENVIRONMENT.put(service.id.as_str()).put(name));
            }
            found.map(|(_, index)| *index)
        };
        let index = config.services.push(Service {
            id: service.id.clone(),
            paths: paths(service, path, &environments, find),
            authentication: service.authentication,
            required_signed_headers: service.required_signed_headers.clone(),
            show_usage: service.show_usage,
        });
        for (j, domain) in service.domains.iter().enumerate().filter(|(_, domain)| !domain.is_empty()) {
            if let Err(taken) = config.domains.insert(domain, index) {
                let rule = rules::DOMAIN_TOO.put(domain.as_str()).put(taken.position());
                report.add(path.member("domains").item(j), rule);
            }
        }
        by_service.push(environments);
    }
    Services { positions, environments: by_service }
}

/// Adds the environments of the service that is added next. Returns their names and indices.
fn environments<'d>(service: &'d document::Service, config: &mut Config) -> Vec<(&'d str, EnvironmentIndex)> {
    let index: ServiceIndex = config.services.next_index();
    let mut add = |name: &'d String| {
        let environment = Environment { service: index, name: name.clone(), usage_plans: Vec::new() };
        (name.as_str(), config.environments.push(environment))
    };
    service.environments.iter().map(&mut add).collect()
}

/// The prefixes that name the service's environments. `find` looks up an environment, and reports one that
/// does not exist.
fn paths(
    service: &document::Service,
    path: Path<'_>,
    environments: &[(&str, EnvironmentIndex)],
    find: impl Fn(Path<'_>, &str) -> Option<EnvironmentIndex>,
) -> Paths<EnvironmentIndex> {
    let default = service.default_environment.as_deref();
    let default = default.and_then(|name| find(path.member("default_environment"), name));
    if service.path_mappings.is_empty() {
        return Paths::by_name(environments.iter().copied(), default);
    }
    let list = path.member("path_mappings");
    let mappings = service.path_mappings.iter().enumerate().filter_map(|(i, mapping)| {
        let environment = find(list.item(i).member("environment"), &mapping.environment)?;
        Some((mapping.path.as_str(), environment))
    });
    Paths::by_mapping(mappings, default)
}

fn usage_plans(plans: &[document::UsagePlan], services: &Services<'_>, config: &mut Config, report: &Report) {
    let list = Path::Root.member("usage_plans");
    repeated(&mut plans.iter().map(|plan| plan.id.as_bytes()), &mut |i, first| {
        report.add(list.item(i).member("id"), rules::ID_TOO.put("usage_plans").put(first));
    });
    for (i, plan) in plans.iter().enumerate() {
        let index = config.usage_plans.push(UsagePlan::new(plan));
        let path = list.item(i);
        bind_keys(plan, index, path, config, report);
        resets::check(plan, path, report);
        if let Some(fleet) = &config.options.fleet {
            fleet::check(plan, fleet, path, report);
        }
        let list = path.member("environments");
        for (j, bound) in plan.environments.iter().enumerate().filter(|(_, bound)| !bound.service.is_empty())
        {
            let path = list.item(j);
            let Some(environments) = services.get(&bound.service) else {
                report.add(path.member("service"), rules::NO_SERVICE.put(bound.service.as_str()));
                continue;
            };
            let name = &bound.environment;
            match environments.iter().find(|(environment, _)| environment == name) {
                Some((_, environment)) => {
                    let environment = config.environments.get_mut(*environment);
                    if environment.usage_plans.last() == Some(&index) {
                        report.add(path, rules::BOUND_AGAIN);
                    } else {
                        environment.usage_plans.push(index);
                    }
                }
                None if name.is_empty() => {}
                None => {
                    let rule = rules::NO_ENVIRONMENT.put(bound.service.as_str()).put(name.as_str());
                    report.add(path.member("environment"), rule);
                }
            }
        }
    }
}

/// Binds the plan's keys to the plan at `index`.
fn bind_keys(
    plan: &document::UsagePlan,
    index: PlanIndex,
    path: Path<'_>,
    config: &mut Config,
    report: &Report,
) {
    let list = path.member("keys");
    repeated(&mut plan.keys.iter().map(String::as_bytes), &mut |i, first| {
        report.add(list.item(i), rules::ITEM_TOO.put("keys").put(first));
    });
    for (i, secret_id) in plan.keys.iter().enumerate().filter(|(_, id)| !id.is_empty()) {
        let Some(key) = config.keys.find(secret_id.as_bytes()) else {
            report.add(list.item(i), rules::NO_KEY.put(secret_id.as_str()));
            continue;
        };
        config.keys.get_mut(key).usage_plans.add(index);
    }
}

/// The conflict rule: a key has at most one plan in an environment of a service (`docs/rules.md#conflict`).
/// `names` are those of the keys.
fn conflicts(config: &Config, names: &Table<Key, Box<str>>, report: &Report) {
    let mut bound: Table<UsagePlan, Vec<EnvironmentIndex>> = config.usage_plans.map(|_| Vec::new());
    for (index, environment) in config.environments.enumerate() {
        for plan in &environment.usage_plans {
            bound.get_mut(*plan).push(index);
        }
    }
    let list = Path::Root.member("usage_plans");
    for (key_index, key) in config.keys().enumerate() {
        let Plans::Several(plans) = &key.usage_plans else { continue };
        for (i, plan) in plans.iter().enumerate() {
            for index in bound.get(*plan) {
                let environment = config.environment(*index);
                let is_bound = |other: &&PlanIndex| environment.usage_plans.binary_search(other).is_ok();
                let Some(first) = plans.iter().take(i).rev().find(is_bound) else { continue };
                let rule = rules::CONFLICT
                    .put(names.get(key_index).as_ref())
                    .put(key.secret_id.as_ref())
                    .put(environment.name.as_str())
                    .put(config.service(environment.service).id.as_str())
                    .put(config.usage_plan(*first).id())
                    .put(config.usage_plan(*plan).id());
                report.add(list.item(plan.position()), rule);
            }
        }
    }
}
