//! `usage-plan key list` and `show`

use clap::Args;
use serde_json::{Map, Value};

use super::plans;
use crate::answer::{Answer, Table};
use crate::document_file::DocumentFile;
use crate::draft::{KEYS, SECRETS, text};
use crate::error::Result;
use crate::moment::now;
use usage_plan_core::document::decode::{KEY_STATUS, word};
use usage_plan_core::document::{Key, KeyStatus, Validity};

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
        let plans = plans(draft.document());
        for (place, key) in draft.matching(KEYS, self.filter.as_deref()) {
            let id = text(key, "secret_id");
            let status = draft.document().keys.get(place).map(status).unwrap_or_default();
            let plans = plans.get(id).map_or(&[][..], Vec::as_slice);
            table.row([text(key, "name"), id, &status, &plans.join(" "), text(key, "created_at")]);
            json.push(shown(key, plans, false));
        }
        Ok(Answer::new(table.lines(), json.into()))
    }
}

// === impl ShowArguments ===

impl ShowArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let key = draft.find(KEYS, &self.key)?;
        let plans = plans(draft.document()).remove(text(key, "secret_id")).unwrap_or_default();
        let shown = shown(key, &plans, self.reveal);
        let mut table = Table::of_members(&shown);
        for hidden in SECRETS.iter().filter(|name| !self.reveal && key.contains_key(**name)) {
            table.row([*hidden, "hidden; --reveal shows it"]);
        }
        Ok(Answer::new(table.lines(), shown))
    }
}

/// The key as it is in the document, with its plans; without its secrets, unless they are to be revealed.
fn shown(key: &Map<String, Value>, plans: &[&str], reveal: bool) -> Value {
    let mut shown = key.clone();
    shown.retain(|name, _| reveal || !SECRETS.contains(&name.as_str()));
    shown.entry("status").or_insert_with(|| word(&KEY_STATUS, KeyStatus::default()).into());
    shown.insert("usage_plans".to_owned(), plans.into());
    shown.into()
}

/// What a call of the key would meet now.
fn status(key: &Key) -> String {
    let validity = match (key.status, key.validity_at(now())) {
        (KeyStatus::Disabled, _) | (_, Validity::Valid) => "",
        (_, Validity::NotYet) => ", not yet valid",
        (_, Validity::Expired) => ", expired",
    };
    format!("{}{validity}", word(&KEY_STATUS, key.status))
}
