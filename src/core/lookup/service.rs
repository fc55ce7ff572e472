//! Services and their environments, as a request is looked up in them.

use super::paths::{self, Paths};
use super::table::Index;
use super::usage_plan::PlanIndex;
use crate::document::Authentication;

/// Finds a [`Service`] of a configuration.
pub type ServiceIndex = Index<Service>;

/// Finds an [`Environment`] among those of all services of a configuration.
pub type EnvironmentIndex = Index<Environment>;

/// A published API.
#[derive(Clone, Debug)]
pub struct Service {
    pub(super) id: String,
    pub(super) paths: Paths<EnvironmentIndex>,
    pub(super) authentication: Authentication,
    pub(super) required_signed_headers: Vec<String>,
}

/// An environment of a service.
#[derive(Clone, Debug)]
pub struct Environment {
    pub(super) service: ServiceIndex,
    pub(super) name: String,
    /// Ascending.
    pub(super) usage_plans: Vec<PlanIndex>,
}

/// The service and environment that a request calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The service that answers on the request's host.
    pub service: ServiceIndex,
    /// The environment that the request's path names.
    pub environment: EnvironmentIndex,
    /// How many bytes of the path name the environment: none where it is the default, or the path `/` is
    /// mapped to it.
    pub prefix_len: usize,
}

/// Why a request has no route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoute<'r> {
    /// No service has the request's host among its domains.
    Service,
    /// The path names no environment; the segment that should have.
    Environment(&'r [u8]),
}

// === impl Service ===

impl Service {
    /// Unique among services.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether its callers must sign.
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
    /// Unique within its service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether any plan is bound to it.
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
