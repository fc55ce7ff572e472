//! The flags of `serve`, and what they mean.

use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use usage_plan_engine::server as engine;
use usage_plan_manage::file::DocumentFile;
use usage_plan_server::console;
use usage_plan_server::management;
use usage_plan_server::publishing::{Directory, Ways};
use usage_plan_server::server::{self, Lacking, Options, Xds};
use usage_plan_server::tls::Files;
use usage_plan_server::token::{MIN_LENGTH, Token};

use super::super::engine::{ADMIN, DOMAIN, LISTEN};
use super::super::log_option::LogOption;
use super::super::publish_options::PublishOptions;
use crate::output::error::{Error, Result};

/// What the name of the engine's store ends in, beside the document.
const STORE: &str = ".engine";

/// `usage-plan serve`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Where operators and their automation reach it
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8088")]
    listen: SocketAddr,
    #[command(flatten)]
    publishing: PublishingArguments,
    #[command(flatten)]
    access: AccessArguments,
    #[command(flatten)]
    engine: EngineArguments,
    /// What stands after a service's id in the host that the management API gives it
    #[arg(long, value_name = "DOMAIN", default_value_t = management::Options::default().domain)]
    service_domain: String,
    #[command(flatten)]
    log: LogOption,
}

/// What an Envoy's admin interface is for here.
const ADMIN_HELP: &str = "An Envoy: its metrics are in the console, and if it watches the directory, an edit is answered when it \
                     has accepted the document; may be repeated";

/// How Envoys get the document.
#[derive(Args, Debug)]
#[command(mut_arg("to", |to| to.visible_alias("publish")), mut_arg("admin", |admin| admin.help(ADMIN_HELP)))]
struct PublishingArguments {
    #[command(flatten)]
    published: PublishOptions,
    /// Where Envoys subscribe to the document (ECDS over gRPC) [without a value: 127.0.0.1:18000]
    #[arg(long, value_name = "IP:PORT", num_args = 0..=1, default_missing_value = "127.0.0.1:18000")]
    xds: Option<SocketAddr>,
}

/// Who gets in.
#[derive(Args, Debug)]
struct AccessArguments {
    /// The file of operators, who may manage the document:
    /// {"operators": [{"secret_id", "secret_key", "role"}]}
    #[arg(long, value_name = "FILE", help_heading = "Options of access")]
    credentials: Option<PathBuf>,
    /// A name under which a browser reaches the console; addresses and localhost need none
    #[arg(long = "console-host", value_name = "HOST", help_heading = "Options of access")]
    console_hosts: Vec<String>,
    /// The certificate of all addresses, in PEM; needed where other machines can reach one
    #[arg(long, value_name = "FILE", requires = "tls_key", help_heading = "Options of access")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = "Options of access")]
    tls_key: Option<PathBuf>,
    /// Who signs the certificates of Envoys, in PEM: only Envoys with such a one may subscribe
    #[arg(long, value_name = "FILE", requires_all = ["tls_cert", "xds"], help_heading = "Options of access")]
    tls_client_ca: Option<PathBuf>,
    /// The variable with a token: only Envoys that send it may subscribe
    #[arg(long, value_name = "VARIABLE", requires = "xds", help_heading = "Options of access")]
    xds_token_env: Option<String>,
}

/// The engine in the same process.
#[derive(Args, Debug)]
struct EngineArguments {
    /// Run the engine in this process too, with this store [without a value: beside the document]
    #[arg(long, value_name = "PATH", num_args = 0..=1, help_heading = "Options of the engine")]
    engine: Option<Option<PathBuf>>,
    /// Where Envoys reach the engine
    #[arg(long, value_name = "IP:PORT", default_value = LISTEN, help_heading = "Options of the engine")]
    engine_listen: SocketAddr,
    /// Where operators reach the engine; nobody is asked who he is there
    #[arg(
        long,
        value_name = "IP:PORT",
        default_value = ADMIN,
        help_heading = "Options of the engine"
    )]
    engine_admin: SocketAddr,
}

// === impl Arguments ===

impl Arguments {
    /// What the flags mean.
    pub(super) fn options(self, file: &DocumentFile) -> Result<Options> {
        let Self { listen, publishing, access, engine, service_domain, log } = self;
        let xds = publishing.xds;
        let token = access.token()?;
        let AccessArguments { credentials, console_hosts, tls_cert, tls_key, tls_client_ca, .. } = access;
        let console = console::Options { hosts: console_hosts, is_secure: tls_cert.is_some() };
        Ok(Options {
            listen,
            credentials,
            console,
            admins: publishing.published.admin.clone(),
            ways: publishing.ways(),
            xds: xds.map(|listen| Xds { listen, authorities: tls_client_ca, token }),
            tls: tls_cert.zip(tls_key).map(|(certificate, key)| Files { certificate, key }),
            engine: engine.options(file),
            file: log.of(file),
            management: management::Options { domain: service_domain },
        })
    }
}

// === impl PublishingArguments ===

impl PublishingArguments {
    fn ways(self) -> Ways {
        let Self { published, xds } = self;
        let PublishOptions { to, admin: admins, timeout, mode, secrets, filter } = published;
        Ways {
            directory: to.map(|path| Directory { path, mode, admins }),
            xds: xds.is_some(),
            resolve: secrets.resolve,
            options: filter.options(),
            timeout,
        }
    }
}

// === impl AccessArguments ===

impl AccessArguments {
    fn token(&self) -> Result<Option<Token>> {
        let Some(name) = &self.xds_token_env else { return Ok(None) };
        let text = env::var(name).map_err(|_| Error::usage(format!("--xds-token-env: {name} is not set")))?;
        let token = Token::new(text).ok_or_else(|| {
            Error::usage(format!(
                "--xds-token-env: {name} must have at least {MIN_LENGTH} characters, none of them a blank"
            ))
        })?;
        Ok(Some(token))
    }
}

// === impl EngineArguments ===

impl EngineArguments {
    fn options(self, file: &DocumentFile) -> Option<engine::Options> {
        let beside = || {
            let mut path = file.path().as_os_str().to_owned();
            path.push(STORE);
            path.into()
        };
        let store = self.engine?.unwrap_or_else(beside);
        let domains = vec![DOMAIN.to_owned()];
        Some(engine::Options { listen: self.engine_listen, admin: self.engine_admin, store, domains })
    }
}

/// Why the server does not run.
pub(super) fn explain(error: server::Error) -> Error {
    match error {
        server::Error::Open(_, Lacking::Encryption) => Error::usage(error.to_string())
            .hint("give it a certificate with --tls-cert and --tls-key, or an address of this machine alone"),
        server::Error::Open(_, Lacking::Identity) => Error::usage(error.to_string()).hint(
            "let Envoys show a certificate (--tls-client-ca) or a token (--xds-token-env), or give --xds an \
             address of this machine alone",
        ),
        server::Error::Listen(address, error) => Error::unreachable(address, error),
        server::Error::Document(error) => error.into(),
        server::Error::Operators(error) => Error::usage(format!("--credentials {error}")),
        server::Error::Tls(error) => Error::usage(error.to_string()),
        server::Error::Engine(error) => match error {
            engine::Error::Listen(address, error) => Error::unreachable(address, error),
            engine::Error::Store(path, error) => {
                Error::unreachable(format!("--engine {}", path.display()), error)
            }
            engine::Error::System(error) => Error::unreachable("the system", error),
        },
        server::Error::System(error) => Error::unreachable("the system", error),
    }
}
