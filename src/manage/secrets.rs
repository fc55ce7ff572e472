//! The secrets that a document keeps in environment variables: Envoy's, and those that this process has too.

use std::collections::BTreeSet;
use std::env;

use usage_plan_core::document::{Document, Secret, SecretSource, names};
use usage_plan_core::lookup::{self, Config};

use crate::draft::{Draft, PLACEHOLDER_SECRET};
use crate::error::{Error, Result};
use crate::file::DocumentFile;

/// A valid document, and the configuration that the filter makes of it.
///
/// Where a secret is kept in a variable, the configuration has the value that the variable has in this
/// process; a secret that this process does not have is [`PLACEHOLDER_SECRET`] there.
pub struct Configured {
    /// The document.
    pub draft: Draft,
    /// What the filter looks requests up in.
    pub config: Config,
}

// === impl Configured ===

impl Configured {
    /// Reads the document of `file` with the secrets that this process has.
    pub fn read(file: &DocumentFile) -> Result<Self> {
        let text = file.bytes()?;
        let variable = |name: &str| Some(variable(name).unwrap_or_else(|_| PLACEHOLDER_SECRET.to_owned()));
        let config = lookup::read(&text, &variable).map(|(_, config)| config);
        let read = config.and_then(|config| Ok(Self { draft: Draft::parse(&text)?, config }));
        read.map_err(|errors| Error::Invalid { path: file.path().to_owned(), errors })
    }
}

/// A secret of the document, or the reason why this process does not have it.
pub fn secret(source: &SecretSource) -> std::result::Result<Secret, String> {
    match source {
        SecretSource::Document(secret) => Ok(secret.clone()),
        SecretSource::Environment(name) => variable(name).map(Secret::new),
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

fn variable(name: &str) -> std::result::Result<String, String> {
    match env::var(name) {
        Ok(text) if names::SECRET_KEY.accepts(&text) => Ok(text),
        Ok(text) if !text.is_empty() => {
            Err(format!("the value of the variable {name} {}", names::SECRET_KEY.text()))
        }
        _ => Err(format!("the secret is kept in the variable {name}, which this environment does not have")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft;

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
