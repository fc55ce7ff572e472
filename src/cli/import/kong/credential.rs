//! From an hmac-auth credential to a key.

use serde_json::Value;

use super::{Members, Notes, Object, Part};
use crate::error::Result;

/// Where a secret is, by the member that the document has for it.
enum Location {
    Key(String),
    Variable { name: String, told: &'static str },
}

/// The key, unless the document cannot have it; that is told.
pub(super) fn key(consumer: &str, credential: &Members<'_>, notes: &mut Notes) -> Result<Option<Object>> {
    let id = credential.required("username")?;
    let mut key = Object::new();
    key.insert("name".to_owned(), consumer.into());
    key.insert("secret_id".to_owned(), id.into());
    match secret(credential.value("secret")) {
        Ok(Location::Key(secret)) => drop(key.insert("secret_key".to_owned(), secret.into())),
        Ok(Location::Variable { name, told }) => {
            let reason = format!("its secret stays in the variable {name}, which Envoy's VM must have{told}");
            notes.add(Part::Key.named(&key), reason);
            key.insert("secret_key_env".to_owned(), name.into());
        }
        Err(reason) => {
            notes.leave_out(Part::Key, &key, format!("is left out: {reason}"));
            return Ok(None);
        }
    }
    Ok(Some(key))
}

fn secret(value: Option<&Value>) -> std::result::Result<Location, &'static str> {
    let text = match value {
        None => return Err("the file has no secret of it, for Kong made one up"),
        Some(Value::String(text)) => text,
        Some(_) => return Err("its secret is not a text: quote it in the file"),
    };
    if let Some(name) = text.strip_prefix("${{").and_then(|text| text.strip_suffix("}}")) {
        let name = name.trim().strip_prefix("env").map(str::trim);
        let name = name.and_then(|name| name.strip_prefix(['"', '`'])?.strip_suffix(['"', '`']));
        return match name {
            Some(name) => Ok(Location::Variable { name: name.to_owned(), told: "" }),
            None => {
                Err("its secret is made by a template: write it into the file, or `usage-plan key create \
                         --secret-key-env`")
            }
        };
    }
    if let Some(reference) = text.strip_prefix("{vault://") {
        let name = reference.strip_suffix('}').and_then(|reference| reference.strip_prefix("env/"));
        return match name.filter(|name| !name.contains(['/', '?', '#'])) {
            Some(name) => Ok(Location::Variable {
                name: name.to_ascii_uppercase().replace('-', "_"),
                told: " (Kong's vault may put a prefix before it)",
            }),
            None => Err(
                "its secret is in a vault: put it into a variable of Envoy's VM and `usage-plan key create \
                         --secret-key-env`",
            ),
        };
    }
    Ok(Location::Key(text.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_is_elsewhere_is_named_by_its_variable_or_told() {
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
        assert!(matches!(secret(Some(&"acme-secret-key-0001".into())), Ok(Location::Key(_))));
    }
}
