//! `usage-plan key create`

use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};
use usage_plan_manage::draft::{KEYS, Members, Named, text};
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::key::{self, NewSecret};

use super::edit::end_of;
use crate::commands::secret_input::{SecretArguments, secret_answer};
use crate::commands::{EditOptions, complete, ids, new_object};
use crate::output::answer::Answer;
use crate::output::error::Result;

/// `usage-plan key create`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A name for people: up to 50 of A-Z a-z 0-9 _ -
    #[arg(long)]
    name: String,
    /// Use this id instead of AKID and 36 random characters
    #[arg(long, value_name = "ID")]
    secret_id: Option<String>,
    /// A note for people, of up to 200 characters
    #[arg(long)]
    remark: Option<String>,
    /// Refuse the key after this time from now on, for example 90d
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    expires: Option<Duration>,
    /// Bind the key to this usage plan (repeatable), by its id or name
    #[arg(long, add = complete::plans())]
    plan: Vec<String>,
    #[command(flatten)]
    secret: SecretArguments,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let not_after = self.expires.map(end_of).transpose()?;
        let members =
            Members::new().with("not_after", not_after.as_deref()).with("remark", self.remark.as_deref());
        let (new, flags) = new_object(KEYS, &self.secret_id, &self.name, members)?;
        let secret = self.secret.get()?;
        let created = self.edit.edit(
            file,
            Missing::IsEmpty,
            |draft| key::create(draft, new, &secret, &self.plan),
            |(key, plans)| self.secret.warn(answer(&key, &plans, &secret)),
        );
        created.map_err(|error| flags.in_error(error))
    }
}

fn answer(key: &Map<String, Value>, plans: &[Named], secret: &NewSecret) -> Answer {
    let mut answer = secret_answer(text(key, KEYS.id), secret);
    if let Some(Value::String(time)) = key.get("not_after") {
        answer.text.push_str(&format!("\nthe key expires at {time}"));
        answer.insert("not_after", time.as_str());
    }
    for plan in plans {
        answer.text.push_str(&format!("\nthe key is bound to usage plan {plan}"));
    }
    if !plans.is_empty() {
        answer.insert("usage_plans", ids(plans));
    }
    answer
}
