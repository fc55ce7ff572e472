//! What fleet mode adds to Envoy's configuration: the engine's cluster, and what the filter needs to ask it.

use super::error::{Error, Result};
use super::template::Template;
use super::upstream::Upstream;
use super::yaml::quoted;

const CLUSTER: (&str, &str) = ("envoy/fleet/cluster.yaml", include_str!("../../../envoy/fleet/cluster.yaml"));
const CAPABILITIES: (&str, &str) =
    ("envoy/fleet/capabilities.yaml", include_str!("../../../envoy/fleet/capabilities.yaml"));

/// The engine's cluster as the shipped file and the documents in `envoy/` name it.
pub const ENGINE_CLUSTER: &str = "usage-plan-engine";

/// The engine's address in the shipped file.
const ADDRESS: &str = "{ address: 127.0.0.1, port_value: 18081 }";

/// How long a request may wait without a byte. Envoy's own default is five minutes.
const STREAM_IDLE_TIMEOUT: &str = "\
stream_idle_timeout: 15s # for who waits on a worker whose VM dies; a route's idle_timeout overrides it
";

/// Adds the engine's cluster under this name, at `engine` or where the shipped file has it, and the timeout
/// of requests that nobody will answer.
pub(super) fn add_cluster(template: &mut Template, name: &str, engine: Option<&Upstream>) -> Result<()> {
    if name == "upstream" {
        return Err(Error::ClusterIsUpstream);
    }
    let mut cluster = Template::new(CLUSTER.0, body(CLUSTER, "clusters:\n")?);
    if name != ENGINE_CLUSTER {
        cluster.replace(ENGINE_CLUSTER, 2, &quoted(name))?;
    }
    if let Some(engine) = engine {
        if engine.is_name() {
            let timeout = "    connect_timeout:";
            cluster.replace(
                timeout,
                1,
                &format!("    type: STRICT_DNS\n    dns_lookup_family: ALL\n{timeout}"),
            )?;
        }
        cluster.replace(ADDRESS, 1, &engine.socket_address())?;
    }
    template.append("clusters:", &cluster.into_text())?;
    let prefix = "stat_prefix: ingress";
    template.replace_section(prefix, &format!("{prefix}\n{STREAM_IDLE_TIMEOUT}"))
}

/// Lets the filter call what fleet mode needs.
pub(super) fn add_capabilities(template: &mut Template) -> Result<()> {
    template.append("allowed_capabilities:", body(CAPABILITIES, "allowed_capabilities:\n")?)
}

/// What comes after this line of a shipped file; its lines are indented by two.
fn body((file, text): (&'static str, &'static str), first: &str) -> Result<&'static str> {
    let changed = || Error::Template { file, passage: first.to_owned() };
    text.split_once(first).map(|(_, body)| body).ok_or_else(changed)
}
