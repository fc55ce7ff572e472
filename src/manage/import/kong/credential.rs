//! Turns an hmac-auth credential into a key.

use serde_json::Value;
use usage_plan_core::document::{Key, Secret, SecretSource};

use super::{Advice, Entry, Members, Notes, Object, Result};

/// The beginning of a reference to a vault of Kong.
const VAULT: &str = "{vault://";

/// Why a secret cannot be carried over, and what to do about it.
type Problem = (&'static str, Option<Advice>);

/// The key of a credential; `None`, with a note, if its secret cannot be carried over.
pub(super) fn key(
    consumer: &str,
    remark: String,
    credential: &Members<'_>,
    notes: &mut Notes,
) -> Result<Option<Object>> {
    let id = credential.required("username")?;
    let mut key = Key { name: consumer.to_owned(), secret_id: id.to_owned(), remark, ..Key::default() };
    let label = Entry::Key.label(&key.to_json());
    let value = credential.value("secret");
    match secret(value) {
        Ok(secret) => {
            if let SecretSource::Environment(variable) = &secret {
                let caveat = if is_vault(value) { " (Kong's vault may put a prefix before it)" } else { "" };
                let reason = format!(
                    "its secret stays in the variable {variable}, which Envoy's VM must have{caveat}"
                );
                notes.add(label, reason);
            }
            key.secret = Some(secret);
            Ok(Some(key.to_json()))
        }
        Err((reason, advice)) => {
            notes.mark_left_out(Entry::Key, id);
            notes.add_with(label, format!("is left out: {reason}"), advice);
            Ok(None)
        }
    }
}

/// Whether a secret is a reference to a vault of Kong.
fn is_vault(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_some_and(|text| text.starts_with(VAULT))
}

/// The secret of a credential, or the variable that holds it.
fn secret(value: Option<&Value>) -> std::result::Result<SecretSource, Problem> {
    let text = match value {
        None => return Err(("the file does not have its secret, because Kong generated one", None)),
        Some(Value::String(text)) => text,
        Some(_) => return Err(("its secret is not a string: quote it in the file", None)),
    };
    if let Some(name) = text.strip_prefix("${{").and_then(|text| text.strip_suffix("}}")) {
        let name = name.trim().strip_prefix("env").map(str::trim);
        let name = name.and_then(|name| name.strip_prefix(['"', '`'])?.strip_suffix(['"', '`']));
        return match name {
            Some(name) => Ok(SecretSource::Environment(name.to_owned())),
            None => Err(("its secret comes from a template", Some(Advice::CreateKey))),
        };
    }
    if let Some(reference) = text.strip_prefix(VAULT) {
        let name = reference.strip_suffix('}').and_then(|reference| reference.strip_prefix("env/"));
        return match name.filter(|name| !name.contains(['/', '?', '#'])) {
            Some(name) => Ok(SecretSource::Environment(name.to_ascii_uppercase().replace('-', "_"))),
            None => Err(("its secret is in a vault", Some(Advice::CreateKey))),
        };
    }
    Ok(SecretSource::Document(Secret::new(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_outside_the_file_is_named_by_its_variable_or_an_error() {
        let variable = |text: &str| match secret(Some(&text.into())) {
            Ok(SecretSource::Environment(name)) => Some(name),
            _ => None,
        };
        assert_eq!(variable("${{ env \"DECK_ACME\" }}").as_deref(), Some("DECK_ACME"));
        assert_eq!(variable("${{env `DECK_ACME`}}").as_deref(), Some("DECK_ACME"));
        assert_eq!(variable("{vault://env/acme-secret}").as_deref(), Some("ACME_SECRET"));
        for bad in ["${{ env \"DECK_ACME\" | toBool }}", "{vault://env/acme/password}", "{vault://hcv/acme}"]
        {
            assert!(secret(Some(&bad.into())).is_err(), "{bad}");
        }
        assert!(secret(Some(&1_234_567_890.into())).is_err());
        assert!(secret(None).is_err());
        assert!(matches!(secret(Some(&"acme-secret-key-0001".into())), Ok(SecretSource::Document(_))));
    }
}
