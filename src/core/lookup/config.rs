//! The configuration that a valid document makes, and the look-ups in it.

use super::domains::Domains;
use super::key::{Key, KeyIndex};
use super::keys::Keys;
use super::paths::{self, Named};
use super::service::{Environment, EnvironmentIndex, NoRoute, Route, Service, ServiceIndex};
use super::table::Table;
use super::usage_plan::{PlanIndex, UsagePlan};
use crate::document::{Enforcement, Options, Validity};
use crate::path::{decoded_start, without_query};
use crate::timestamp::Timestamp;

/// A valid document with its references followed, ready for look-ups.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub(super) services: Table<Service>,
    pub(super) environments: Table<Environment>,
    pub(super) domains: Domains,
    pub(super) keys: Keys,
    /// The last time at which the previous secret of any key verifies; `None` if no key has one.
    pub(super) rotated_until: Option<Timestamp>,
    pub(super) usage_plans: Table<UsagePlan>,
    pub(super) options: Options,
    /// `options.usage_path`, in the spelling in which paths are compared.
    pub(super) usage_path: Option<Vec<u8>>,
}

// === impl Config ===

impl Config {
    /// The settings that hold for the whole document.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The service, and its environment, that a request to `authority` and `path` calls
    /// (`docs/rules.md#routing`).
    ///
    /// # Errors
    ///
    /// No service answers on the host, or the path names none of the service's environments.
    pub fn route<'r>(&self, authority: &[u8], path: &'r [u8]) -> Result<Route, NoRoute<'r>> {
        let service = self.domains.find(authority).ok_or(NoRoute::Service)?;
        match self.service(service).paths.find(path) {
            Some(Named { environment, prefix_len }) => Ok(Route { service, environment, prefix_len }),
            None => Err(NoRoute::Environment(paths::first_segment(path))),
        }
    }

    /// The path that a request to `path` goes upstream with; `None` when it stays as it is.
    pub fn upstream_path(&self, route: Route, path: &[u8]) -> Option<Vec<u8>> {
        if self.options.forward_environment_prefix { None } else { route.path_without_prefix(path) }
    }

    /// Whether the filter answers the request itself, with what is left of its caller's limits: it reads
    /// `options.usage_path` of a service that shows it (`docs/rules.md#usage`).
    #[inline]
    pub fn is_usage_request(&self, route: Route, method: &[u8], path: &[u8]) -> bool {
        self.usage_path.as_ref().is_some_and(|usage| self.is_at(usage, route, method, path))
    }

    #[cold]
    fn is_at(&self, usage: &[u8], route: Route, method: &[u8], path: &[u8]) -> bool {
        let rest = without_query(path).get(route.prefix_len..).unwrap_or_default();
        matches!(method, b"GET" | b"HEAD")
            && self.service(route.service).show_usage
            && *decoded_start(rest, usage.len().saturating_add(1)) == *usage
    }

    /// The service that answers on `authority`, and the service's domain that matches, in lower case.
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
        self.keys.table()
    }

    /// The key at `index`.
    pub fn key(&self, index: KeyIndex) -> &Key {
        self.keys.table().get(index)
    }

    /// The key with that `secret_id`.
    pub fn find_key(&self, secret_id: &[u8]) -> Option<KeyIndex> {
        self.keys.find(secret_id)
    }

    /// Whether the previous secret of any key still verifies at `now`.
    pub fn is_rotated_at(&self, now: Timestamp) -> bool {
        self.rotated_until.is_some_and(|end| Validity::at(now, None, Some(end)) == Validity::Valid)
    }

    /// Every usage plan, in the document's order.
    pub fn usage_plans(&self) -> &Table<UsagePlan> {
        &self.usage_plans
    }

    /// The usage plan at `index`.
    pub fn usage_plan(&self, index: PlanIndex) -> &UsagePlan {
        self.usage_plans.get(index)
    }

    /// The plan that `key` has in `environment`. There is at most one (`docs/rules.md#conflict`).
    pub fn find_usage_plan(&self, key: &Key, environment: &Environment) -> Option<PlanIndex> {
        let (of_key, of_environment) = (key.usage_plans.as_slice(), &environment.usage_plans[..]);
        let (few, many) = if of_key.len() < of_environment.len() {
            (of_key, of_environment)
        } else {
            (of_environment, of_key)
        };
        few.iter().copied().find(|plan| many.binary_search(plan).is_ok())
    }

    /// Whether a request over the limits of `plan` is let through and only counted: the plan observes, or the
    /// whole document does.
    pub fn observes(&self, plan: &UsagePlan) -> bool {
        [self.options.enforcement, plan.enforcement()].contains(&Enforcement::Observe)
    }
}
