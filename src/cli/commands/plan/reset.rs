//! `usage-plan plan reset`

use clap::Args;
use serde_json::{Value, json};
use usage_plan_core::document::Period;
use usage_plan_manage::dates::now;
use usage_plan_manage::file::{Change, DocumentFile, Edited, Missing};
use usage_plan_manage::limits::format_quota;
use usage_plan_manage::operations::plan::{self, QuotaReset, Quotas};

use super::parse;
use crate::commands::{EditOptions, complete};
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};

/// `usage-plan plan reset`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The plan's id or name
    #[arg(add = complete::plans())]
    plan: String,
    /// Only what this key has used, by its secret_id or name; the plan must count its keys apart
    #[arg(long, add = complete::keys())]
    key: Option<String>,
    /// Only quotas of this period: minute, hour, day, week, month, year or total
    #[arg(long, value_name = "PERIOD", value_parser = parse::period)]
    limit: Option<Period>,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let quotas = Quotas { plan: &self.plan, key: self.key.as_deref(), period: self.limit };
        let edit = |draft: &mut _| plan::reset(draft, quotas, now()).map_err(Into::into);
        let edited = self
            .edit
            .logged(file)
            .edit(self.edit.mode(), Missing::IsAnError, edit)
            .map_err(|error| Error::of_edit(file.path(), error))?;
        let Edited { value: reset, change } = edited;
        let is_dry_run = matches!(change, Change::WouldWrite { .. });
        let sentence = sentence(&reset, is_dry_run);
        let json = json(&reset);
        let value = Answer::new(sentence.clone(), json.clone());
        let mut answer = self.edit.answer(file, Edited { value, change });
        // A difference does not say what is lost by it.
        if is_dry_run {
            answer.text.push_front(&format!("{sentence}\n"));
            answer.insert("reset", json);
        }
        Ok(answer)
    }
}

fn sentence(reset: &QuotaReset, is_dry_run: bool) -> String {
    let QuotaReset { plan, key, per_key, at, quotas } = reset;
    let forgets = if is_dry_run { "would forget" } else { "forgets" };
    let of = match (key, per_key) {
        (Some(key), _) => format!(" by key {key}"),
        (None, true) => " by every key".to_owned(),
        (None, false) => String::new(),
    };
    let quotas: Vec<String> = quotas
        .iter()
        .map(|(quota, path)| match path {
            Some(path) => format!("{} of {path}", format_quota(quota)),
            None => format_quota(quota),
        })
        .collect();
    let (at, quotas) = (at.to_rfc3339(), quotas.join(", "));
    format!("usage plan {plan} {forgets} what was used{of} before {at} of {quotas}")
}

fn json(reset: &QuotaReset) -> Value {
    let quotas = reset.quotas.iter().map(|(quota, path)| {
        let mut quota = quota.to_json();
        quota.extend(path.clone().map(|path| ("api".to_owned(), path.into())));
        quota
    });
    json!({
        "usage_plan": reset.plan.id,
        "key": reset.key.as_ref().map(|key| &key.id),
        "at": reset.at.to_rfc3339(),
        "quotas": quotas.collect::<Vec<_>>(),
    })
}
