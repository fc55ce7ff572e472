//! Turns an hmac-auth credential into a key.

use serde_json::Value;

use super::{Advice, Entry, Members, Notes, Object, Result};

/// Where a credential's secret is.
enum Location {
    /// In the file: the secret itself.
    File(String),
    /// In a variable of this name; with a remark on the name.
    Variable { name: String, remark: &'static str },
}

/// Why a secret cannot be carried over, and what to do about it.
type Problem = (&'static str, Option<Advice>);

/// The key of a credential; `None`, with a note, if its secret cannot be carried over.
pub(super) fn key(consumer: &str, credential: &Members<'_>, notes: &mut Notes) -> Result<Option<Object>> {
    let id = credential.required("username")?;
    let mut key = Object::new();
    key.insert("name".to_owned(), consumer.into());
    key.insert("secret_id".to_owned(), id.into());
    match secret(credential.value("secret")) {
        Ok(Location::File(secret)) => drop(key.insert("secret_key".to_owned(), secret.into())),
        Ok(Location::Variable { name, remark }) => {
            let reason =
                format!("its secret stays in the variable {name}, which Envoy's VM must have{remark}");
            notes.add(Entry::Key.label(&key), reason);
            key.insert("secret_key_env".to_owned(), name.into());
        }
        Err((reason, advice)) => {
            notes.mark_left_out(Entry::Key, id);
            notes.add_with(Entry::Key.label(&key), format!("is left out: {reason}"), advice);
            return Ok(None);
        }
    }
    Ok(Some(key))
}

fn secret(value: Option<&Value>) -> std::result::Result<Location, Problem> {
    let text = match value {
        None => return Err(("the file does not have its secret, because Kong generated one", None)),
        Some(Value::String(text)) => text,
        Some(_) => return Err(("its secret is not a string: quote it in the file", None)),
    };
    if let Some(name) = text.strip_prefix("${{").and_then(|text| text.strip_suffix("}}")) {
        let name = name.trim().strip_prefix("env").map(str::trim);
        let name = name.and_then(|name| name.strip_prefix(['"', '`'])?.strip_suffix(['"', '`']));
        return match name {
            Some(name) => Ok(Location::Variable { name: name.to_owned(), remark: "" }),
            None => Err(("its secret comes from a template", Some(Advice::CreateKey))),
        };
    }
    if let Some(reference) = text.strip_prefix("{vault://") {
        let name = reference.strip_suffix('}').and_then(|reference| reference.strip_prefix("env/"));
        return match name.filter(|name| !name.contains(['/', '?', '#'])) {
            Some(name) => Ok(Location::Variable {
                name: name.to_ascii_uppercase().replace('-', "_"),
                remark: " (Kong's vault may put a prefix before it)",
            }),
            None => Err(("its secret is in a vault", Some(Advice::CreateKey))),
        };
    }
    Ok(Location::File(text.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_outside_the_file_is_named_by_its_variable_or_an_error() {
        let variable = |text: &str| match secret(Some(&text.into())) {
            Ok(Location::Variable { name, .. }) => Some(name),
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
        assert!(matches!(secret(Some(&"acme-secret-key-0001".into())), Ok(Location::File(_))));
    }
}
