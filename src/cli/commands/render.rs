//! `usage-plan render`: prints configuration of the proxy that runs the filter.

mod filter;
mod subscription;

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use serde_json::json;

pub(crate) use self::filter::{FilterArguments, NativeArgument, Version};
use self::subscription::SubscriptionArguments;
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::publish::ValidDocument;
use usage_plan_manage::render::{
    self, GatewayOptions, Image, KubernetesOptions, Label, PLACEHOLDER_IMAGE, Upstream,
};

/// The platform to render for, and what differs from the shipped file.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The platform that runs the filter
    #[arg(long, value_enum)]
    to: Platform,
    #[command(flatten)]
    secrets: ResolveArguments,
    #[command(flatten)]
    filter: FilterArguments,
    #[command(flatten)]
    gateway: GatewayArguments,
    #[command(flatten)]
    kubernetes: KubernetesArguments,
    #[command(flatten)]
    subscription: SubscriptionArguments,
}

/// The platform that reads the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Platform {
    /// An Envoy of your own: a whole envoy.yaml
    Envoy,
    /// An Envoy that watches the filter's configuration: the file it watches
    Ecds,
    /// An Envoy that subscribes to the document at `usage-plan serve --xds`: a whole envoy.yaml
    Xds,
    /// Istio: a WasmPlugin
    Istio,
    /// Envoy Gateway: an EnvoyExtensionPolicy and a ClientTrafficPolicy
    EnvoyGateway,
}

/// Whether secrets leave the variables and files in which they are; also for `publish`.
#[derive(Args, Debug)]
pub(crate) struct ResolveArguments {
    /// Put the secrets of secret_key_env and secret_key_file into what is written, so that Envoy needs no
    /// variable for a new key
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        hide_default_value = true,
        hide_possible_values = true,
        action = clap::ArgAction::Set
    )]
    pub(crate) resolve: bool,
}

/// Options of the Envoy around the filter: listener, admin interface, upstream.
#[derive(Args, Debug)]
pub(crate) struct GatewayArguments {
    /// The address that callers connect to [default: 0.0.0.0:10000]
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "Options of Envoy")]
    listen: Option<SocketAddr>,
    /// The address of Envoy's admin interface [default: 127.0.0.1:9901]
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "Options of Envoy")]
    admin: Option<SocketAddr>,
    /// Where all requests go, over HTTP/1 [default: a stand-in on port 10001 that echoes the request]
    #[arg(long, value_name = "HOST:PORT", help_heading = "Options of Envoy")]
    upstream: Option<Upstream>,
    /// Where the engine is that several Envoys ask (options.fleet), over HTTP/2
    #[arg(long, value_name = "HOST:PORT", help_heading = "Options of Envoy")]
    engine: Option<Upstream>,
}

/// Options of the filter in a cluster.
#[derive(Args, Debug)]
struct KubernetesArguments {
    /// The name of the objects [default: usage-plan]
    #[arg(long, value_parser = render::object_name, help_heading = "Options of Kubernetes")]
    name: Option<String>,
    /// The gateway's namespace [default: istio-ingress with Istio; kubectl's with Envoy Gateway]
    #[arg(long, value_parser = render::namespace, help_heading = "Options of Kubernetes")]
    namespace: Option<String>,
    /// Where the module is pulled from: oci://REGISTRY/IMAGE:TAG or https://HOST/PATH
    #[arg(long, value_name = "URL", help_heading = "Options of Kubernetes")]
    image: Option<Image>,
    /// The Gateway (of the Gateway API) to attach the filter to [default: eg with Envoy Gateway]
    #[arg(
        long,
        value_name = "NAME",
        value_parser = render::object_name,
        help_heading = "Options of Kubernetes"
    )]
    gateway: Option<String>,
    /// With Istio, a label of the gateway's pods; may be repeated [default: istio=ingressgateway]
    #[arg(
        long,
        value_name = "LABEL=VALUE",
        conflicts_with = "gateway",
        help_heading = "Options of Kubernetes"
    )]
    selector: Vec<Label>,
}

// === impl Arguments ===

impl Arguments {
    /// Renders; `typed` are the flags of the command line.
    pub(crate) fn run(&self, file: &DocumentFile, typed: &[String]) -> Result<Answer> {
        self.check_flags(typed)?;
        // The document is not in what an Envoy has that subscribes.
        let bytes = if self.to == Platform::Xds { b"{}".to_vec() } else { file.bytes()? };
        let document = if self.secrets.resolve {
            ValidDocument::resolve(&bytes, file.directory())
        } else {
            ValidDocument::parse(&bytes)
        };
        let document = document.map_err(|errors| {
            Error::invalid(
                format!("{} breaks these rules; correct it first:", file.path().display()),
                &errors,
            )
        })?;
        self.check_engine(typed, document.cluster())?;
        let (pretty, variables) = (document.pretty(), document.variables());
        let source = document.source(&pretty, &variables);
        let (filter, kubernetes) = (self.filter.options(), self.kubernetes.options());
        let subscription = self.subscription.options();
        let text = match self.to {
            Platform::Envoy => render::envoy(source, &filter, &self.gateway.options()),
            Platform::Ecds => render::ecds(source, &filter, None),
            Platform::Istio => render::istio(&pretty, &variables, &kubernetes),
            Platform::EnvoyGateway => render::envoy_gateway(&pretty, &variables, &kubernetes),
            Platform::Xds => render::xds(&filter, &self.gateway.options(), &subscription),
        }?;
        let needs = if self.to.is_kubernetes() {
            json!({"image": kubernetes.image(), "variables": variables})
        } else if self.to == Platform::Xds {
            json!({"envoy": filter.envoy.name(), "variables": subscription.token})
        } else {
            json!({"envoy": filter.envoy.name(), "module": filter.module(), "variables": variables})
        };
        let json = json!({"to": self.to.name(), "text": text, "needs": needs});
        let answer = Answer::new(text.trim_end(), json);
        Ok(self.warning().into_iter().chain(document.warnings()).fold(answer, Answer::warn))
    }

    /// Rejects flags that belong to another platform than the one rendered for. What was not typed is a
    /// setting for other commands too, and not meant for this platform.
    fn check_flags(&self, typed: &[String]) -> Result<()> {
        let is_kubernetes = self.to.is_kubernetes();
        let are_typed = |flags: &[&str]| typed.iter().any(|flag| flags.contains(&flag.as_str()));
        if is_kubernetes && are_typed(&["native"]) {
            return Err(Error::usage(format!(
                "--native belongs to --to envoy, ecds or xds: what --to {} renders has a wasm module in it",
                self.to.name()
            )));
        }
        let foreign = [
            (
                is_kubernetes && are_typed(&["module", "vm_id", "envoy"]),
                "--module, --vm-id and --envoy",
                "envoy or ecds",
            ),
            (
                self.to == Platform::Xds && are_typed(&["module", "vm_id"]),
                "--module and --vm-id",
                "envoy or ecds",
            ),
            (
                !matches!(self.to, Platform::Envoy | Platform::Xds)
                    && are_typed(&["listen", "admin", "upstream", "engine"]),
                "--listen, --admin, --upstream and --engine",
                "envoy or xds",
            ),
            (
                self.to != Platform::Xds
                    && are_typed(&["server", "server_ca", "client_cert", "client_key", "token_env"]),
                "--server, --server-ca, --client-cert, --client-key and --token-env",
                "xds",
            ),
            (
                !is_kubernetes && are_typed(&["name", "namespace", "image", "gateway", "selector"]),
                "--name, --namespace, --image, --gateway and --selector",
                "istio or envoy-gateway",
            ),
            (self.to == Platform::EnvoyGateway && are_typed(&["selector"]), "--selector", "istio"),
        ];
        match foreign.into_iter().find(|(given, ..)| *given) {
            Some((_, flags, platforms)) => Err(Error::usage(format!(
                "{flags} belong to --to {platforms}: --to {} has nothing to do with them",
                self.to.name()
            ))),
            None => Ok(()),
        }
    }

    /// Rejects the address of an engine that nobody asks.
    fn check_engine(&self, typed: &[String], cluster: Option<&str>) -> Result<()> {
        if cluster.is_none() && typed.iter().any(|flag| flag == "engine") {
            return Err(Error::usage(
                "--engine: the document has no options.fleet, so that nobody asks an engine",
            ));
        }
        Ok(())
    }

    /// What the rendered file still lacks, or what it opens to others.
    fn warning(&self) -> Option<String> {
        match self.to {
            Platform::Envoy | Platform::Xds => self.gateway.warning(),
            Platform::Istio | Platform::EnvoyGateway if self.kubernetes.image.is_none() => Some(format!(
                "{PLACEHOLDER_IMAGE} is a placeholder for your image: push the module to a registry and \
                 name it with --image"
            )),
            Platform::Ecds | Platform::Istio | Platform::EnvoyGateway => None,
        }
    }
}

// === impl Platform ===

impl Platform {
    /// The platform's word on the command line.
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn is_kubernetes(self) -> bool {
        matches!(self, Self::Istio | Self::EnvoyGateway)
    }
}

// === impl GatewayArguments ===

impl GatewayArguments {
    pub(crate) fn options(&self) -> GatewayOptions {
        let Self { listen, admin, upstream, engine } = self;
        GatewayOptions { listen: *listen, admin: *admin, upstream: upstream.clone(), engine: engine.clone() }
    }

    /// What the addresses open to others.
    pub(crate) fn warning(&self) -> Option<String> {
        let admin = self.admin.filter(|admin| !admin.ip().is_loopback())?;
        Some(format!(
            "--admin {admin}: whoever reaches Envoy's admin interface sees the document, secrets included, and \
             can stop Envoy"
        ))
    }
}

// === impl KubernetesArguments ===

impl KubernetesArguments {
    fn options(&self) -> KubernetesOptions {
        KubernetesOptions {
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            image: self.image.clone(),
            gateway: self.gateway.clone(),
            selector: self.selector.clone(),
        }
    }
}

impl From<render::Error> for Error {
    fn from(error: render::Error) -> Self {
        match error {
            render::Error::ImageIsFile => Self::usage(format!("--image: {error}")),
            render::Error::NotForTheNativeModule { .. } | render::Error::FleetInTheNativeModule => {
                Self::usage(format!("--native: {error}"))
            }
            render::Error::TooManyVariables { .. }
            | render::Error::ClusterIsUpstream
            | render::Error::Template { .. } => Self::refused(error.to_string()),
        }
    }
}
