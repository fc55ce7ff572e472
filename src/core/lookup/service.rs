//! The services and environments of a configuration, in which a request's route is found.

use super::paths::{self, Paths};
use super::table::Index;
use super::usage_plan::PlanIndex;
use crate::document::Authentication;

/// Finds a [`Service`] of a configuration.
pub type ServiceIndex = Index<Service>;

/// Finds an [`Environment`] among those of all services of a configuration.
pub type EnvironmentIndex = Index<Environment>;

/// A published service.
#[derive(Clone, Debug)]
pub struct Service {
    pub(super) id: String,
    pub(super) paths: Paths<EnvironmentIndex>,
    pub(super) authentication: Authentication,
    pub(super) required_signed_headers: Vec<String>,
    pub(super) show_usage: bool,
}

/// An environment of a service.
#[derive(Clone, Debug)]
pub struct Environment {
    pub(super) service: ServiceIndex,
    pub(super) name: String,
    /// The plans bound to the environment, in ascending order.
    pub(super) usage_plans: Vec<PlanIndex>,
}

/// The service and environment that a request calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The service that answers on the request's host.
    pub service: ServiceIndex,
    /// The environment that the request's path names.
    pub environment: EnvironmentIndex,
    /// The length in bytes of the path prefix that names the environment: 0 if it is the default, or mapped
    /// to `/`.
    pub prefix_len: usize,
}

/// Why a request has no route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoute<'r> {
    /// No service has the request's host among its domains.
    Service,
    /// The path names no environment; its first segment.
    Environment(&'r [u8]),
}

// === impl Service ===

impl Service {
    /// The service's id. It is unique among services.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the service's callers must sign.
    pub fn authentication(&self) -> Authentication {
        self.authentication
    }

    /// The headers that a credential must sign besides a date, in lower case.
    pub fn required_signed_headers(&self) -> &[String] {
        &self.required_signed_headers
    }
}

// === impl Environment ===

impl Environment {
    /// The environment's name. It is unique within its service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether any plan is bound to the environment.
    pub fn has_usage_plans(&self) -> bool {
        !self.usage_plans.is_empty()
    }
}

// === impl Route ===

impl Route {
    /// `path` without the prefix that names the environment; `None` when there is no such prefix.
    pub fn path_without_prefix(self, path: &[u8]) -> Option<Vec<u8>> {
        (self.prefix_len > 0).then(|| paths::without_prefix(path, self.prefix_len))
    }
}
