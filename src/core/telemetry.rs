//! What the operator sees: how a request ended, and what metrics and filter state are called.

pub mod filter_state;
pub mod metric_names;
mod outcome;

pub use self::outcome::Outcome;
