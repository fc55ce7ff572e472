//! `usage-plan key edit`

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::dates::now;
use usage_plan_manage::draft::{KEYS, Members, Named};
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::key;

use crate::commands::{EditOptions, complete};
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};
use crate::output::flags::Flags;

/// `usage-plan key edit`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The key's secret_id or name
    #[arg(add = complete::keys())]
    key: String,
    /// Rename the key
    #[arg(long)]
    name: Option<String>,
    /// Refuse the key before this time (RFC 3339); "" removes the limit
    #[arg(long, value_name = "TIME")]
    not_before: Option<String>,
    /// Refuse the key after this time (RFC 3339); "" removes the limit
    #[arg(long, value_name = "TIME")]
    not_after: Option<String>,
    /// Refuse the key after this time from now on, for example 90d: sets --not-after
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, conflicts_with = "not_after")]
    expires: Option<Duration>,
    /// A note for people, of up to 200 characters; "" removes it
    #[arg(long)]
    remark: Option<String>,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let not_after = match self.expires {
            Some(expires) => Some(end_of(expires)?),
            None => self.not_after.clone(),
        };
        let members = Members::new()
            .with("name", self.name.as_deref())
            .with("not_before", self.not_before.as_deref())
            .with("not_after", not_after)
            .with("remark", self.remark.as_deref());
        let flags = Flags::check(KEYS, &members)?;
        let edited = self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::edit(draft, &self.key, members),
            |key| {
                let member = |name| key.get(name).cloned().unwrap_or(Value::Null);
                let json = json!({"name": member("name"), "secret_id": member("secret_id"),
                    "not_before": member("not_before"), "not_after": member("not_after"), "remark": member("remark")});
                Answer::new(format!("key {} is edited", Named::of(KEYS, &key)), json)
            },
        );
        edited.map_err(|error| flags.in_error(error))
    }
}

/// The time that `--expires` means, as the document has it.
pub(super) fn end_of(expires: Duration) -> Result<String> {
    match now().saturating_add(expires) {
        Timestamp::NEVER => {
            Err(Error::usage("--expires ends later than the document can say (the year 2554)"))
        }
        time => Ok(time.to_rfc3339()),
    }
}
