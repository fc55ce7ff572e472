//! `usage-plan plan list`

use clap::Args;
use serde_json::Value;
use usage_plan_core::document::{Enforcement, UsagePlan};
use usage_plan_manage::dates::now;
use usage_plan_manage::draft::{SERVICES, USAGE_PLANS, text};
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::limits::format_plan_limits;

use crate::commands::complete;
use crate::output::age::age;
use crate::output::answer::{Answer, Cell, Column, Table, Tone};
use crate::output::error::Result;
use crate::output::labels::Labels;

/// A list names so many keys or environments of a plan, and shows only their number when there are more.
const NAMED: usize = 3;

/// `usage-plan plan list`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// List only plans whose id or name contains this
    filter: Option<String>,
    /// List only plans that are bound to an environment of this service, by its id or name
    #[arg(long, add = complete::services())]
    service: Option<String>,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let mut table = Table::with_columns([
            Column::always("NAME"),
            Column::wide("ID"),
            Column::always("STATUS"),
            Column::always("LIMITS"),
            Column::narrow("KEYS"),
            Column::wide("KEYS"),
            Column::narrow("ENVIRONMENTS"),
            Column::wide("ENVIRONMENTS"),
            Column::narrow("AGE"),
            Column::wide("CREATED"),
            Column::wide("REMARK"),
        ]);
        let mut json = Vec::new();
        let (document, now) = (draft.document(), now());
        let labels = Labels::of_plans(document);
        let (keys, services) = (Labels::of_keys(document), Labels::of_services(document));
        let service = match &self.service {
            Some(service) => Some(draft.resolve(SERVICES, service)?.id),
            None => None,
        };
        let is_listed = |plan: &UsagePlan| {
            let is_of = |id: &String| plan.environments.iter().any(|bound| bound.service == *id);
            service.as_ref().is_none_or(is_of)
        };
        let plans = draft.matching(USAGE_PLANS, &document.usage_plans, self.filter.as_deref());
        for (object, plan) in plans.filter(|(_, plan)| is_listed(plan)) {
            let key_names = plan.keys.iter().map(|id| keys.get(id).to_owned());
            let environments =
                plan.environments.iter().map(|b| format!("{}/{}", services.get(&b.service), b.environment));
            let environment_ids =
                plan.environments.iter().map(|b| format!("{}/{}", b.service, b.environment));
            table.row([
                labels.get(&plan.id).into(),
                plan.id.as_str().into(),
                status(plan),
                format_plan_limits(plan).into(),
                few(key_names.collect(), "keys").into(),
                plan.keys.join(" ").into(),
                few(environments.collect(), "environments").into(),
                environment_ids.collect::<Vec<_>>().join(" ").into(),
                age(plan.created_at, now).into(),
                text(object, "created_at").into(),
                plan.remark.as_str().into(),
            ]);
            json.push(Value::from(object.clone()));
        }
        Ok(Answer::new(table, json.into()))
    }
}

fn status(plan: &UsagePlan) -> Cell {
    match plan.enforcement {
        Enforcement::Enforce => Cell::state("enforced", Tone::Good),
        Enforcement::Observe => Cell::state("observed", Tone::Notable),
    }
}

/// The names, or how many of them there are when they are too many for a list.
fn few(names: Vec<String>, noun: &str) -> String {
    if names.len() > NAMED { format!("{} {noun}", names.len()) } else { names.join(" ") }
}
