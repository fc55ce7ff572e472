//! `usage-plan key rotate`

use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};

use super::find;
use super::new_secret::NewSecret;
use crate::answer::Answer;
use crate::document_file::{DocumentFile, EditOptions, Missing};
use crate::draft::{KEYS, Named, set};
use crate::error::{Error, Result};
use crate::moment::{now, rfc3339};
use crate::secret_input::SecretArguments;
use usage_plan_core::document::{Key, SecretSource};
use usage_plan_core::timestamp::Timestamp;

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
            let name = draft.resolve(KEYS, &self.key)?;
            let key = find(draft.document(), &name.id)?;
            self.may_end_previous(&name, key, now)?;
            may_replace(key.secret.as_ref(), given.as_ref())
                .map_err(|why| Error::refused(format!("key {name}: {why}")))?;
            let new = NewSecret::new(given)?;
            let until = now.saturating_add(self.overlap);
            if until == Timestamp::NEVER {
                return Err(Error::usage("--overlap ends later than the document can say (the year 2554)"));
            }
            let until = (!self.overlap.is_zero()).then(|| rfc3339(until));
            let object = draft.find_mut(KEYS, &name.id)?;
            retire(object, until.as_deref());
            new.give_to(object);
            let mut answer = self.secret.warn(new.answer(&name.id));
            answer.text += &match &until {
                Some(until) => format!("\nthe old one verifies until {until}"),
                None => "\nthe old one verifies no more".to_owned(),
            };
            if let Some(json) = answer.json.as_object_mut() {
                json.insert("previous_secret_key_not_after".to_owned(), until.into());
            }
            Ok(answer)
        })
    }

    fn may_end_previous(&self, name: &Named, key: &Key, now: Timestamp) -> Result<()> {
        match &key.previous {
            Some(previous) if previous.verifies_at(now) && !self.force => Err(Error::refused(format!(
                "the secret before the present one of key {name} verifies until {}, and rotating would end it now: \
                 wait until nobody uses it (usage_plan_secret_uses tells), or give --force",
                rfc3339(previous.not_after)
            ))),
            _ => Ok(()),
        }
    }
}

/// Whether `new` (a random one when it is none) is a secret to replace `old` with.
fn may_replace(
    old: Option<&SecretSource>,
    new: Option<&SecretSource>,
) -> std::result::Result<(), &'static str> {
    match (old, new) {
        (Some(SecretSource::Environment(_)), None) => Err("its secret is kept out of the document: \
             name the new one's variable with --secret-key-env, or give one for the document with --secret-key"),
        (Some(SecretSource::Document(old)), Some(SecretSource::Document(new))) if old == new => {
            Err("the new secret is the old one")
        }
        (Some(SecretSource::Environment(old)), Some(SecretSource::Environment(new))) if old == new => {
            Err("the new secret is in the variable of the old one: Envoy needs both, under two names")
        }
        _ => Ok(()),
    }
}

/// Makes the secret of a key the previous one, which verifies until then; without an end it is gone.
fn retire(key: &mut Map<String, Value>, until: Option<&str>) {
    for (current, previous) in
        [("secret_key", "previous_secret_key"), ("secret_key_env", "previous_secret_key_env")]
    {
        key.shift_remove(previous);
        let secret = key.shift_remove(current);
        if let Some(secret) = secret.filter(|_| until.is_some()) {
            key.insert(previous.to_owned(), secret);
        }
    }
    key.shift_remove("previous_secret_key_not_after");
    set(key, "previous_secret_key_not_after", until.map(Value::from));
}
