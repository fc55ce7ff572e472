//! A whole `envoy.yaml`.

use std::net::SocketAddr;

use super::ecds::FilterOptions;
use super::error::Result;
use super::fleet::add_cluster;
use super::source::Source;
use super::template::Template;
use super::upstream::Upstream;
use super::yaml::quoted;

const SHIPPED: &str = include_str!("../../../envoy/envoy.yaml");
const SHIPPED_NATIVE: &str = include_str!("../../../envoy/native/envoy.yaml");

/// Options of the Envoy around the filter: listener, admin interface, upstream. `None` keeps what the shipped
/// file has.
#[derive(Clone, Debug, Default)]
pub struct GatewayOptions {
    /// The address that callers connect to.
    pub listen: Option<SocketAddr>,
    /// The address of Envoy's admin interface.
    pub admin: Option<SocketAddr>,
    /// Where all requests go, over plain HTTP/1. `None` keeps the shipped echo server.
    pub upstream: Option<Upstream>,
    /// Where the engine is that the document's `options.fleet` names a cluster of, over HTTP/2.
    pub engine: Option<Upstream>,
}

/// A whole `envoy.yaml`.
pub fn envoy(source: Source<'_>, filter: &FilterOptions, gateway: &GatewayOptions) -> Result<String> {
    let (mut template, flag) = if filter.native {
        (Template::new("envoy/native/envoy.yaml", SHIPPED_NATIVE), " --native")
    } else {
        (Template::new("envoy/envoy.yaml", SHIPPED), "")
    };
    let heading = format!(
        "\
# A gateway whose callers sign their requests. Made by `usage-plan render --to envoy{flag}`: edit the
# document, not this file. It holds the secrets of the document.
#
# `envoy --mode validate -c envoy.yaml` checks the document too, and exits 1 when the filter refuses it.
"
    );
    template.set_heading(&format!("{heading}{}", filter.needs(source)))?;
    gateway.fill(&mut template)?;
    if gateway.upstream.is_some() {
        let routes = "\
routes: # matched on the path without the environment: the caller's /release/orders/1 is /orders/1 here
  - name: upstream
    match: { prefix: / }
    route: { cluster: upstream }";
        template.replace_section("routes: # chosen on", routes)?;
    }
    if let Some(name) = source.cluster {
        add_cluster(&mut template, name, gateway.engine.as_ref())?;
    }
    filter.fill(&mut template, source)?;
    Ok(template.into_text())
}

// === impl GatewayOptions ===

impl GatewayOptions {
    /// Fills in the addresses of a template. Its routes stay.
    pub(super) fn fill(&self, template: &mut Template) -> Result<()> {
        if let Some(admin) = &self.admin {
            template.replace("address: 127.0.0.1, port_value: 9901 ", 1, &socket_members(admin))?;
        }
        if let Some(listen) = &self.listen {
            let line = format!("address: {{ socket_address: {{ {}}} }}", socket_members(listen));
            template.replace_section(
                "address: { socket_address: { address: 0.0.0.0, port_value: 10000 } }",
                &line,
            )?;
        }
        if let Some(upstream) = &self.upstream {
            replace_echo_server(template, upstream)?;
        }
        Ok(())
    }
}

/// Replaces the shipped echo server by `upstream`.
fn replace_echo_server(template: &mut Template, upstream: &Upstream) -> Result<()> {
    template.replace_section("- name: upstream # stands for", "")?;
    let resolved =
        if upstream.is_name() { "      type: STRICT_DNS\n      dns_lookup_family: ALL\n" } else { "" };
    let cluster = "    - name: upstream\n";
    let assignment = "      load_assignment:\n        cluster_name: upstream\n";
    template.replace(&format!("{cluster}{assignment}"), 1, &format!("{cluster}{resolved}{assignment}"))?;
    let address = upstream.socket_address();
    template.replace_section(
        "- endpoint: {",
        &format!("- endpoint: {{ address: {{ socket_address: {address} }} }}"),
    )
}

/// The members of a `socket_address`.
fn socket_members(address: &SocketAddr) -> String {
    format!("address: {}, port_value: {} ", quoted(&address.ip().to_string()), address.port())
}
