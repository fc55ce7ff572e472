//! A document together with the secrets that this process has: those that it names by `secret_key_env` come
//! from the process's own environment, which is rarely Envoy's.

use std::collections::HashMap;
use std::fmt;

use usage_plan_core::document::{Document, Errors, Secret, SecretSource, names};
use usage_plan_core::lookup::{self, Config};

use crate::draft::{Draft, STAND_IN};

/// A valid document, and its configuration as the filter would have it in the environment of this process.
pub(super) struct LocalDocument {
    draft: Draft,
    config: Config,
    /// The value of each variable that the document names, or why there is no value.
    variables: HashMap<String, Result<Secret, MissingSecret>>,
}

/// Why this process does not have a secret of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MissingSecret {
    /// The variable is not set, empty, or not UTF-8.
    NoVariable { name: String },
    /// The variable's value cannot be a secret key.
    InvalidVariable { name: String },
}

// === impl LocalDocument ===

impl LocalDocument {
    /// Reads and validates a document. `environment` looks up a variable. A secret that it does not have is
    /// no error: a placeholder stands in for it in the configuration.
    ///
    /// # Errors
    ///
    /// Every rule that the document breaks.
    pub(super) fn parse(text: &[u8], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Errors> {
        let secret = |name: &str| match environment(name) {
            Some(value) if names::SECRET_KEY.accepts(&value) => Ok(Secret::new(value)),
            Some(value) if !value.is_empty() => Err(MissingSecret::InvalidVariable { name: name.to_owned() }),
            _ => Err(MissingSecret::NoVariable { name: name.to_owned() }),
        };
        let placed = |name: &str| {
            Some(secret(name).map_or_else(|_| STAND_IN.to_owned(), |secret| secret.expose().to_owned()))
        };
        let (document, config) = lookup::read(text, &placed)?;
        let sources = document.keys.iter().flat_map(|key| {
            let previous = key.previous.as_ref().map(|previous| &previous.secret);
            key.secret.as_ref().into_iter().chain(previous)
        });
        let variables = sources.filter_map(|source| match source {
            SecretSource::Environment(name) => Some((name.clone(), secret(name))),
            SecretSource::Document(_) => None,
        });
        let variables = variables.collect();
        Ok(Self { draft: Draft::parse(text)?, config, variables })
    }

    /// The document with its objects by id and name.
    pub(super) fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The document as it is written.
    pub(super) fn document(&self) -> &Document {
        self.draft.document()
    }

    /// What the filter looks requests up in.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// The secret that `source`, which is one of this document, stands for.
    ///
    /// # Errors
    ///
    /// Why this process does not have it.
    pub(super) fn secret(&self, source: &SecretSource) -> Result<Secret, MissingSecret> {
        match source {
            SecretSource::Document(secret) => Ok(secret.clone()),
            SecretSource::Environment(name) => match self.variables.get(name) {
                Some(secret) => secret.clone(),
                None => Err(MissingSecret::NoVariable { name: name.clone() }),
            },
        }
    }
}

// === impl MissingSecret ===

impl fmt::Display for MissingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVariable { name } => {
                write!(f, "the secret is kept in the variable {name}, which this environment does not have")
            }
            Self::InvalidVariable { name } => {
                write!(f, "the value of the variable {name} {}", names::SECRET_KEY.text())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &[u8] = br#"{"keys": [
        {"secret_id": "AKIDa", "secret_key_env": "GOOD", "previous_secret_key_env": "SHORT",
         "previous_secret_key_not_after": "2020-01-01T00:00:00Z"},
        {"secret_id": "AKIDb", "secret_key": "secret-key-0001"},
        {"secret_id": "AKIDc", "secret_key_env": "EMPTY"},
        {"secret_id": "AKIDd", "secret_key_env": "UNSET"}]}"#;

    #[test]
    fn each_secret_is_found_or_reported_missing_with_its_variable() {
        let environment = |name: &str| match name {
            "GOOD" => Some("secret-key-of-the-environment".to_owned()),
            "SHORT" => Some("short".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let local = LocalDocument::parse(DOCUMENT, &environment).expect("valid");
        let secret = |index: usize| {
            let source = local.document().keys[index].secret.as_ref().expect("a secret");
            local.secret(source).map(|secret| secret.expose().to_owned())
        };
        assert_eq!(secret(0), Ok("secret-key-of-the-environment".to_owned()));
        assert_eq!(secret(1), Ok("secret-key-0001".to_owned()));
        assert_eq!(secret(2), Err(MissingSecret::NoVariable { name: "EMPTY".to_owned() }));
        assert_eq!(secret(3), Err(MissingSecret::NoVariable { name: "UNSET".to_owned() }));
        let previous = &local.document().keys[0].previous.as_ref().expect("a previous secret").secret;
        let missing = local.secret(previous).expect_err("the value is too short");
        assert_eq!(missing, MissingSecret::InvalidVariable { name: "SHORT".to_owned() });
        assert!(!missing.to_string().contains("short"), "the value is shown: {missing}");
    }
}
