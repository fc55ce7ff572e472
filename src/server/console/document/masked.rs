//! The document's text without its secrets, and the secrets put back.

use serde_json::Value;
use usage_plan_core::document::SECRET_MEMBERS;
use usage_plan_manage::draft::Draft;

/// The text of the document, where a word stands for each secret.
pub(super) fn masked(draft: &Draft) -> String {
    secrets(draft).iter().fold(draft.text(), |text, (member, secret, mask)| {
        text.replace(&entry(member, secret), &entry(member, mask))
    })
}

/// The text with the document's secrets in the places of the words that stand for them. Lines stay lines.
pub(super) fn unmasked(draft: &Draft, text: &str) -> String {
    secrets(draft).iter().fold(text.to_owned(), |text, (_, secret, mask)| {
        text.replace(&Value::from(mask.as_str()).to_string(), &Value::from(secret.as_str()).to_string())
    })
}

/// A member as the document's text has it.
fn entry(member: &str, value: &str) -> String {
    format!("{}: {}", Value::from(member), Value::from(value))
}

/// Each secret that is in the document: its member, the secret, and the word that stands for it. A secret has
/// no space, so that no secret is such a word.
fn secrets(draft: &Draft) -> Vec<(&'static str, String, String)> {
    let tree: Value = serde_json::from_str(&draft.text()).unwrap_or_default();
    let keys = tree.get("keys").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut secrets = Vec::new();
    for key in keys {
        let id = key.get("secret_id").and_then(Value::as_str).unwrap_or_default();
        for member in SECRET_MEMBERS {
            if let Some(secret) = key.get(member).and_then(Value::as_str) {
                secrets.push((member, secret.to_owned(), format!("({member} of {id})")));
            }
        }
    }
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_its_secrets_means_the_same_with_them() {
        let text = br#"{"keys": [
            {"name": "acme", "secret_id": "AKIDacme", "secret_key": "acme-secret-key-1",
             "previous_secret_key": "acme-secret-key-0", "previous_secret_key_not_after":
                 "2030-01-01T00:00:00Z"},
            {"name": "beta", "secret_id": "AKIDbeta", "secret_key": "acme-secret-key-1", "remark":
                "acme-secret-key-1"}]}"#;
        let draft = Draft::parse(text).expect("valid");
        let shown = masked(&draft);
        assert!(!shown.contains("\"acme-secret-key-0\""));
        assert_eq!(shown.matches("acme-secret-key-1").count(), 1, "a note is no secret: {shown}");
        assert!(shown.contains("(previous_secret_key of AKIDacme)"));
        assert_eq!(unmasked(&draft, &shown), draft.text());
    }
}
