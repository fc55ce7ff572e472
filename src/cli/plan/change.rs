//! `usage-plan plan create`, `edit` and `delete`

use clap::Args;
use serde_json::Map;

use super::find;
use super::limits::LimitArguments;
use crate::answer::Answer;
use crate::document_file::{DocumentFile, EditOptions, Missing};
use crate::draft::{Named, USAGE_PLANS, set};
use crate::error::Result;
use crate::moment::{now, rfc3339};
use crate::random;

/// The cloud product's ids are this and random characters.
const PREFIX: &str = "usagePlan-";
const RANDOM: usize = 8;

/// A usage plan to make.
#[derive(Args, Debug)]
pub struct CreateArguments {
    /// For people: up to 50 of A-Z a-z 0-9 _
    #[arg(long)]
    name: String,
    /// An id of one's own, instead of usagePlan- and 8 random characters
    #[arg(long)]
    id: Option<String>,
    #[command(flatten)]
    limits: LimitArguments,
    #[command(flatten)]
    edit: EditOptions,
}

/// A usage plan, and what to change of it.
#[derive(Args, Debug)]
pub struct EditArguments {
    /// Its id or name
    plan: String,
    /// Another name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    limits: LimitArguments,
    #[command(flatten)]
    edit: EditOptions,
}

/// A usage plan to delete.
#[derive(Args, Debug)]
pub struct DeleteArguments {
    /// Its id or name
    plan: String,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl CreateArguments ===

impl CreateArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let id = match &self.id {
            Some(id) => id.clone(),
            None => format!("{PREFIX}{}", random::lowercase(RANDOM)?),
        };
        let mut plan = Map::new();
        plan.insert("id".to_owned(), id.as_str().into());
        plan.insert("name".to_owned(), self.name.as_str().into());
        self.limits.apply(&mut plan);
        set(&mut plan, "created_at", Some(rfc3339(now()).into()));
        file.edit(&self.edit, Missing::IsEmpty, |draft| {
            draft.add(USAGE_PLANS, plan.clone())?;
            Ok(Answer::new(format!("usage plan {} is created", Named::of(USAGE_PLANS, &plan)), plan.into()))
        })
    }
}

// === impl EditArguments ===

impl EditArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            draft.edit(USAGE_PLANS, &self.plan, self.name.as_deref(), |plan| self.limits.apply(plan))
        })
    }
}

// === impl DeleteArguments ===

impl DeleteArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            let id = draft.resolve(USAGE_PLANS, &self.plan)?.id;
            let plan = find(draft.document(), &id)?;
            let keys = plan.keys.iter().map(|key| format!("plan unbind-key {id} {key}"));
            let environments = plan
                .environments
                .iter()
                .map(|bound| format!("plan unbind-environment {id} {} {}", bound.service, bound.environment));
            let unbind: Vec<String> = keys.chain(environments).collect();
            draft.delete(USAGE_PLANS, &id, &unbind)
        })
    }
}
