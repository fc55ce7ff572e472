//! What the upstream is told of the caller (SPEC section 8). A caller's own copies are removed, whatever becomes of its
//! credential.

use crate::lookup::{Key, Target, UsagePlan};

const USAGE_PLAN_ID: &str = "x-usage-plan-id";
const USAGE_PLAN_ENVIRONMENT: &str = "x-usage-plan-environment";
const SECRET_ID: &str = "x-secret-id";
const SERVICE_ID: &str = "x-service-id";
const IDENTITY: [&str; 4] = [USAGE_PLAN_ID, USAGE_PLAN_ENVIRONMENT, SECRET_ID, SERVICE_ID];

/// A known caller, and where it calls.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'p> {
    /// The plan that the call is counted on.
    pub plan: &'p UsagePlan,
    /// The caller's key.
    pub key: &'p Key,
    /// The environment that is called.
    pub target: Target<'p>,
}

// === impl Identity ===

impl<'p> Identity<'p> {
    /// The header fields that go upstream.
    pub fn fields(self) -> [(&'static str, &'p str); 4] {
        let Self { plan, key, target } = self;
        [
            (USAGE_PLAN_ID, plan.id()),
            (USAGE_PLAN_ENVIRONMENT, target.environment.name()),
            (SECRET_ID, key.secret_id()),
            (SERVICE_ID, target.service.id()),
        ]
    }

    /// Whether `name` is one of these, or what some upstreams read as one: with `_` for `-`.
    pub fn has_field(name: &[u8]) -> bool {
        let same = |(a, b): (&u8, u8)| *a == b || (*a == b'_' && b == b'-');
        let spelled =
            |field: &&'static str| field.len() == name.len() && name.iter().zip(field.bytes()).all(same);
        IDENTITY.iter().any(spelled)
    }
}
