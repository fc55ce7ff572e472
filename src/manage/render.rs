//! The document as configuration of the proxy that runs the filter.
//!
//! The files shipped in `envoy/` are the templates. So users also get their comments, and no configuration is kept twice.

mod ecds;
mod envoy;
mod error;
mod kubernetes;
mod names;
mod template;
mod upstream;
mod yaml;

use std::collections::BTreeSet;

use usage_plan_core::document::{Document, SecretSource};

pub use self::ecds::{FilterOptions, ecds};
pub use self::envoy::{GatewayOptions, envoy};
pub use self::error::Error;
pub use self::kubernetes::{KubernetesOptions, MAX_VARIABLES, PLACEHOLDER_IMAGE, envoy_gateway, istio};
pub use self::names::{Image, Label, namespace, object_name};
pub use self::upstream::Upstream;

/// The variables that Envoy's environment must have for a document, those of disabled keys included. They are sorted,
/// because Envoy starts every VM again when the list changes.
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

    #[test]
    fn variables_are_listed_once_and_sorted_with_those_of_previous_secrets_and_of_disabled_keys() {
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
