//! `usage-plan key rotate`

use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value, json};

use super::{find, give_secret, named};
use crate::config::document::{Key, SecretSource};
use crate::console::answer::Answer;
use crate::console::document_file::{DocumentFile, EditOptions, Missing};
use crate::console::draft::KEYS;
use crate::console::error::{Error, Result};
use crate::console::moment::{now, rfc3339};
use crate::console::secret_input::{self, SecretArguments};
use crate::time::Timestamp;

/// A key to give a new secret.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Its secret_id or name
    key: String,
    /// How long the old secret verifies yet, such as 24h or 7days; 0s ends it at once
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    overlap: Duration,
    /// End an older secret that verifies yet
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    secret: SecretArguments,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let given = self.secret.get()?;
        let now = now();
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            let id = draft.id(KEYS, &self.key)?;
            let key = find(draft.document(), &id);
            let Some((key, old)) = key.and_then(|key| Some((key, key.secret.as_ref()?))) else {
                return Err(Error::refused(format!("key \"{id}\" has no secret to rotate")));
            };
            self.may_end_previous(key, now)?;
            let new = new_secret(given, key, old)?;
            let until = (!self.overlap.is_zero()).then(|| rfc3339(now.saturating_add(self.overlap)));
            let object = draft.find_mut(KEYS, &id)?;
            replace(object, &until);
            let told = give_secret(object, &new);
            let old = match &until {
                Some(until) => format!("the old one verifies until {until}"),
                None => "the old one verifies no more".to_owned(),
            };
            let text = format!("secret_id   {id}\nsecret_key  {told}\n{old}");
            let mut json = json!({"secret_id": id, "previous_secret_key_not_after": until});
            if let Some(json) = json.as_object_mut() {
                give_secret(json, &new);
            }
            Ok(self.secret.warn(Answer::new(text, json)))
        })
    }

    fn may_end_previous(&self, key: &Key, now: Timestamp) -> Result<()> {
        match &key.previous {
            Some(previous) if previous.not_after >= now && !self.force => Err(Error::refused(format!(
                "the secret before the present one of key {} verifies until {}, and rotating would end it now: \
                 wait until nobody uses it (usage_plan_secret_uses tells), or give --force",
                named(&key.name, &key.secret_id),
                rfc3339(previous.not_after)
            ))),
            _ => Ok(()),
        }
    }
}

/// The secret to rotate to: the one given, or a random one where that is no step back.
fn new_secret(given: Option<SecretSource>, key: &Key, old: &SecretSource) -> Result<SecretSource> {
    let refused = |why: &str| Err(Error::refused(format!("key {}: {why}", named(&key.name, &key.secret_id))));
    match (given, old) {
        (None, SecretSource::Environment(_)) => refused(
            "its secret is kept out of the document: name the new one's variable with --secret-key-env, \
             or give one for the document with --secret-key",
        ),
        (None, SecretSource::Document(_)) => secret_input::random(),
        (Some(SecretSource::Document(new)), SecretSource::Document(old)) if new == *old => {
            refused("the new secret is the old one")
        }
        (Some(SecretSource::Environment(new)), SecretSource::Environment(old)) if new == *old => {
            refused("the new secret is in the variable of the old one: Envoy needs both, under two names")
        }
        (Some(new), _) => Ok(new),
    }
}

/// Makes the secret of a key the previous one, until then; without an end there is none.
fn replace(key: &mut Map<String, Value>, until: &Option<String>) {
    for (current, previous) in
        [("secret_key", "previous_secret_key"), ("secret_key_env", "previous_secret_key_env")]
    {
        key.shift_remove(previous);
        let secret = key.shift_remove(current);
        if let Some(secret) = secret.filter(|_| until.is_some()) {
            key.insert(previous.to_owned(), secret);
        }
    }
    match until {
        Some(until) => key.insert("previous_secret_key_not_after".to_owned(), until.as_str().into()),
        None => key.shift_remove("previous_secret_key_not_after"),
    };
}
