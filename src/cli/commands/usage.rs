//! `usage-plan usage`: prints what each plan has admitted and refused.

use std::fs;

use clap::Args;
use serde_json::{Value, json};

use crate::output::answer::{Answer, Table, Text};
use crate::output::error::Result;
use usage_plan_core::document::Document;
use usage_plan_manage::admin::Admin;
use usage_plan_manage::draft::Named;
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::usage::{Counts, Outcomes, PlanCounts};

/// The Envoys to ask.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Envoy's admin interface; may be repeated, and then the numbers are sums
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9901")]
    admin: Vec<Admin>,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let counts = Counts::ask(&self.admin)?;
        let (document, warning) = names(file);
        let answer = Answer::new(text(&counts, &document), json(&counts, &document));
        Ok(warning.into_iter().fold(answer, Answer::warn))
    }
}

/// The document, which gives the names and the plans that nobody called. The numbers can be shown without it.
fn names(file: &DocumentFile) -> (Document, Option<String>) {
    if !fs::exists(file.path()).unwrap_or(true) {
        return (Document::default(), None);
    }
    match file.read() {
        Ok(draft) => (draft.into_document(), None),
        Err(error) => (Document::default(), Some(format!("there are no names: {error}"))),
    }
}

/// A table of plans, and a table of everything else that was counted.
fn text(counts: &Counts, document: &Document) -> Text {
    let plans = counts.plans(document).map(|plan| {
        let PlanCounts { id, name, outcomes, .. } = plan;
        let numbers =
            [outcomes.admitted(), outcomes.rate_limited(), outcomes.quota_exceeded(), outcomes.other()];
        let numbers = numbers.map(|number| number.to_string());
        [id.to_owned(), name.to_owned()].into_iter().chain(numbers).collect()
    });
    let observed = counts.plans(document).flat_map(|PlanCounts { id, outcomes, .. }| {
        let row =
            move |(outcome, calls): (&str, u64)| vec![id.to_owned(), outcome.to_owned(), calls.to_string()];
        outcomes.observed().map(row)
    });
    let without_plan = counts.without_plan().iter();
    let without_plan = without_plan.map(|(outcome, calls)| vec![outcome.to_owned(), calls.to_string()]);
    let secrets = counts.secret_uses(document).map(|key| {
        let name = Named::new(key.secret_id, key.name).to_string();
        vec![name, key.current().to_string(), key.previous().to_string()]
    });
    let titles = ["PLAN", "NAME", "ADMITTED", "RATE LIMITED", "QUOTA EXCEEDED", "OTHER"];
    let mut sections = vec![table(&titles, plans.collect())];
    for (titles, rows) in [
        (["ADMITTED BY PLAN", "OBSERVED", "CALLS"].as_slice(), observed.collect::<Vec<_>>()),
        (&["WITHOUT A PLAN", "CALLS"], without_plan.collect()),
        (&["KEY", "CURRENT SECRET", "PREVIOUS SECRET"], secrets.collect()),
    ] {
        if !rows.is_empty() {
            sections.push(table(titles, rows));
        }
    }
    Text::of_tables(sections)
}

/// Every number, by outcome.
fn json(counts: &Counts, document: &Document) -> Value {
    let plans = counts.plans(document).map(|PlanCounts { id, name, in_document, outcomes }| {
        json!({"id": id, "name": name, "in_document": in_document, "admitted": outcomes.admitted(),
            "rate_limited": outcomes.rate_limited(), "quota_exceeded": outcomes.quota_exceeded(),
            "other": outcomes.other(), "outcomes": outcomes_json(outcomes)})
    });
    let secrets = counts
        .secret_uses(document)
        .map(|key| json!({"secret_id": key.secret_id, "uses": outcomes_json(key.uses)}));
    json!({"usage_plans": plans.collect::<Value>(), "without_plan": outcomes_json(counts.without_plan()),
        "secret_uses": secrets.collect::<Value>()})
}

fn outcomes_json(outcomes: &Outcomes) -> Value {
    outcomes.iter().map(|(name, calls)| (name.to_owned(), Value::from(calls))).collect()
}

fn table(titles: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new(titles);
    rows.into_iter().for_each(|row| table.row(row));
    table
}
