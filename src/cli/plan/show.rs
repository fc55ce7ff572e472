//! `usage-plan plan list` and `show`

use clap::Args;
use serde_json::Value;

use super::limits;
use crate::answer::{Answer, Table};
use crate::document_file::DocumentFile;
use crate::draft::{USAGE_PLANS, text};
use crate::error::Result;
use usage_plan_core::document::{Enforcement, UsagePlan};

/// A list tells how many there are when there are more than these.
const NAMED: usize = 3;

/// Which usage plans to list.
#[derive(Args, Debug)]
pub struct ListArguments {
    /// Only plans whose id or name contains this
    filter: Option<String>,
}

/// Which usage plan to show.
#[derive(Args, Debug)]
pub struct ShowArguments {
    /// Its id or name
    plan: String,
}

// === impl ListArguments ===

impl ListArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let titles = ["NAME", "ID", "STATUS", "LIMITS", "KEYS", "ENVIRONMENTS", "CREATED"];
        let mut table = Table::new(&titles);
        let mut json = Vec::new();
        for (place, object) in draft.matching(USAGE_PLANS, self.filter.as_deref()) {
            let Some(plan) = draft.document().usage_plans.get(place) else { continue };
            let environments = plan.environments.iter().map(|b| format!("{}/{}", b.service, b.environment));
            table.row([
                plan.name.as_str(),
                &plan.id,
                status(plan),
                &limits::line(plan),
                &few(plan.keys.clone()),
                &few(environments.collect()),
                text(object, "created_at"),
            ]);
            json.push(Value::from(object.clone()));
        }
        Ok(Answer::new(table.lines(), json.into()))
    }
}

// === impl ShowArguments ===

impl ShowArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let plan = draft.find(USAGE_PLANS, &self.plan)?;
        let json = plan.clone().into();
        Ok(Answer::new(Table::of_members(&json).lines(), json))
    }
}

fn status(plan: &UsagePlan) -> &'static str {
    match plan.enforcement {
        Enforcement::Enforce => "enforced",
        Enforcement::Observe => "observed",
    }
}

/// The names, or how many when they are too many for a list.
fn few(names: Vec<String>) -> String {
    if names.len() > NAMED { format!("{} of them", names.len()) } else { names.join(" ") }
}
