//! `usage-plan engine set`

use clap::Args;
use serde_json::json;
use usage_plan_core::document::{Period, UtcOffset};
use usage_plan_manage::dates::now;
use usage_plan_manage::engine::QuotaCounter;

use super::options::{EngineOptions, Names, PartOptions};
use crate::commands::complete;
use crate::commands::plan::parse;
use crate::output::answer::Answer;
use crate::output::error::Result;

/// `usage-plan engine set`
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    engine: EngineOptions,
    /// Of this plan, by its id, or by its name in the document
    #[arg(long, add = complete::plans())]
    plan: String,
    #[command(flatten)]
    part: PartOptions,
    /// Of the present period of this kind: minute, hour, day, week, month, year or total
    #[arg(long, value_parser = parse::period)]
    period: Period,
    /// The offset from UTC at which the period begins
    #[arg(long, value_name = "OFFSET", default_value = "+00:00")]
    #[arg(allow_hyphen_values = true, value_parser = offset)]
    utc_offset: UtcOffset,
    /// Of this period instead of the present one, by the id that `usage-plan engine show` prints
    #[arg(long, value_name = "ID", conflicts_with = "utc_offset")]
    period_id: Option<String>,
    /// Of this domain instead of the engine's first
    #[arg(long)]
    domain: Option<String>,
    /// What is spent, instead of all that was
    #[arg(long, value_name = "NUMBER")]
    spent: u64,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, names: &Names) -> Result<Answer> {
        let (plan, part) = (names.plan(&self.plan), self.part.part(names));
        let present = QuotaCounter::now(&plan, part.as_deref(), self.period, self.utc_offset, now());
        let period_id = self.period_id.clone().unwrap_or(present.period_id);
        let counter = QuotaCounter { domain: self.domain.clone(), period_id, ..present };
        let before = self.engine.admin.set(&counter, self.spent).map_err(|error| self.engine.error(error))?;
        let QuotaCounter { period, period_id, .. } = &counter;
        let of_part = part.as_ref().map(|part| format!(" of {part}")).unwrap_or_default();
        let spent = self.spent;
        let text =
            format!("usage plan {plan}{of_part}: {spent} spent in {period} {period_id}, instead of {before}");
        let json = json!({"plan": plan, "part": part, "period": period, "period_id": period_id,
            "before": before, "spent": spent});
        Ok(Answer::new(text, json))
    }
}

fn offset(text: &str) -> std::result::Result<UtcOffset, &'static str> {
    UtcOffset::parse(text).ok_or("it must be an offset such as +08:00, from -12:00 to +14:00")
}
