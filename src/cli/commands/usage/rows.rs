//! The rows of plans and of keys.

use serde_json::{Value, json};
use usage_plan_core::document::Document;
use usage_plan_manage::limits::format_plan_limits;
use usage_plan_manage::usage::{Counts, Outcomes};

use crate::output::answer::{Column, Table};

/// A plan or a key, and how its calls ended.
pub(super) struct Row<'a> {
    /// The id of the plan or the key.
    pub(super) id: &'a str,
    /// Its name; empty when the document does not have it.
    pub(super) name: &'a str,
    /// Whether the document has it.
    in_document: bool,
    /// The plan of a key; `None` if the row is a plan's.
    plan: Option<Plan<'a>>,
    /// The limits of the plan; empty when the document does not have it.
    limits: String,
    pub(super) outcomes: &'a Outcomes,
}

/// The plan that a key called on; both are empty if the calls did not prove that they are the key's.
struct Plan<'a> {
    id: &'a str,
    name: &'a str,
}

/// The rows of all plans, in the document's order.
pub(super) fn of_plans<'a>(counts: &'a Counts, document: &'a Document) -> Vec<Row<'a>> {
    let row = |counts: usage_plan_manage::usage::PlanCounts<'a>| Row {
        id: counts.id,
        name: counts.plan.map_or("", |plan| &plan.name),
        in_document: counts.plan.is_some(),
        plan: None,
        limits: counts.plan.map(format_plan_limits).unwrap_or_default(),
        outcomes: counts.outcomes,
    };
    counts.plans(document).map(row).collect()
}

/// The rows of all keys that were called with, by their ids.
pub(super) fn of_keys<'a>(counts: &'a Counts, document: &'a Document) -> Vec<Row<'a>> {
    let row = |counts: usage_plan_manage::usage::KeyCounts<'a>| Row {
        id: counts.secret_id,
        name: counts.key.map_or("", |key| &key.name),
        in_document: counts.key.is_some(),
        plan: Some(Plan { id: counts.plan_id, name: counts.plan.map_or("", |plan| &plan.name) }),
        limits: counts.plan.map(format_plan_limits).unwrap_or_default(),
        outcomes: counts.outcomes,
    };
    counts.keys(document).map(row).collect()
}

pub(super) fn plan_table(rows: &[Row<'_>]) -> Table {
    let cells = |row: &Row<'_>| [vec![row.id.to_owned(), row.name.to_owned()], row.numbers()].concat();
    table(&["PLAN", "NAME"]).with(rows.iter().map(cells))
}

pub(super) fn key_table(rows: &[Row<'_>]) -> Table {
    let cells = |row: &Row<'_>| {
        let plan =
            row.plan.as_ref().map_or("", |plan| if plan.name.is_empty() { plan.id } else { plan.name });
        [vec![row.id.to_owned(), row.name.to_owned(), plan.to_owned()], row.numbers()].concat()
    };
    table(&["KEY", "NAME", "PLAN"]).with(rows.iter().map(cells))
}

/// A table without rows: columns that say what a row is about, then those of [`Row::numbers`].
fn table(about: &[&str]) -> Table {
    let numbers = ["LIMITS", "ADMITTED", "RATE LIMITED", "QUOTA EXCEEDED", "OTHER"];
    let columns = about.iter().copied().chain(numbers).map(Column::always);
    // Most documents do not show callers their usage.
    Table::with_columns(columns.chain(["USAGE SHOWN", "USAGE REFUSED"].map(Column::if_any)))
}

// === impl Row ===

impl Row<'_> {
    /// The limits, and the numbers beside them.
    fn numbers(&self) -> Vec<String> {
        let Self { outcomes, .. } = self;
        let numbers =
            [outcomes.admitted(), outcomes.rate_limited(), outcomes.quota_exceeded(), outcomes.other()];
        let of_usage = [outcomes.usage_shown(), outcomes.usage_rate_limited()];
        let of_usage = of_usage.map(|number| if number == 0 { String::new() } else { number.to_string() });
        let numbers = numbers.into_iter().map(|number| number.to_string());
        [self.limits.clone()].into_iter().chain(numbers).chain(of_usage).collect()
    }

    pub(super) fn to_json(&self) -> Value {
        let Self { id, name, in_document, plan, limits, outcomes } = self;
        let limits = Some(limits).filter(|limits| !limits.is_empty());
        let mut json = match plan {
            None => json!({"id": id, "name": name}),
            Some(plan) => json!({"secret_id": id, "name": name,
                "usage_plan": Some(plan.id).filter(|id| !id.is_empty()), "usage_plan_name": plan.name}),
        };
        json["in_document"] = json!(in_document);
        json["limits"] = json!(limits);
        json["admitted"] = outcomes.admitted().into();
        json["refused"] = outcomes.refused().into();
        json["rate_limited"] = outcomes.rate_limited().into();
        json["quota_exceeded"] = outcomes.quota_exceeded().into();
        json["other"] = outcomes.other().into();
        json["usage_shown"] = outcomes.usage_shown().into();
        json["usage_rate_limited"] = outcomes.usage_rate_limited().into();
        json["outcomes"] = outcomes_json(outcomes);
        json
    }
}

pub(super) fn outcomes_json(outcomes: &Outcomes) -> Value {
    outcomes.iter().map(|(name, calls)| (name.to_owned(), Value::from(calls))).collect()
}
