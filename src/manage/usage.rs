//! How many calls each plan and each key made, from the filter's counters in Envoy.

mod counts;
mod fleet_counts;
mod outcomes;

pub use self::counts::{Counts, KeyCounts, PlanCounts, QuotaWarning, SecretCounts};
pub use self::fleet_counts::FleetCounts;
pub use self::outcomes::Outcomes;
