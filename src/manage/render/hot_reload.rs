//! The `envoy.yaml` of an Envoy that reads the filter from a directory which it watches.

use std::path::Path;

use super::ecds::FilterOptions;
use super::envoy::GatewayOptions;
use super::error::{Error, Result};
use super::fleet::{ENGINE_CLUSTER, add_cluster};
use super::template::Template;
use super::yaml::quoted;

const SHIPPED: &str = include_str!("../../../envoy/hot-reload/envoy.yaml");
const SHIPPED_NATIVE: &str = include_str!("../../../envoy/native/hot-reload/envoy.yaml");

/// The configuration of an Envoy that watches `directory`, in which [`ecds`](super::ecds()) is published
/// under the name `file`. It is the same for every version of Envoy. With an engine it is one of a fleet: a
/// document can come to name the engine's cluster at any time, and cannot add it.
pub fn hot_reload(
    directory: &Path,
    file: &str,
    filter: &FilterOptions,
    gateway: &GatewayOptions,
) -> Result<String> {
    filter.check()?;
    if filter.native && gateway.engine.is_some() {
        return Err(Error::FleetInTheNativeModule);
    }
    // The shipped file watches the directory in which it lies.
    let (watched, mut template) = if filter.native {
        ("envoy/native/hot-reload", Template::new("envoy/native/hot-reload/envoy.yaml", SHIPPED_NATIVE))
    } else {
        ("envoy/hot-reload", Template::new("envoy/hot-reload/envoy.yaml", SHIPPED))
    };
    template.set_heading(
        "\
# A gateway whose callers sign their requests. Made by `usage-plan init`, once: it is yours to change.
#
# The filter, with the document in it, comes from the directory that config_discovery names below. `usage-plan
# publish` replaces the file there while Envoy serves, and counters keep their values.
",
    )?;
    gateway.fill(&mut template)?;
    if gateway.engine.is_some() {
        add_cluster(&mut template, ENGINE_CLUSTER, gateway.engine.as_ref())?;
    }
    let path = quoted(&directory.join(file).display().to_string());
    template.replace(&format!("path: {watched}/usage-plan.yaml\n"), 1, &format!("path: {path}\n"))?;
    let directory = quoted(&directory.display().to_string());
    template.replace(&format!("{{ path: {watched} }}"), 1, &format!("{{ path: {directory} }}"))?;
    Ok(template.into_text())
}
