//! `usage-plan engine import`

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use usage_plan_core::document::Document;
use usage_plan_manage::dates::now;
use usage_plan_manage::engine::QuotaCounter;
use usage_plan_manage::engine::spent::Listing;
use usage_plan_manage::file::DocumentFile;

use super::options::EngineOptions;
use crate::commands::read_input;
use crate::output::answer::{Answer, Column, Table};
use crate::output::error::{Error, Result};

/// `usage-plan engine import`
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    engine: EngineOptions,
    /// What gateways have spent, a file for each; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Show what would be imported and import nothing
    #[arg(long)]
    dry_run: bool,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        // What an engine lists needs no document.
        let document = match fs::exists(file.path()) {
            Ok(false) => Document::default(),
            _ => file.read()?.into_document(),
        };
        let mut spent = Listing::default();
        for path in &self.files {
            let (name, text) = read_input(path)?;
            let listing = Listing::read(&text, &document, now());
            spent.add(listing.map_err(|why| Error::refused(format!("{name}: {why}")))?);
        }
        let Listing { amounts, left_out } = spent;
        let amounts: Vec<(QuotaCounter, u64)> = amounts.into_iter().collect();
        let engine = match self.dry_run {
            true => Vec::new(),
            false => self.engine.admin.import(&amounts).map_err(|error| self.engine.error(error))?,
        };
        let answer = self.answer(&amounts, &engine);
        Ok(left_out.into_iter().fold(answer, |answer, why| answer.warn(format!("not imported: {why}"))))
    }

    fn answer(&self, amounts: &[(QuotaCounter, u64)], engine: &[Value]) -> Answer {
        let mut table = Table::with_columns([
            Column::always("PLAN"),
            Column::if_any("PART"),
            Column::always("PERIOD"),
            Column::always("ID"),
            Column::always("CARRIED"),
            Column::if_any("BEFORE"),
            Column::if_any("GRANTED"),
        ]);
        let mut rows = Vec::new();
        for (index, (counter, spent)) in amounts.iter().enumerate() {
            let QuotaCounter { plan, part, period, period_id, .. } = counter.clone();
            let said = engine.get(index).unwrap_or(&Value::Null);
            let number =
                |name: &str| said[name].as_u64().map(|number| number.to_string()).unwrap_or_default();
            rows.push(json!({
                "plan": plan, "part": part, "period": period, "period_id": period_id, "carried": spent,
                "before": said["before"], "granted": said["granted"],
            }));
            let cells = [plan, part.unwrap_or_default(), period, period_id, spent.to_string()];
            table.row(cells.into_iter().chain([number("before"), number("granted")]));
        }
        let done = if self.dry_run { "read, and not imported" } else { "imported" };
        let mut answer = Answer::new(table, json!({"counters": rows, "dry_run": self.dry_run}));
        let noun = if amounts.len() == 1 { "quota is" } else { "quotas are" };
        answer.text.push_below(format!("{} {noun} {done}", amounts.len()));
        answer
    }
}
