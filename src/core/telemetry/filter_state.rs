//! The names under which Envoy's filter state has a request's verdict. Access logs read them as
//! `%FILTER_STATE(wasm.<name>)%` (`docs/rules.md#telemetry`).

/// The id of the caller's plan.
pub const USAGE_PLAN: &str = "usage_plan";

/// The word of the outcome.
pub const OUTCOME: &str = "usage_plan_outcome";

/// The secret that the caller signed with, `current` or `previous`, if its key has both.
pub const SECRET: &str = "usage_plan_secret";
