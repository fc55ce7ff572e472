//! `usage-plan usage`: prints what each plan or each key was admitted and refused, or what is left to a key.

mod remaining;
mod rows;
mod since;

use std::fs;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use self::remaining::RemainingOptions;
use self::rows::Row;
use super::admin_options::AdminOptions;
use crate::output::answer::{Answer, Table, Text};
use crate::output::error::{Error, Kind, Result};
use usage_plan_core::document::Document;
use usage_plan_manage::admin::{self, Admin};
use usage_plan_manage::draft::Named;
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::status::Snapshot;
use usage_plan_manage::usage::{Counts, Outcomes};

/// The Envoys to ask, and what to show of their numbers.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    admin: AdminOptions,
    /// What to count by; keys are counted if the document has options.metrics_per_key
    #[arg(long, value_enum, default_value_t)]
    by: By,
    /// Show only the first N plans or keys, those refused most unless --sort says another order
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// The order of plans or keys [default: of plans the document's, of keys those refused most]
    #[arg(long, value_enum)]
    sort: Option<Sort>,
    #[command(flatten)]
    remaining: RemainingOptions,
}

/// `--by`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum By {
    /// A row for each usage plan
    #[default]
    Plan,
    /// A row for each key and the plan that it called on
    Key,
}

/// `--sort`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// Those refused most come first
    Refused,
    /// Those admitted most come first
    Admitted,
    /// By name, and by id where names are equal
    Name,
}

/// What was asked, and what each Envoy answered.
struct Numbers<'a> {
    /// The sums over all Envoys that answered.
    counts: Counts,
    envoys: Vec<(Admin, admin::Result<Snapshot>)>,
    document: &'a Document,
}

// === impl Arguments ===

impl Arguments {
    /// Asks; `typed` are the flags of the command line.
    pub(crate) fn run(&self, file: &DocumentFile, typed: &[String]) -> Result<Answer> {
        match self.remaining.run(file, typed)? {
            Some(answer) => Ok(answer),
            None => self.counts(file),
        }
    }

    fn counts(&self, file: &DocumentFile) -> Result<Answer> {
        let envoys = Snapshot::all(&self.admin.or_shipped());
        let (document, warning) = names(file);
        let mut counts = Counts::default();
        for (_, snapshot) in &envoys {
            snapshot.iter().for_each(|snapshot| counts.merge(&snapshot.counts));
        }
        let numbers = Numbers { counts, envoys, document: &document };
        numbers.check()?;
        let rows = self.rows(&numbers);
        let answer = Answer::new(self.text(&numbers, &rows), self.json(&numbers, &rows));
        let answer = Answer { failed: numbers.failure(), ..answer };
        let warnings = warning.into_iter().chain(numbers.warnings()).chain(self.missing(&numbers));
        Ok(warnings.fold(answer, Answer::warn))
    }

    /// The rows to show, in their order.
    fn rows<'n>(&self, numbers: &'n Numbers<'_>) -> Vec<Row<'n>> {
        let Numbers { counts, document, .. } = numbers;
        let (mut rows, order) = match self.by {
            By::Plan => (rows::of_plans(counts, document), self.top.map(|_| Sort::Refused)),
            By::Key => (rows::of_keys(counts, document), Some(Sort::Refused)),
        };
        match self.sort.or(order) {
            None => {}
            Some(Sort::Refused) => rows.sort_by_key(|row| std::cmp::Reverse(row.outcomes.refused())),
            Some(Sort::Admitted) => rows.sort_by_key(|row| std::cmp::Reverse(row.outcomes.admitted())),
            Some(Sort::Name) => rows.sort_by(|a, b| (a.name, a.id).cmp(&(b.name, b.id))),
        }
        rows.truncate(self.top.unwrap_or(usize::MAX));
        rows
    }

    /// A table of plans or keys, a table of everything else that was counted, and since when.
    fn text(&self, numbers: &Numbers<'_>, rows: &[Row<'_>]) -> Text {
        let Numbers { counts, document, envoys } = numbers;
        let mut text = match self.by {
            By::Key if rows.is_empty() => "No call was counted by key.".into(),
            By::Key => rows::key_table(rows).into(),
            By::Plan => {
                Text::of_tables([rows::plan_table(rows)].into_iter().chain(other_tables(counts, document)))
            }
        };
        text.push_str("\n");
        for (admin, snapshot) in envoys {
            if let Ok(snapshot) = snapshot {
                text.push_below(since::line(admin, snapshot));
            }
        }
        text
    }

    /// Every number, by outcome.
    fn json(&self, numbers: &Numbers<'_>, rows: &[Row<'_>]) -> Value {
        let Numbers { counts, document, envoys } = numbers;
        let rows: Value = rows.iter().map(Row::to_json).collect();
        let envoys: Value = envoys.iter().map(|(admin, answer)| since::json(admin, answer)).collect();
        if self.by == By::Key {
            return json!({"keys": rows, "envoys": envoys});
        }
        let secrets = counts
            .secret_uses(document)
            .map(|key| json!({"secret_id": key.secret_id, "uses": rows::outcomes_json(key.uses)}));
        json!({"usage_plans": rows, "without_plan": rows::outcomes_json(counts.without_plan()),
            "secret_uses": secrets.collect::<Value>(), "envoys": envoys})
    }

    /// Why there is no key to show, if there is none.
    fn missing(&self, Numbers { counts, document, .. }: &Numbers<'_>) -> Option<String> {
        let is_missing = self.by == By::Key && counts.keys(document).next().is_none();
        is_missing.then(|| {
            "no call is counted by key: options.metrics_per_key is off in the document in force, or no call \
             has named one of its keys since it was switched on"
                .to_owned()
        })
    }
}

// === impl Numbers ===

impl Numbers<'_> {
    /// An error if there are no numbers at all.
    fn check(&self) -> Result<()> {
        let is_serving = |snapshot: &Snapshot| snapshot.has_document();
        if self.envoys.iter().any(|(_, answer)| answer.as_ref().is_ok_and(is_serving)) {
            return Ok(());
        }
        let lines: Vec<String> = self.warnings().collect();
        Err(match &self.envoys[..] {
            [(_, Err(error))] => error.clone().into(),
            envoys if envoys.iter().all(|(_, answer)| answer.is_err()) => {
                Error::unreachable("no Envoy answers", format!("\n  {}", lines.join("\n  ")))
            }
            _ => Error::refused(lines.join("\n")),
        })
    }

    /// The Envoys that have no numbers, with the reason.
    fn warnings(&self) -> impl Iterator<Item = String> {
        self.envoys.iter().filter_map(|(admin, answer)| match answer {
            Err(error) => Some(error.to_string()),
            Ok(snapshot) => (!snapshot.has_document()).then(|| {
                let address = admin.address();
                format!(
                    "{address}: no document is in force, and nothing is counted: \
                     `usage-plan status --admin {address}` says what to do"
                )
            }),
        })
    }

    /// The cause of a failure, although other Envoys have numbers.
    fn failure(&self) -> Option<Kind> {
        let answers = || self.envoys.iter().map(|(_, answer)| answer);
        if answers().flatten().any(|snapshot| !snapshot.has_document()) {
            return Some(Kind::Refused);
        }
        answers().any(admin::Result::is_err).then_some(Kind::Unreachable)
    }
}

/// The document, which gives the names, the limits, and the plans that nobody called. The numbers can be
/// shown without it.
fn names(file: &DocumentFile) -> (Document, Option<String>) {
    if !fs::exists(file.path()).unwrap_or(true) {
        return (Document::default(), None);
    }
    match file.read() {
        Ok(draft) => (draft.into_document(), None),
        Err(error) => (Document::default(), Some(format!("there are no names: {error}"))),
    }
}

/// The tables of what was counted besides plans; those without a row are left out.
fn other_tables(counts: &Counts, document: &Document) -> Vec<Table> {
    let observed = counts.plans(document).flat_map(|plan| {
        let row = move |(outcome, calls): (&str, u64)| {
            vec![plan.id.to_owned(), outcome.to_owned(), calls.to_string()]
        };
        plan.outcomes.observed().map(row)
    });
    let of_outcome = |(outcome, calls): (&str, u64)| vec![outcome.to_owned(), calls.to_string()];
    let without_plan = Outcomes::iter(counts.without_plan()).map(of_outcome);
    let secrets = counts.secret_uses(document).map(|key| {
        let name = Named::new(key.secret_id, key.name).to_string();
        vec![name, key.current().to_string(), key.previous().to_string()]
    });
    let tables = [
        (["ADMITTED BY PLAN", "OBSERVED", "CALLS"].as_slice(), observed.collect::<Vec<_>>()),
        (&["WITHOUT A PLAN", "CALLS"], without_plan.collect()),
        (&["KEY", "CURRENT SECRET", "PREVIOUS SECRET"], secrets.collect()),
    ];
    let tables = tables.into_iter().filter(|(_, rows)| !rows.is_empty());
    tables.map(|(titles, rows)| Table::new(titles).with(rows)).collect()
}
