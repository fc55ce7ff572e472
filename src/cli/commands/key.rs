//! `usage-plan key`: key pairs.

mod create;
mod edit;
mod filter;
mod rotate;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use usage_plan_core::document::{KEY_STATUS, Key, KeyStatus, SECRET_MEMBERS, word};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::dates::now;
use usage_plan_manage::draft::{KEYS, text};
use usage_plan_manage::effective_status::{EffectiveStatus, rotating_until};
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::key;

use super::{EditOptions, complete, deleted, ids};
use crate::output::age::age;
use crate::output::answer::{Answer, Cell, Column, Table, Tone};
use crate::output::error::Result;
use crate::output::labels::Labels;

const ROTATE_FORCE: &str = "End a still older secret, even if it still verifies; edit the document even if its \
     file is read-only";

/// What can be done to keys. A KEY is a secret_id, or a name that only one key has.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a key pair and show its secret once
    #[command(after_help = "Examples:\n  usage-plan key create --name acme\n  \
        usage-plan key create --name acme --secret-id AKIDacme0001 --secret-key -\n  \
        usage-plan key create --name acme --secret-id AKIDacme0001 --secret-key-env ACME_SECRET_KEY\n  \
        usage-plan key create --name acme --remark 'contract 4711' --expires 90d --plan gold")]
    Create(create::Arguments),
    /// List keys
    #[command(after_help = "Examples:\n  usage-plan key list\n  usage-plan key list acme -o wide\n  \
        usage-plan key list --output json\n  usage-plan key list --status disabled\n  \
        usage-plan key list --plan gold --expiring 30d")]
    List(ListArguments),
    /// Show a key and the usage plans it is bound to
    #[command(after_help = "Examples:\n  usage-plan key show acme\n  usage-plan key show acme --reveal")]
    Show(ShowArguments),
    /// Change a key's name, its remark, or the time in which it is valid
    #[command(after_help = "Examples:\n  usage-plan key edit acme --not-after 2027-01-01T00:00:00Z\n  \
        usage-plan key edit acme --expires 90d")]
    Edit(edit::Arguments),
    /// Refuse the requests that keys sign, as if there were no such keys
    #[command(after_help = "Examples:\n  usage-plan key disable acme\n  usage-plan key disable acme beta")]
    Disable(KeyArguments),
    /// Accept the requests of disabled keys again
    #[command(after_help = "Examples:\n  usage-plan key enable acme\n  usage-plan key enable acme beta")]
    Enable(KeyArguments),
    /// Replace a key's secret and show the new one once; the old secret still verifies during --overlap
    ///
    /// Without --overlap and --now, it asks on a terminal.
    #[command(after_help = "Examples:\n  usage-plan key rotate acme --overlap 24h\n  \
        usage-plan key rotate acme --overlap 24h --secret-key -\n  \
        usage-plan key rotate acme --now\n  usage-plan key rotate acme --finish\n  \
        usage-plan key rotate acme --cancel --overlap 1h",
        mut_arg("force", |force| force.help(ROTATE_FORCE)))]
    Rotate(rotate::Arguments),
    /// Delete keys that are disabled and bound to nothing
    #[command(after_help = "Examples:\n  usage-plan key delete acme\n  usage-plan key delete acme beta")]
    Delete(KeyArguments),
}

/// `usage-plan key list`
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// List only keys whose secret_id or name contains this
    filter: Option<String>,
    #[command(flatten)]
    only: filter::Filter,
}

/// `usage-plan key show`
#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// The key's secret_id or name
    #[arg(add = complete::keys())]
    key: String,
    /// Show the key's secrets too
    #[arg(long)]
    reveal: bool,
}

/// `usage-plan key disable`, `enable` and `delete`: all of the keys, or none
#[derive(Args, Debug)]
pub(crate) struct KeyArguments {
    /// The keys' secret_ids or names
    #[arg(required = true, add = complete::keys(), value_name = "KEY")]
    keys: Vec<String>,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Command ===

impl Command {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        match self {
            Self::Create(arguments) => arguments.run(file),
            Self::List(arguments) => arguments.run(file),
            Self::Show(arguments) => arguments.run(file),
            Self::Edit(arguments) => arguments.run(file),
            Self::Disable(arguments) => arguments.set_status(file, KeyStatus::Disabled),
            Self::Enable(arguments) => arguments.set_status(file, KeyStatus::Enabled),
            Self::Rotate(arguments) => arguments.run(file),
            Self::Delete(arguments) => arguments.delete(file),
        }
    }
}

// === impl ListArguments ===

impl ListArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let mut table = Table::with_columns([
            Column::always("NAME"),
            Column::wide("SECRET ID"),
            Column::always("STATUS"),
            Column::narrow("USAGE PLANS"),
            Column::wide("USAGE PLANS"),
            Column::if_any("ROTATING UNTIL"),
            Column::narrow("AGE"),
            Column::wide("CREATED"),
            Column::wide("REMARK"),
        ]);
        let mut json = Vec::new();
        let (document, now) = (draft.document(), now());
        let plans = key::plans(document);
        let (labels, plan_labels) = (Labels::of_keys(document), Labels::of_plans(document));
        let is_listed = self.only.predicate(&draft)?;
        let keys = draft.matching(KEYS, &document.keys, self.filter.as_deref());
        for (object, key) in keys.filter(|(_, key)| is_listed(key)) {
            let plans = plans.get(key.secret_id.as_str()).into_iter().flatten();
            let plans: Vec<&str> = plans.map(|plan| plan.id.as_str()).collect();
            let plan_names: Vec<&str> = plans.iter().map(|id| plan_labels.get(id)).collect();
            table.row([
                labels.get(&key.secret_id).into(),
                key.secret_id.as_str().into(),
                status(key, now),
                plan_names.join(" ").into(),
                plans.join(" ").into(),
                rotating_until(key, now).map(Timestamp::to_rfc3339).unwrap_or_default().into(),
                age(key.created_at, now).into(),
                text(object, "created_at").into(),
                key.remark.as_str().into(),
            ]);
            json.push(shown(object, key, &plans, false));
        }
        Ok(Answer::new(table, json.into()))
    }
}

// === impl ShowArguments ===

impl ShowArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let object = draft.find(KEYS, &self.key)?;
        let document = draft.document();
        let id = text(object, KEYS.id);
        let plans = key::plans(document).remove(id).unwrap_or_default();
        let plans: Vec<&str> = plans.iter().map(|plan| plan.id.as_str()).collect();
        let key = document.key(id).cloned().unwrap_or_default();
        let shown = shown(object, &key, &plans, self.reveal);
        let mut table = Table::of_members(&shown);
        for hidden in SECRET_MEMBERS.iter().filter(|name| !self.reveal && object.contains_key(**name)) {
            table.row([*hidden, "hidden; --reveal shows it"]);
        }
        Ok(Answer::new(table, shown))
    }
}

// === impl KeyArguments ===

impl KeyArguments {
    fn set_status(&self, file: &DocumentFile, status: KeyStatus) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::set_status(draft, &self.keys, status),
            |keys| {
                let status = word(&KEY_STATUS, status);
                let lines: Vec<String> = keys.iter().map(|key| format!("key {key} is {status}")).collect();
                let json = match &keys[..] {
                    [key] => json!({"secret_id": key.id, "status": status}),
                    _ => json!({"keys": ids(&keys), "status": status}),
                };
                Answer::new(lines.join("\n"), json)
            },
        )
    }

    fn delete(&self, file: &DocumentFile) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::delete(draft, &self.keys),
            |keys| deleted(KEYS, &keys),
        )
    }
}

/// The key as it is in the document, with its plans and its effective status; without its secrets unless they
/// are to be revealed.
fn shown(object: &Map<String, Value>, key: &Key, plans: &[&str], reveal: bool) -> Value {
    let now = now();
    let mut shown = object.clone();
    shown.retain(|name, _| reveal || !SECRET_MEMBERS.contains(&name.as_str()));
    shown.insert("status".to_owned(), EffectiveStatus::of(key, now).word().into());
    if let Some(until) = rotating_until(key, now) {
        shown.insert("rotating_until".to_owned(), until.to_rfc3339().into());
    }
    shown.insert("usage_plans".to_owned(), plans.into());
    shown.into()
}

fn status(key: &Key, now: Timestamp) -> Cell {
    let status = EffectiveStatus::of(key, now);
    let tone = match status {
        EffectiveStatus::Enabled => Tone::Good,
        EffectiveStatus::NotYetValid => Tone::Notable,
        EffectiveStatus::Disabled | EffectiveStatus::Expired => Tone::Bad,
    };
    Cell::state(status.word(), tone)
}
