//! The operator's document, validated, indexed and immutable. Requests are looked up in it.
//!
//! [`Config::parse`] reads a [`Document`](crate::document::Document), whose objects are checked one by one,
//! then follows the references and builds the indexes. Every broken rule is reported with its path.

mod config;
mod domains;
mod fleet;
mod key;
mod keys;
mod paths;
mod read_keys;
mod resets;
mod resolve;
mod secrets;
mod service;
mod table;
mod usage_plan;

pub use self::config::Config;
pub use self::key::{Key, KeyIndex};
pub use self::resolve::{read, read_with};
pub use self::secrets::secret_of_vm;
pub use self::service::{Environment, EnvironmentIndex, NoRoute, Route, Service, ServiceIndex};
pub use self::table::{Index, Table};
pub use self::usage_plan::{PlanIndex, UsagePlan};

#[cfg(test)]
mod tests;
