//! The secrets that a document keeps in environment variables: Envoy's, and those that this process has too.

use std::collections::{BTreeSet, HashMap};
use std::{env, fmt};

use usage_plan_core::document::{Document, Errors, Secret, SecretSource, names};
use usage_plan_core::lookup::{self, Config};

use crate::draft::{Draft, PLACEHOLDER_SECRET};
use crate::error::{Error, Result as ManageResult};
use crate::file::DocumentFile;

/// A valid document, and its configuration as the filter would have it in the environment of this process.
pub struct LocalDocument {
    draft: Draft,
    config: Config,
    /// The value of each variable that the document names, or why there is no value.
    variables: HashMap<String, Result<Secret, MissingSecret>>,
}

/// Why this process does not have a secret of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingSecret {
    /// The variable is not set, empty, or not UTF-8.
    NoVariable {
        /// The variable.
        name: String,
    },
    /// The variable's value cannot be a secret key.
    InvalidVariable {
        /// The variable.
        name: String,
    },
}

// === impl LocalDocument ===

impl LocalDocument {
    /// Reads the document of `file` with the secrets in the environment of this process.
    pub fn read(file: &DocumentFile) -> ManageResult<Self> {
        Self::parse(&file.bytes()?, &|name| env::var(name).ok())
            .map_err(|errors| Error::Invalid { path: file.path().to_owned(), errors })
    }

    /// Reads and validates a document. `environment` looks up a variable. A secret that it does not have is
    /// no error: a placeholder stands in for it in the configuration.
    ///
    /// # Errors
    ///
    /// Every rule that the document breaks.
    pub fn parse(text: &[u8], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Errors> {
        let value = |name: &str| variable(name, environment);
        let or_placeholder = |name: &str| match value(name) {
            Ok(secret) => Some(secret.expose().to_owned()),
            Err(_) => Some(PLACEHOLDER_SECRET.to_owned()),
        };
        let (document, config) = lookup::read(text, &or_placeholder)?;
        let variables = variables(&document).into_iter().map(|name| (name.to_owned(), value(name))).collect();
        Ok(Self { draft: Draft::parse(text)?, config, variables })
    }

    /// The document with its objects by id and name.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The document as it is written.
    pub fn document(&self) -> &Document {
        self.draft.document()
    }

    /// What the filter looks requests up in.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The secret that `source`, which is one of this document, stands for.
    ///
    /// # Errors
    ///
    /// Why this process does not have it.
    pub fn secret(&self, source: &SecretSource) -> Result<Secret, MissingSecret> {
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

/// The secret in the variable `name` of an environment.
fn variable(name: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Secret, MissingSecret> {
    match environment(name) {
        Some(value) if names::SECRET_KEY.accepts(&value) => Ok(Secret::new(value)),
        Some(value) if !value.is_empty() => Err(MissingSecret::InvalidVariable { name: name.to_owned() }),
        Some(_) | None => Err(MissingSecret::NoVariable { name: name.to_owned() }),
    }
}

/// The variables that Envoy needs in its environment, also for disabled keys. They are sorted, because Envoy
/// starts every VM anew when the list changes.
pub fn variables(document: &Document) -> Vec<&str> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft;

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

    #[test]
    fn variables_are_listed_once_and_sorted_with_those_of_previous_secrets_and_disabled_keys() {
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
