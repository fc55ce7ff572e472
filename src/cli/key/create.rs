//! `usage-plan key create`

use clap::Args;
use serde_json::Map;

use super::new_secret::NewSecret;
use crate::answer::Answer;
use crate::document_file::{DocumentFile, EditOptions, Missing};
use crate::draft::KEYS;
use crate::error::Result;
use crate::moment::{now, rfc3339};
use crate::random;
use crate::secret_input::SecretArguments;

/// The cloud product's ids are this and random characters.
const PREFIX: &str = "AKID";
const RANDOM: usize = 36;

/// A key pair to make.
#[derive(Args, Debug)]
pub struct Arguments {
    /// For people: up to 50 of A-Z a-z 0-9 _ -
    #[arg(long)]
    name: String,
    /// An id of one's own, instead of AKID and 36 random characters
    #[arg(long, value_name = "ID")]
    secret_id: Option<String>,
    #[command(flatten)]
    secret: SecretArguments,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let id = match &self.secret_id {
            Some(id) => id.clone(),
            None => format!("{PREFIX}{}", random::alphanumeric(RANDOM)?),
        };
        let secret = NewSecret::new(self.secret.get()?)?;
        let mut key = Map::new();
        key.insert("name".to_owned(), self.name.as_str().into());
        key.insert("secret_id".to_owned(), id.as_str().into());
        secret.give_to(&mut key);
        key.insert("created_at".to_owned(), rfc3339(now()).into());
        file.edit(&self.edit, Missing::IsEmpty, |draft| {
            draft.add(KEYS, key)?;
            Ok(self.secret.warn(secret.answer(&id)))
        })
    }
}
