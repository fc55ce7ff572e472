//! The operator's document, validated, indexed and immutable: what a request is looked up in.
//!
//! [`Config::parse`] reads text into a [`Document`](crate::document::Document), in which each object keeps
//! its own rules, then follows its references and builds the indexes. Every broken rule is reported, with its
//! place.

mod config;
mod domains;
mod key;
mod paths;
mod resolve;
mod service;
mod table;
mod usage_plan;

pub use self::config::Config;
pub use self::key::{Key, KeyIndex};
pub use self::resolve::read;
pub use self::service::{Environment, EnvironmentIndex, NoRoute, Route, Service, ServiceIndex};
pub use self::table::{Index, Table};
pub use self::usage_plan::{PlanIndex, UsagePlan};

#[cfg(test)]
mod tests;
