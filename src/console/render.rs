//! `usage-plan render`: the document as configuration of the proxy that runs the filter.
//!
//! The files that are shipped in `envoy/` are the templates, so that there is one truth and its comments stay.

mod ecds;
mod envoy;
mod kubernetes;
mod template;
mod upstream;
mod yaml;

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use serde_json::json;

pub(super) use self::ecds::{FilterOptions, ecds};
use self::envoy::GatewayOptions;
use self::kubernetes::KubernetesOptions;
use super::answer::Answer;
use super::document_file::DocumentFile;
use super::error::{Error, Result};
use crate::config::document::{Document, SecretSource};

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

/// The variables that Envoy needs in its environment, of keys that are disabled too. Sorted, for Envoy makes every VM anew when the
/// list of them is another.
pub(super) fn variables(document: &Document) -> Vec<&str> {
    let secrets = document
        .keys
        .iter()
        .flat_map(|key| [key.secret.as_ref(), key.previous.as_ref().map(|previous| &previous.secret)]);
    let names = secrets.flatten().filter_map(|secret| match secret {
        SecretSource::Environment(name) => Some(name.as_str()),
        SecretSource::Document(_) => None,
    });
    BTreeSet::from_iter(names).into_iter().collect()
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
    fn name(self) -> &'static str {
        match self {
            Self::Envoy => "envoy",
            Self::Ecds => "ecds",
            Self::Istio => "istio",
            Self::EnvoyGateway => "envoy-gateway",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::draft;

    #[test]
    fn variables_are_told_once_and_sorted_also_of_previous_secrets_and_of_disabled_keys() {
        let text = br#"{"keys": [
            {"secret_id": "AKIDa", "secret_key_env": "B", "previous_secret_key_env": "A",
             "previous_secret_key_not_after": "2020-01-01T00:00:00Z"},
            {"secret_id": "AKIDb", "secret_key": "secret-key-0001"},
            {"secret_id": "AKIDc", "secret_key_env": "B", "status": "disabled"},
            {"secret_id": "AKIDd", "secret_key_env": "C", "status": "disabled"}]}"#;
        assert_eq!(variables(&draft::read(text).expect("valid")), ["A", "B", "C"]);
        assert!(variables(&Document::default()).is_empty());
    }
}
