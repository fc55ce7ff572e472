//! The headers that show the caller to the upstream (`docs/rules.md#identity`). Copies that a caller sends
//! are always removed, so that the upstream can trust these headers.

use crate::lookup::{Config, KeyIndex, PlanIndex, Route};

const USAGE_PLAN_ID: &str = "x-usage-plan-id";
const USAGE_PLAN_ENVIRONMENT: &str = "x-usage-plan-environment";
const SECRET_ID: &str = "x-secret-id";
const SERVICE_ID: &str = "x-service-id";
const IDENTITY: [&str; 4] = [USAGE_PLAN_ID, USAGE_PLAN_ENVIRONMENT, SECRET_ID, SERVICE_ID];

/// A known caller, and the service and environment that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The plan on which the request is counted.
    pub usage_plan: PlanIndex,
    /// The caller's key.
    pub key: KeyIndex,
    /// The service and the environment that the caller calls.
    pub route: Route,
}

// === impl Identity ===

impl Identity {
    /// The header fields that go upstream.
    pub fn fields(self, config: &Config) -> [(&'static str, &str); 4] {
        [
            (USAGE_PLAN_ID, config.usage_plan(self.usage_plan).id()),
            (USAGE_PLAN_ENVIRONMENT, config.environment(self.route.environment).name()),
            (SECRET_ID, config.key(self.key).secret_id()),
            (SERVICE_ID, config.service(self.route.service).id()),
        ]
    }

    /// Whether `name` is one of these headers, also when it is spelled with `_` instead of `-`: upstreams
    /// like CGI cannot tell the two apart.
    #[inline]
    pub fn has_field(name: &[u8]) -> bool {
        // All of them begin with x, so one comparison rules out most headers of a request.
        name.first() == Some(&b'x') && is_spelled(name)
    }
}

#[inline(never)]
fn is_spelled(name: &[u8]) -> bool {
    let same = |(a, b): (&u8, u8)| *a == b || (*a == b'_' && b == b'-');
    IDENTITY.iter().any(|field| field.len() == name.len() && name.iter().zip(field.bytes()).all(same))
}
