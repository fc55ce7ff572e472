//! The variables that a document's secrets are kept in.

use std::collections::BTreeSet;

use usage_plan_core::document::{Document, SecretSource};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft;

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
