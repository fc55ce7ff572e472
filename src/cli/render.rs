//! `usage-plan render`: the document as configuration of the proxy that runs the filter.
//!
//! The files that are shipped in `envoy/` are the templates, so that there is one truth and its comments stay.

mod ecds;
mod envoy;
mod kubernetes;
mod template;
mod upstream;
mod yaml;

use clap::{Args, ValueEnum};
use serde_json::json;

pub(super) use self::ecds::{FilterOptions, ecds};
use self::envoy::GatewayOptions;
use self::kubernetes::KubernetesOptions;
use super::answer::Answer;
use super::document_file::DocumentFile;
use super::error::{Error, Result};
use super::variables::variables;

/// What to render for, and what is to be different from the shipped file.
#[derive(Args, Debug)]
pub struct Arguments {
    /// What shall run the filter
    #[arg(long, value_enum)]
    to: Target,
    #[command(flatten)]
    filter: FilterOptions,
    #[command(flatten)]
    gateway: GatewayOptions,
    #[command(flatten)]
    kubernetes: KubernetesOptions,
}

/// What reads the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    /// An Envoy of its own: a whole envoy.yaml
    Envoy,
    /// An Envoy that watches the filter's configuration: the file it watches
    Ecds,
    /// Istio: a WasmPlugin
    Istio,
    /// Envoy Gateway: an EnvoyExtensionPolicy and a ClientTrafficPolicy
    EnvoyGateway,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        self.fit()?;
        let draft = file.read()?;
        let (document, variables) = (draft.text(), variables(draft.document()));
        let (text, from) = match self.to {
            Target::Envoy => (
                envoy::envoy(&document, &variables, &self.filter, &self.gateway)?,
                json!({"module": self.filter.module()}),
            ),
            Target::Ecds => {
                (ecds(&document, &variables, &self.filter, None)?, json!({"module": self.filter.module()}))
            }
            Target::Istio => (
                kubernetes::istio(&document, &variables, &self.kubernetes)?,
                json!({"image": self.kubernetes.image()}),
            ),
            Target::EnvoyGateway => (
                kubernetes::envoy_gateway(&document, &variables, &self.kubernetes)?,
                json!({"image": self.kubernetes.image()}),
            ),
        };
        let mut json = json!({"to": self.to.name(), "text": text, "needs": from});
        if let Some(needs) = json.get_mut("needs").and_then(serde_json::Value::as_object_mut) {
            needs.insert("variables".to_owned(), variables.into());
        }
        let answer = Answer::new(text.trim_end(), json);
        let warning = match self.to {
            Target::Envoy => self.gateway.warning(),
            Target::Istio | Target::EnvoyGateway => self.kubernetes.warning(),
            Target::Ecds => None,
        };
        Ok(match warning {
            Some(warning) => answer.warn(warning),
            None => answer,
        })
    }

    /// Whether every option that is given is one of the target.
    fn fit(&self) -> Result<()> {
        let has_filter = matches!(self.to, Target::Envoy | Target::Ecds);
        let foreign = [
            (self.filter.are_given() && !has_filter, "--module and --vm-id", "envoy or ecds"),
            (
                self.gateway.are_given() && self.to != Target::Envoy,
                "--listen, --admin and --upstream",
                "envoy",
            ),
            (
                self.kubernetes.are_given() && has_filter,
                "--name, --namespace, --image, --gateway and --selector",
                "istio or envoy-gateway",
            ),
            (self.kubernetes.select_pods() && self.to == Target::EnvoyGateway, "--selector", "istio"),
        ];
        match foreign.into_iter().find(|(given, ..)| *given) {
            Some((_, options, targets)) => Err(Error::usage(format!(
                "{options} are of --to {targets}: --to {} has nothing to do with them",
                self.to.name()
            ))),
            None => Ok(()),
        }
    }
}

// === impl Target ===

impl Target {
    /// As the command line has it.
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
