//! `usage-plan engine show`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use usage_plan_engine::listing::{Filter, Row};
use usage_plan_engine::store;

use super::options::{EngineOptions, FilterOptions, Names, borrowed};
use crate::output::answer::{Answer, Cell, Column, Table, Text, Tone};
use crate::output::error::{Error, Result};

/// `usage-plan engine show`
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    engine: EngineOptions,
    /// Read the store of an engine that does not run
    #[arg(long, value_name = "PATH", conflicts_with = "admin")]
    store: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, names: &Names) -> Result<Answer> {
        let members = self.filter.members(names);
        let counters = match &self.store {
            Some(path) => of_store(path, &members)?,
            None => {
                let counters = self.engine.admin.counters(&borrowed(&members));
                counters.map_err(|error| self.engine.error(error))?
            }
        };
        Ok(Answer::new(text(&counters), json!({ "counters": counters })))
    }
}

fn of_store(path: &Path, members: &[(&'static str, String)]) -> Result<Vec<Value>> {
    let filter = Filter::of(members.iter().map(|(name, value)| (*name, value.clone())));
    let filter = filter.map_err(Error::usage)?;
    let page = store::list_closed(path, &[], usize::MAX, |counter| filter.wants(&counter.counter));
    let page = page.map_err(|error| match error {
        store::Error::InUse(_) => Error::unreachable(format!("--store {}", path.display()), error).hint(
            "an engine that runs says what it holds at its admin port: give --admin instead of --store",
        ),
        error => Error::unreachable(format!("--store {}", path.display()), error),
    })?;
    let row = |(counter, spent)| Row::of_quota(counter, spent).to_json();
    Ok(page.counters.into_iter().map(row).collect())
}

fn text(counters: &[Value]) -> Text {
    if counters.is_empty() {
        return "No such counter has anything spent.".into();
    }
    let columns = [
        Column::wide("DOMAIN"),
        Column::always("PLAN"),
        Column::if_any("PART"),
        Column::always("PERIOD"),
        Column::if_any("ID"),
        Column::always("SPENT"),
        Column::if_any("CARRIED"),
        Column::always("LIMIT"),
        Column::always("REMAINING"),
        Column::always("RENEWS"),
    ];
    let mut table = Table::with_columns(columns);
    for counter in counters {
        let word = |name: &str| counter[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| counter[name].as_u64().map(|number| number.to_string()).unwrap_or_default();
        let carried = if counter["carried"] == 0 { String::new() } else { number("carried") };
        let tone = if counter["remaining"] == 0 { Tone::Bad } else { Tone::Plain };
        let renews = counter["renews_at"].as_str().unwrap_or("never").to_owned();
        table.row([
            Cell::from(word("domain")),
            Cell::from(word("plan")),
            Cell::from(word("part")),
            Cell::from(word("period")),
            Cell::from(word("period_id")),
            Cell::from(number("spent")),
            Cell::from(carried),
            Cell::from(number("limit")),
            Cell::state(number("remaining"), tone),
            Cell::from(renews),
        ]);
    }
    table.into()
}
