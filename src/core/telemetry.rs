//! What the operator sees: how a request ended, and what metrics are called.

pub mod metric_names;
mod outcome;

pub use self::outcome::Outcome;
