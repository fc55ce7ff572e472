//! The flags of an Envoy that subscribes: where the server is, and what Envoy shows there.

use clap::Args;
use usage_plan_manage::render::{SubscriptionOptions, Upstream};

/// How Envoy reaches the server.
#[derive(Args, Debug)]
pub(super) struct SubscriptionArguments {
    /// The server, as Envoy reaches it
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:18000")]
    #[arg(help_heading = "Options of the server")]
    server: Upstream,
    /// Who signs the server's certificate, in PEM, as Envoy finds it; without it, nothing is encrypted
    #[arg(long, value_name = "PATH", help_heading = "Options of the server")]
    server_ca: Option<String>,
    /// Envoy's own certificate, in PEM, for a server with --tls-client-ca
    #[arg(long, value_name = "PATH", requires_all = ["client_key", "server_ca"])]
    #[arg(help_heading = "Options of the server")]
    client_cert: Option<String>,
    /// The private key of that certificate
    #[arg(long, value_name = "PATH", requires = "client_cert", help_heading = "Options of the server")]
    client_key: Option<String>,
    /// The variable in Envoy's environment with the token that the server wants
    #[arg(long, value_name = "VARIABLE", help_heading = "Options of the server")]
    token_env: Option<String>,
}

// === impl SubscriptionArguments ===

impl SubscriptionArguments {
    pub(super) fn options(&self) -> SubscriptionOptions {
        let Self { server, server_ca, client_cert, client_key, token_env } = self;
        SubscriptionOptions {
            server: server.clone(),
            authorities: server_ca.clone(),
            certificate: client_cert.clone().zip(client_key.clone()),
            token: token_env.clone(),
        }
    }
}
