//! The secrets that a document does not have itself.

use crate::document::{Path, Report, SECRET, Secret, SecretSource, names, rules};
use crate::sentence::Sentence;

/// Looks up a secret that the document does not have itself: the secret, or why there is none.
pub(super) type Secrets<'s> = &'s dyn Fn(&SecretSource) -> Result<String, Sentence>;

/// The secret as the filter has it, or why it has none; `variable` looks up the environment
/// of its VM, or of Envoy in the native module.
///
/// # Errors
///
/// The variable is not set or is empty, or the secret is in a file.
pub fn secret_of_vm(
    source: &SecretSource,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Sentence> {
    match source {
        SecretSource::Document(secret) => Ok(secret.expose().to_owned()),
        SecretSource::Environment(name) => variable(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| rules::NO_VARIABLE.put(name.as_str())),
        SecretSource::File(_) => Err(rules::NO_FILE.into()),
    }
}

/// The secret that the document does not have itself. One that is not there or breaks the rule for secret
/// keys is reported.
pub(super) fn from_elsewhere(
    source: &SecretSource,
    secrets: Secrets<'_>,
    path: Path<'_>,
    report: &Report,
) -> Secret {
    match secrets(source) {
        Ok(value) if names::SECRET_KEY.accepts(&value) => Secret::new(value),
        Ok(_) => {
            let (_, name) = source.member(SECRET);
            report.add(path, rules::VALUE_OF.put(name).put(names::SECRET_KEY.phrase()));
            Secret::new("")
        }
        Err(reason) => {
            report.add(path, reason);
            Secret::new("")
        }
    }
}
