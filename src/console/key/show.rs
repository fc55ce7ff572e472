//! `usage-plan key list` and `show`

use clap::Args;
use serde_json::{Map, Value};

use super::{find, plans};
use crate::config::document::{Document, Key, KeyStatus};
use crate::console::answer::{Answer, Table};
use crate::console::document_file::DocumentFile;
use crate::console::draft::{KEYS, SECRETS, text};
use crate::console::error::Result;
use crate::console::moment::now;

/// Which keys to list.
#[derive(Args, Debug)]
pub struct ListArguments {
    /// Only keys whose secret_id or name contains this
    filter: Option<String>,
}

/// Which key to show.
#[derive(Args, Debug)]
pub struct ShowArguments {
    /// Its secret_id or name
    key: String,
    /// Show its secrets too
    #[arg(long)]
    reveal: bool,
}

// === impl ListArguments ===

impl ListArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let mut table = Table::new(&["NAME", "SECRET ID", "STATUS", "USAGE PLANS", "CREATED"]);
        let mut json = Vec::new();
        for key in draft.matching(KEYS, self.filter.as_deref()) {
            let id = text(key, "secret_id");
            let plans: Vec<&str> = plans(draft.document(), id).map(|plan| plan.id.as_str()).collect();
            let status = status(find(draft.document(), id)?);
            table.row([text(key, "name"), id, status, &plans.join(" "), text(key, "created_at")]);
            json.push(shown(key, draft.document(), false));
        }
        Ok(Answer::new(table.lines(), json.into()))
    }
}

// === impl ShowArguments ===

impl ShowArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let key = draft.find(KEYS, &self.key)?;
        let shown = shown(key, draft.document(), self.reveal);
        let mut table = Table::of_members(&shown);
        for hidden in SECRETS.iter().filter(|name| !self.reveal && key.contains_key(**name)) {
            table.row([*hidden, "hidden; --reveal shows it"]);
        }
        Ok(Answer::new(table.lines(), shown))
    }
}

/// The key as it is in the document, with its plans; without its secrets, unless they are to be revealed.
fn shown(key: &Map<String, Value>, document: &Document, reveal: bool) -> Value {
    let mut shown = key.clone();
    shown.retain(|name, _| reveal || !SECRETS.contains(&name.as_str()));
    shown.entry("status").or_insert_with(|| "enabled".into());
    let plans = plans(document, text(key, "secret_id")).map(|plan| Value::from(plan.id.as_str()));
    shown.insert("usage_plans".to_owned(), plans.collect());
    shown.into()
}

/// What a call of the key would meet now.
fn status(key: &Key) -> &'static str {
    match key.status {
        KeyStatus::Disabled => "disabled",
        KeyStatus::Enabled if key.not_before.is_some_and(|from| now() < from) => "enabled, not yet valid",
        KeyStatus::Enabled if key.not_after.is_some_and(|until| until < now()) => "enabled, expired",
        KeyStatus::Enabled => "enabled",
    }
}
