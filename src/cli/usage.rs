//! `usage-plan usage`: what each plan has admitted and refused.

mod counts;

use std::fs;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use self::counts::{Counts, Outcomes};
use super::admin::Admin;
use super::answer::{Answer, Table};
use super::document_file::DocumentFile;
use super::draft::Named;
use super::error::Result;
use usage_plan_core::auth::SecretUsed;
use usage_plan_core::document::Document;
use usage_plan_core::telemetry::metric_names;

/// What Envoy puts before the name of a filter's counter, whatever its `stats_tags`.
const STATISTICS: &str = "wasmcustom.";

/// Envoy answers within milliseconds, or not at all.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Whom to ask.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Envoy's admin interface; may be repeated, and then the numbers are sums
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9901")]
    admin: Vec<Admin>,
}

/// What was counted, with the names of the document.
struct Usage {
    counts: Counts,
    document: Document,
}

/// A plan with what was counted for it.
struct Plan<'a> {
    id: &'a str,
    name: &'a str,
    /// Whether the document has it.
    known: bool,
    outcomes: &'a Outcomes,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let mut counts = Counts::default();
        let prefix = format!("{STATISTICS}{}", metric_names::PREFIX);
        for admin in &self.admin {
            counts.add(admin.statistics(&prefix, TIMEOUT)?);
        }
        // The numbers are there without the document: it gives the names, and the plans that nobody called.
        let (document, warning) = match fs::exists(file.path()).unwrap_or(true).then(|| file.read()) {
            None => (Document::default(), None),
            Some(Ok(draft)) => (draft.into_document(), None),
            Some(Err(error)) => (Document::default(), Some(format!("there are no names: {error}"))),
        };
        let usage = Usage { counts, document };
        let answer = Answer::new(usage.text(), usage.json());
        Ok(warning.into_iter().fold(answer, Answer::warn))
    }
}

// === impl Usage ===

impl Usage {
    /// Those of the document in its order, then those that were called before they left it.
    fn plans(&self) -> impl Iterator<Item = Plan<'_>> {
        let plans = &self.document.usage_plans;
        let known = plans.iter().map(|plan| Plan {
            id: &plan.id,
            name: &plan.name,
            known: true,
            outcomes: self.counts.of_plan(&plan.id),
        });
        let called = self.counts.plans().filter(|(id, _)| plans.iter().all(|plan| plan.id != *id));
        known.chain(called.map(|(id, outcomes)| Plan { id, name: "", known: false, outcomes }))
    }

    /// For people: a table of plans; others where there is something to tell.
    fn text(&self) -> String {
        let plans = self.plans().map(|Plan { id, name, outcomes, .. }| {
            let (admitted, other) = (outcomes.admitted(), outcomes.other());
            let numbers = [admitted, outcomes.rate_limited(), outcomes.quota_exceeded(), other];
            [id.to_owned(), name.to_owned()]
                .into_iter()
                .chain(numbers.map(|number| number.to_string()))
                .collect()
        });
        let observed = self.plans().flat_map(|Plan { id, outcomes, .. }| {
            outcomes
                .observed()
                .map(move |(outcome, calls)| vec![id.to_owned(), outcome.to_owned(), calls.to_string()])
        });
        let unknown = self.counts.without_plan().iter();
        let unknown = unknown.map(|(outcome, calls)| vec![outcome.to_owned(), calls.to_string()]);
        let secrets = self.counts.secret_uses().map(|(id, uses)| {
            let name = self.document.key(id).map_or("", |key| key.name.as_str());
            let [current, previous] =
                [SecretUsed::Current, SecretUsed::Previous].map(|secret| uses.of(secret.as_str()));
            vec![Named::new(id, name).to_string(), current.to_string(), previous.to_string()]
        });
        let titles = ["PLAN", "NAME", "ADMITTED", "RATE LIMITED", "QUOTA EXCEEDED", "OTHER"];
        let mut sections = vec![table(&titles, plans.collect())];
        for (titles, rows) in [
            (["ADMITTED BY PLAN", "OBSERVED", "CALLS"].as_slice(), observed.collect::<Vec<_>>()),
            (&["WITHOUT A PLAN", "CALLS"], unknown.collect()),
            (&["KEY", "CURRENT SECRET", "PREVIOUS SECRET"], secrets.collect()),
        ] {
            if !rows.is_empty() {
                sections.push(table(titles, rows));
            }
        }
        sections.join("\n\n")
    }

    /// For programs: everything, by outcome.
    fn json(&self) -> Value {
        let plans = self.plans().map(|Plan { id, name, known, outcomes }| {
            json!({"id": id, "name": name, "in_document": known, "admitted": outcomes.admitted(),
                "rate_limited": outcomes.rate_limited(), "quota_exceeded": outcomes.quota_exceeded(),
                "other": outcomes.other(), "outcomes": outcomes.json()})
        });
        let secrets =
            self.counts.secret_uses().map(|(id, uses)| json!({"secret_id": id, "uses": uses.json()}));
        json!({"usage_plans": plans.collect::<Value>(), "without_plan": self.counts.without_plan().json(),
            "secret_uses": secrets.collect::<Value>()})
    }
}

fn table(titles: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new(titles);
    rows.into_iter().for_each(|row| table.row(row));
    table.lines()
}
