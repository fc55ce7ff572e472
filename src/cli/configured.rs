//! The document as this process can use it: with the secrets of its own variables, where it has them.

use std::env;

use super::document_file::DocumentFile;
use super::draft::{Draft, STAND_IN};
use super::error::Result;
use usage_plan_core::document::SecretSource;
use usage_plan_core::document::{Secret, names};
use usage_plan_core::lookup;
use usage_plan_core::lookup::Config;

/// A valid document, and the filter's view of it.
pub(super) struct Configured {
    pub(super) draft: Draft,
    pub(super) config: Config,
}

// === impl Configured ===

impl Configured {
    pub(super) fn read(file: &DocumentFile) -> Result<Self> {
        let text = file.bytes()?;
        let variable = |name: &str| Some(variable(name).unwrap_or_else(|_| STAND_IN.to_owned()));
        let config = lookup::read(&text, &variable).map(|(_, config)| config);
        let read = config.and_then(|config| Ok(Self { draft: Draft::parse(&text)?, config }));
        read.map_err(|errors| file.invalid(&errors))
    }
}

/// A secret of the document, or why this process does not have it.
pub(super) fn secret(source: &SecretSource) -> std::result::Result<Secret, String> {
    match source {
        SecretSource::Document(secret) => Ok(secret.clone()),
        SecretSource::Environment(name) => variable(name).map(Secret::new),
    }
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
