//! `usage-plan key rotate`

use std::time::Duration;

use clap::Args;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::dates::now;
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::key::{self, NewSecret, Rotated, Rotation};

use crate::commands::EditOptions;
use crate::commands::secret_input::{SecretArguments, secret_answer};
use crate::output::answer::Answer;
use crate::output::error::Result;

/// `usage-plan key rotate`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The key's secret_id or name
    key: String,
    /// How long the old secret keeps verifying, for example 24h or 7days; 0s ends it at once
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    overlap: Duration,
    /// End a still older secret, even if it still verifies
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
        let secret = self.secret.get()?;
        let rotation = Rotation { secret: &secret, overlap: self.overlap, force: self.force, now: now() };
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::rotate(draft, &self.key, &rotation),
            |rotated| self.secret.warn(answer(&rotated, &secret)),
        )
    }
}

fn answer(Rotated { key, old_secret_until }: &Rotated, secret: &NewSecret) -> Answer {
    let until = old_secret_until.map(Timestamp::to_rfc3339);
    let mut answer = secret_answer(&key.id, secret);
    answer.text += &match &until {
        Some(until) => format!("\nthe old secret verifies until {until}"),
        None => "\nthe old secret no longer verifies".to_owned(),
    };
    answer.insert("previous_secret_key_not_after", until);
    answer
}
