//! A valid document, ready to be looked up in.

use hashbrown::HashMap;

use super::domains::Domains;
use super::key::{Key, KeyIndex};
use super::paths::{self, Named};
use super::service::{Environment, EnvironmentIndex, NoRoute, Route, Service, ServiceIndex};
use super::table::Table;
use super::usage_plan::{PlanIndex, UsagePlan};
use crate::document::{Enforcement, Options};

/// A valid document, ready to be looked up in.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub(super) services: Table<Service>,
    pub(super) environments: Table<Environment>,
    pub(super) domains: Domains,
    pub(super) keys: Table<Key>,
    pub(super) secret_ids: HashMap<Vec<u8>, KeyIndex>,
    pub(super) usage_plans: Table<UsagePlan>,
    pub(super) options: Options,
}

// === impl Config ===

impl Config {
    /// The settings that hold for the whole document.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The service and the environment of it that a request to `authority` and `path` calls
    /// (`docs/rules.md#routing`).
    ///
    /// # Errors
    ///
    /// Which of the two does not exist.
    pub fn route<'r>(&self, authority: &[u8], path: &'r [u8]) -> Result<Route, NoRoute<'r>> {
        let service = self.domains.find(authority).ok_or(NoRoute::Service)?;
        match self.service(service).paths.find(path) {
            Some(Named { environment, prefix_len }) => Ok(Route { service, environment, prefix_len }),
            None => Err(NoRoute::Environment(paths::first_segment(path))),
        }
    }

    /// The path that a request to `path` goes upstream with, if it is not `path`.
    pub fn upstream_path(&self, route: Route, path: &[u8]) -> Option<Vec<u8>> {
        if self.options.forward_environment_prefix { None } else { route.path_without_prefix(path) }
    }

    /// The service that answers on `authority`, and the domain of it that matches, in lower case.
    pub fn service_on(&self, authority: &[u8]) -> Option<(&Service, String)> {
        Some((self.service(self.domains.find(authority)?), self.domains.matching(authority)?))
    }

    /// The service at `index`.
    pub fn service(&self, index: ServiceIndex) -> &Service {
        self.services.get(index)
    }

    /// The environment at `index`.
    pub fn environment(&self, index: EnvironmentIndex) -> &Environment {
        self.environments.get(index)
    }

    /// Every key, in the document's order.
    pub fn keys(&self) -> &Table<Key> {
        &self.keys
    }

    /// The key at `index`.
    pub fn key(&self, index: KeyIndex) -> &Key {
        self.keys.get(index)
    }

    /// The key with that `secret_id`.
    pub fn find_key(&self, secret_id: &[u8]) -> Option<KeyIndex> {
        self.secret_ids.get(secret_id).copied()
    }

    /// Every usage plan, in the document's order.
    pub fn usage_plans(&self) -> &Table<UsagePlan> {
        &self.usage_plans
    }

    /// The usage plan at `index`.
    pub fn usage_plan(&self, index: PlanIndex) -> &UsagePlan {
        self.usage_plans.get(index)
    }

    /// The one plan that `key` has in `environment` (`docs/rules.md#conflict`).
    pub fn find_usage_plan(&self, key: &Key, environment: &Environment) -> Option<PlanIndex> {
        let (few, many) = if key.usage_plans.len() < environment.usage_plans.len() {
            (&key.usage_plans, &environment.usage_plans)
        } else {
            (&environment.usage_plans, &key.usage_plans)
        };
        few.iter().copied().find(|plan| many.binary_search(plan).is_ok())
    }

    /// Whether a request over the limits of `plan` is let through, and only counted.
    pub fn observes(&self, plan: &UsagePlan) -> bool {
        [self.options.enforcement, plan.enforcement()].contains(&Enforcement::Observe)
    }
}
