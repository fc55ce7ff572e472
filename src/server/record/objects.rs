//! What is recorded of each object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is recorded of each object, by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    pub(crate) keys: BTreeMap<String, KeyRecord>,
    pub(crate) usage_plans: BTreeMap<String, PlanRecord>,
    pub(crate) services: BTreeMap<String, ServiceRecord>,
}

/// When an object was created and last changed, in the form of RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) created: String,
    pub(crate) modified: String,
    /// By which a change of the object is noticed.
    pub(super) digest: String,
}

/// A label of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// What is recorded of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    #[serde(flatten)]
    pub(crate) times: Times,
    /// Whether its secret was given, and not drawn here.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) is_manual: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) tags: Vec<Tag>,
}

/// What is recorded of a usage plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanRecord {
    #[serde(flatten)]
    pub(crate) times: Times,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) tags: Vec<Tag>,
}

/// What is recorded of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceRecord {
    #[serde(flatten)]
    pub(crate) times: Times,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) description: String,
    /// Empty if nobody said it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) protocol: String,
    /// Empty if nobody said it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) net_types: Vec<String>,
    /// The limit per second that somebody set for an environment. No Envoy holds callers to it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) strategies: BTreeMap<String, i64>,
    /// What was published to the environments, the oldest first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) releases: Vec<Release>,
    /// The version that is published to each environment.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) current: BTreeMap<String, String>,
    /// What was said of a host when it was bound.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) domains: BTreeMap<String, DomainRecord>,
}

/// A version of a service that was published to an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Release {
    pub(crate) environment: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) time: String,
}

/// What was said of a host when it was bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DomainRecord {
    pub(crate) certificate_id: String,
    pub(crate) protocol: String,
    pub(crate) net_type: String,
    pub(crate) is_forced_https: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
