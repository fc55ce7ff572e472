//! The `envoy.yaml` of an Envoy that subscribes to the document.

use super::ecds::FilterOptions;
use super::envoy::GatewayOptions;
use super::error::Result;
use super::fleet::{ENGINE_CLUSTER, add_cluster};
use super::source::Source;
use super::template::Template;
use super::upstream::Upstream;
use super::yaml::quoted;

const SHIPPED: &str = include_str!("../../../envoy/hot-reload/envoy.yaml");
const SHIPPED_NATIVE: &str = include_str!("../../../envoy/native/hot-reload/envoy.yaml");

/// The cluster of the server.
const CLUSTER: &str = "usage_plan_server";

/// Where the filter's configuration comes from.
const SOURCE: &str = "\
resource_api_version: V3
api_config_source:
  api_type: GRPC
  transport_api_version: V3
  grpc_services: [{ envoy_grpc: { cluster_name: usage_plan_server } }]";

/// How an Envoy reaches the server, and what it shows there.
#[derive(Clone, Debug)]
pub struct SubscriptionOptions {
    /// The server.
    pub server: Upstream,
    /// The file of the authorities that sign the server's certificate, as Envoy finds it. Without it, nothing
    /// is encrypted.
    pub authorities: Option<String>,
    /// The files of Envoy's own certificate and its key.
    pub certificate: Option<(String, String)>,
    /// The variable in Envoy's environment with the token that the server wants.
    pub token: Option<String>,
}

/// The configuration of an Envoy that gets the filter, with the document in it, from a server. It holds no
/// secret.
pub fn xds(
    filter: &FilterOptions,
    gateway: &GatewayOptions,
    subscription: &SubscriptionOptions,
) -> Result<String> {
    filter.check()?;
    let mut template = if filter.native {
        Template::new("envoy/native/hot-reload/envoy.yaml", SHIPPED_NATIVE)
    } else {
        Template::new("envoy/hot-reload/envoy.yaml", SHIPPED)
    };
    let variables = subscription.token.iter().map(String::as_str).collect::<Vec<_>>();
    let heading = "\
# A gateway whose callers sign their requests. Made by `usage-plan render --to xds`: it is yours to change.
#
# The filter, with the document in it, comes from the server that config_discovery names below: `usage-plan
# serve --xds`. While the server cannot be reached, what is in force stays in force. `envoy --service-node NAME`
# gives each Envoy the name by which the server shows it.
";
    let needed = Source { variables: &variables, ..Source::default() };
    template.set_heading(&format!("{heading}{}", filter.needs(needed)))?;
    gateway.fill(&mut template)?;
    template.replace_section("path_config_source:", SOURCE)?;
    template.replace("  clusters:\n", 1, &format!("  clusters:\n{}", subscription.cluster()))?;
    // With an engine it is an Envoy of a fleet, as where the file is watched.
    if gateway.engine.is_some() {
        add_cluster(&mut template, ENGINE_CLUSTER, gateway.engine.as_ref())?;
    }
    Ok(template.into_text())
}

// === impl SubscriptionOptions ===

impl SubscriptionOptions {
    /// The token as a header, put in by a filter on the way to the server: `initial_metadata` knows no
    /// variables.
    fn token(&self) -> Option<String> {
        let value = quoted(&format!("Bearer %ENVIRONMENT({})%", self.token.as_ref()?));
        Some(format!(
            "          http_filters: # initial_metadata knows no variables, and the token would be in this file
            - name: envoy.filters.http.header_mutation
              typed_config:
                \"@type\": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation
                mutations:
                  request_mutations:
                    - append:
                        header: {{ key: authorization, value: {value} }}
                        append_action: OVERWRITE_IF_EXISTS_OR_ADD
            - name: envoy.filters.http.upstream_codec
              typed_config:
                \"@type\": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec
"
        ))
    }

    /// The server as a cluster.
    fn cluster(&self) -> String {
        let address = self.server.socket_address();
        let kind = if self.server.is_name() { "STRICT_DNS" } else { "STATIC" };
        format!(
            "    - name: {CLUSTER}
      type: {kind}
      connect_timeout: 1s
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: # without the keepalive, a server that is gone without a word would be waited for
            http2_protocol_options: {{ connection_keepalive: {{ interval: 30s, timeout: 5s }} }}
{}      load_assignment:
        cluster_name: {CLUSTER}
        endpoints:
          - lb_endpoints:
              - endpoint: {{ address: {{ socket_address: {address} }} }}
{}",
            self.token().unwrap_or_default(),
            self.encryption().unwrap_or_default()
        )
    }

    fn encryption(&self) -> Option<String> {
        let authorities = quoted(self.authorities.as_ref()?);
        let host = self.server.host();
        let name =
            if self.server.is_name() { format!("\n          sni: {}", quoted(host)) } else { String::new() };
        let kind = if self.server.is_name() { "DNS" } else { "IP_ADDRESS" };
        let certificate = self.certificate.as_ref().map(|(certificate, key)| {
            let [certificate, key] = [certificate, key].map(|path| quoted(path));
            format!(
                "
            tls_certificates:
              - certificate_chain: {{ filename: {certificate} }}
                private_key: {{ filename: {key} }}"
            )
        });
        Some(format!(
            "      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext{name}
          common_tls_context:
            validation_context: # the certificate must be of these authorities, and of this server
              trusted_ca: {{ filename: {authorities} }}
              match_typed_subject_alt_names: [{{ san_type: {kind}, matcher: {{ exact: {} }} }}]{}
",
            quoted(host),
            certificate.unwrap_or_default()
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rendered(change: impl FnOnce(&mut SubscriptionOptions), native: bool) -> Value {
        let server = "127.0.0.1:18000".parse().expect("an address");
        let mut subscription =
            SubscriptionOptions { server, authorities: None, certificate: None, token: None };
        change(&mut subscription);
        let filter = FilterOptions { native, ..FilterOptions::default() };
        let text = xds(&filter, &GatewayOptions::default(), &subscription).expect("rendered");
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn server(envoy: &Value) -> &Value {
        &envoy["static_resources"]["clusters"][0]
    }

    fn source(envoy: &Value) -> &Value {
        let manager =
            &envoy["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
        &manager["http_filters"][1]["config_discovery"]["config_source"]["api_config_source"]
    }

    #[test]
    fn the_filter_comes_from_the_server_whichever_it_is() {
        for native in [false, true] {
            let envoy = rendered(|_| {}, native);
            assert_eq!(source(&envoy)["grpc_services"][0]["envoy_grpc"]["cluster_name"], CLUSTER);
            assert_eq!(server(&envoy)["type"], "STATIC");
            assert_eq!(server(&envoy)["transport_socket"], Value::Null);
            assert_eq!(envoy["static_resources"]["clusters"][1]["name"], "upstream");
        }
    }

    #[test]
    fn the_server_is_held_to_its_certificate_and_envoy_shows_its_own_and_the_token() {
        let envoy = rendered(
            |subscription| {
                subscription.server = "plans.internal:18000".parse().expect("an address");
                subscription.authorities = Some("/ca.pem".to_owned());
                subscription.certificate = Some(("/one.pem".to_owned(), "/one.key".to_owned()));
                subscription.token = Some("TOKEN".to_owned());
            },
            false,
        );
        assert_eq!(server(&envoy)["type"], "STRICT_DNS");
        let tls = &server(&envoy)["transport_socket"]["typed_config"];
        assert_eq!(tls["sni"], "plans.internal");
        let common = &tls["common_tls_context"];
        assert_eq!(common["validation_context"]["trusted_ca"]["filename"], "/ca.pem");
        assert_eq!(
            common["validation_context"]["match_typed_subject_alt_names"],
            json!([{"san_type": "DNS", "matcher": {"exact": "plans.internal"}}])
        );
        assert_eq!(common["tls_certificates"][0]["private_key"]["filename"], "/one.key");
        let options = &server(&envoy)["typed_extension_protocol_options"];
        let filters = &options["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]["http_filters"];
        let mutation = &filters[0]["typed_config"]["mutations"]["request_mutations"][0]["append"];
        let header = json!({"key": "authorization", "value": "Bearer %ENVIRONMENT(TOKEN)%"});
        assert_eq!(mutation["header"], header);
    }
}
