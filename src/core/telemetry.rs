//! What the operator sees: the outcome of a request, and the names of metrics and filter state
//! (`docs/rules.md#telemetry`).

pub mod filter_state;
pub mod metric_names;
mod outcome;

pub use self::outcome::Outcome;
