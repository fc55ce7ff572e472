//! The names under which Envoy's filter state has a request's verdict. Access logs read them as
//! `%FILTER_STATE(wasm.<name>)%` (`docs/rules.md#telemetry`).

/// The id of the caller's plan.
pub const USAGE_PLAN: &str = "usage_plan";

/// The word of the outcome.
pub const OUTCOME: &str = "usage_plan_outcome";

/// The id of the key that sent a request which was not allowed, or that the request claims to be of.
pub const KEY: &str = "usage_plan_key";

/// Set in place of [`KEY`], with an empty value, when no key has the id. Without it, such a refusal would
/// make one call into Envoy less than that of a disabled key, and time would tell the two apart.
pub const NO_KEY: &str = "usage_plan_no_key";

/// The secret that the caller signed with, `current` or `previous`, if its key has both.
pub const SECRET: &str = "usage_plan_secret";
