//! A secret that a key is given, and how its owner learns of it.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::error::Result;
use crate::secret_input;
use usage_plan_core::document::SecretSource;

/// A secret that a key is given.
pub(super) struct NewSecret {
    source: SecretSource,
    /// Whether it was made here, and has to be shown; only this once.
    is_random: bool,
}

// === impl NewSecret ===

impl NewSecret {
    /// The secret that was given, or a random one.
    pub(super) fn new(given: Option<SecretSource>) -> Result<Self> {
        let is_random = given.is_none();
        Ok(Self { source: given.map_or_else(secret_input::random, Ok)?, is_random })
    }

    /// Writes it into the key's object.
    pub(super) fn give_to(&self, key: &mut Map<String, Value>) {
        let (member, value) = match &self.source {
            SecretSource::Document(secret) => ("secret_key", secret.expose()),
            SecretSource::Environment(name) => ("secret_key_env", name.as_str()),
        };
        key.insert(member.to_owned(), value.into());
    }

    /// What its owner is told.
    pub(super) fn answer(&self, secret_id: &str) -> Answer {
        let (told, member) = match &self.source {
            SecretSource::Document(secret) if self.is_random => {
                (secret.expose().to_owned(), Some(("secret_key", secret.expose())))
            }
            SecretSource::Document(_) => ("as given".to_owned(), None),
            SecretSource::Environment(name) => {
                let told = format!("in the variable {name} of Envoy's environment");
                (told, Some(("secret_key_env", name.as_str())))
            }
        };
        let mut json = json!({"secret_id": secret_id});
        if let (Some((member, value)), Some(object)) = (member, json.as_object_mut()) {
            object.insert(member.to_owned(), value.into());
        }
        Answer::new(format!("secret_id   {secret_id}\nsecret_key  {told}"), json)
    }
}
