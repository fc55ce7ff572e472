//! The document as configuration of the proxy that runs the filter.
//!
//! The files shipped in `envoy/` are the templates. So users also get their comments, and no configuration is
//! kept twice.

mod ecds;
mod envoy;
mod error;
mod fleet;
mod hot_reload;
mod kubernetes;
mod names;
mod source;
mod template;
mod upstream;
mod version;
mod xds;
mod yaml;

pub use self::ecds::{FilterOptions, configuration, ecds, extension};
pub use self::envoy::{GatewayOptions, envoy};
pub use self::error::{Error, MAX_VARIABLES};
pub use self::fleet::ENGINE_CLUSTER;
pub use self::hot_reload::hot_reload;
pub use self::kubernetes::{KubernetesOptions, PLACEHOLDER_IMAGE, envoy_gateway, istio};
pub use self::names::{Image, Label, namespace, object_name};
pub use self::source::Source;
pub use self::upstream::Upstream;
pub use self::version::EnvoyVersion;
pub use self::xds::{SubscriptionOptions, xds};
