//! What happens to a request: its service, environment, caller and plan, and whether the plan admits it.

mod counters;
pub mod decision;
mod policy;

pub use self::policy::{Action, Forward, Policy, Verdict};
