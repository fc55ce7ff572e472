//! `--to envoy`

use std::net::SocketAddr;

use clap::Args;

use super::ecds::{FilterOptions, needs};
use super::template::Template;
use super::upstream::Upstream;
use super::yaml::quoted;
use crate::error::Result;

const SHIPPED: &str = include_str!("../../../envoy/envoy.yaml");

/// Around the filter in an Envoy of one's own.
#[derive(Args, Debug)]
pub struct GatewayOptions {
    /// Where callers come in [default: 0.0.0.0:10000]
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "Options of Envoy")]
    listen: Option<SocketAddr>,
    /// Where Envoy's admin interface is [default: 127.0.0.1:9901]
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "Options of Envoy")]
    admin: Option<SocketAddr>,
    /// Where all requests go, over plain HTTP/1; without it, to a stand-in on port 10001 that answers with what it got
    #[arg(long, value_name = "HOST:PORT", help_heading = "Options of Envoy")]
    upstream: Option<Upstream>,
}

/// A whole `envoy.yaml`.
pub(super) fn envoy(
    document: &str,
    variables: &[&str],
    filter: &FilterOptions,
    gateway: &GatewayOptions,
) -> Result<String> {
    let mut template = Template::new("envoy/envoy.yaml", SHIPPED);
    let heading = "\
# A gateway whose callers sign their requests. Made by `usage-plan render --to envoy`: edit the document, not this file, which
# holds the secrets that the document does.
#
# `envoy --mode validate -c envoy.yaml` checks the document too and exits 1 when the filter refuses it.
";
    template.set_heading(&format!("{heading}{}", needs(variables)))?;
    gateway.fill(&mut template)?;
    filter.fill(&mut template, document, variables)?;
    Ok(template.into_text())
}

// === impl GatewayOptions ===

impl GatewayOptions {
    pub(super) fn are_given(&self) -> bool {
        self.listen.is_some() || self.admin.is_some() || self.upstream.is_some()
    }

    /// What may be otherwise than it was meant.
    pub(super) fn warning(&self) -> Option<String> {
        let admin = self.admin.filter(|admin| !admin.ip().is_loopback())?;
        Some(format!(
            "--admin {admin}: whoever reaches Envoy's admin interface sees the document, secrets included, and can stop Envoy"
        ))
    }

    fn fill(&self, template: &mut Template) -> Result<()> {
        if let Some(admin) = &self.admin {
            template.replace("address: 127.0.0.1, port_value: 9901 ", 1, &members(admin))?;
        }
        if let Some(listen) = &self.listen {
            let line = format!("address: {{ socket_address: {{ {}}} }}", members(listen));
            template.replace_section(
                "address: { socket_address: { address: 0.0.0.0, port_value: 10000 } }",
                &line,
            )?;
        }
        if let Some(upstream) = &self.upstream {
            replace_stand_in(template, upstream)?;
        }
        Ok(())
    }
}

/// Makes `upstream` what requests go to, all by one route.
fn replace_stand_in(template: &mut Template, upstream: &Upstream) -> Result<()> {
    template.replace_section("- name: upstream # stands for", "")?;
    let routes = "\
routes: # chosen on the path without its environment: what is /release/orders/1 to the caller is /orders/1 here
  - name: upstream
    match: { prefix: / }
    route: { cluster: upstream }";
    template.replace_section("routes: # chosen on", routes)?;
    let resolved = match upstream.is_name() {
        true => "      type: STRICT_DNS\n      dns_lookup_family: ALL\n",
        false => "",
    };
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
fn members(address: &SocketAddr) -> String {
    format!("address: {}, port_value: {} ", quoted(&address.ip().to_string()), address.port())
}
