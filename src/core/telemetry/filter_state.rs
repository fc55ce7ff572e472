//! The names under which a request's verdict stands in Envoy's filter state, for access logs:
//! `%FILTER_STATE(wasm.<name>)%` (`docs/rules.md#telemetry`).

/// The id of the caller's plan.
pub const USAGE_PLAN: &str = "usage_plan";

/// The word of the outcome.
pub const OUTCOME: &str = "usage_plan_outcome";

/// Which secret of a key that is being rotated the caller signed with.
pub const SECRET: &str = "usage_plan_secret";
