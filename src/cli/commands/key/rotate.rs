//! `usage-plan key rotate`

use std::time::Duration;

use clap::Args;
use serde_json::json;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::dates::now;
use usage_plan_manage::draft::KEYS;
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::key::{self, NewSecret, Rotated, Rotation};

use crate::commands::ask::Person;
use crate::commands::secret_input::{SecretArguments, secret_answer};
use crate::commands::{EditOptions, complete};
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};

/// `usage-plan key rotate`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The key's secret_id or name
    #[arg(add = complete::keys())]
    key: String,
    /// How long the secret that is replaced keeps verifying, for example 24h or 7days
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    overlap: Option<Duration>,
    /// End the old secret at once
    #[arg(long, conflicts_with = "overlap")]
    now: bool,
    /// End a rotation early: only the present secret verifies from now on
    #[arg(long, conflicts_with_all = ["overlap", "now", "cancel", "secret_key", "secret_key_env"])]
    finish: bool,
    /// Take a rotation back: the previous secret is the present one again, and the new one ends, unless
    /// --overlap is given
    #[arg(long, conflicts_with_all = ["now", "secret_key", "secret_key_env"])]
    cancel: bool,
    #[command(flatten)]
    secret: SecretArguments,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        if self.finish {
            return self.finish(file);
        }
        if self.cancel {
            return self.cancel(file);
        }
        let overlap = self.overlap(file)?;
        let secret = self.secret.get()?;
        let rotation = Rotation { secret: &secret, overlap, force: self.edit.force, now: now() };
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::rotate(draft, &self.key, &rotation),
            |rotated| self.secret.warn(rotated_answer(&rotated, &secret)),
        )
    }

    /// How long the old secret keeps verifying. Nobody ends a secret that callers use by leaving out a flag.
    fn overlap(&self, file: &DocumentFile) -> Result<Duration> {
        match (self.overlap, Person::present()) {
            (Some(overlap), _) => Ok(overlap),
            (None, _) if self.now => Ok(Duration::ZERO),
            (None, Some(mut person)) => {
                // Whoever names no key of the document is not asked first.
                file.read()?.find(KEYS, &self.key)?;
                person.ask(
                    "How long does the old secret keep verifying? For example 24h or 7days; \
                     0s ends it at once: ",
                    |answer| humantime::parse_duration(answer).map_err(|error| error.to_string()),
                )
            }
            (None, None) => Err(Error::usage(
                "how long does the old secret keep verifying? Give --overlap, for example --overlap 24h, \
                 or --now, which ends it at once",
            )),
        }
    }

    fn finish(&self, file: &DocumentFile) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::finish_rotation(draft, &self.key),
            |key| {
                Answer::new(
                    format!("the previous secret of key {key} no longer verifies"),
                    json!({"secret_id": key.id, "previous_secret_key_not_after": null}),
                )
            },
        )
    }

    fn cancel(&self, file: &DocumentFile) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::cancel_rotation(draft, &self.key, self.overlap.unwrap_or_default(), now()),
            |Rotated { key, old_secret_until }| {
                let until = old_secret_until.map(Timestamp::to_rfc3339);
                let end = until_text("the one that replaced it", until.as_deref());
                Answer::new(
                    format!("the previous secret of key {key} is the present one again\n{end}"),
                    json!({"secret_id": key.id, "previous_secret_key_not_after": until}),
                )
            },
        )
    }
}

fn rotated_answer(Rotated { key, old_secret_until }: &Rotated, secret: &NewSecret) -> Answer {
    let until = old_secret_until.map(Timestamp::to_rfc3339);
    let mut answer = secret_answer(&key.id, secret);
    answer.text.push_str(&format!("\n{}", until_text("the old secret", until.as_deref())));
    answer.insert("previous_secret_key_not_after", until);
    answer
}

fn until_text(secret: &str, until: Option<&str>) -> String {
    match until {
        Some(until) => format!("{secret} verifies until {until}"),
        None => format!("{secret} no longer verifies"),
    }
}
