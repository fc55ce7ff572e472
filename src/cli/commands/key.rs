//! `usage-plan key`: key pairs.

mod rotate;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use usage_plan_core::document::{KEY_STATUS, Key, KeyStatus, SECRET_MEMBERS, Validity, word};
use usage_plan_manage::dates::now;
use usage_plan_manage::draft::{KEYS, Members, Named, text};
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::{NewObject, key};
use usage_plan_manage::random;

use super::EditOptions;
use super::secret_input::{SecretArguments, secret_answer};
use crate::output::answer::{Answer, Table};
use crate::output::error::Result;

const ROTATE_FORCE: &str = "End a still older secret, even if it still verifies; edit the document even if its \
     file is read-only";

/// What can be done to keys. A KEY is a secret_id, or a name that only one key has.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a key pair and show its secret once
    #[command(after_help = "Examples:\n  usage-plan key create --name acme\n  \
        usage-plan key create --name acme --secret-id AKIDacme0001 --secret-key -\n  \
        usage-plan key create --name acme --secret-id AKIDacme0001 --secret-key-env ACME_SECRET_KEY\n  \
        usage-plan key create --name acme --remark 'contract 4711'")]
    Create(CreateArguments),
    /// List keys
    #[command(after_help = "Examples:\n  usage-plan key list\n  usage-plan key list acme --output json")]
    List(ListArguments),
    /// Show a key and the usage plans it is bound to
    #[command(after_help = "Examples:\n  usage-plan key show acme\n  usage-plan key show acme --reveal")]
    Show(ShowArguments),
    /// Change a key's name, its remark, or the time in which it is valid
    #[command(after_help = "Example:\n  usage-plan key edit acme --not-after 2027-01-01T00:00:00Z")]
    Edit(EditArguments),
    /// Refuse the requests that a key signs, as if there were no such key
    #[command(after_help = "Example:\n  usage-plan key disable acme")]
    Disable(KeyArguments),
    /// Accept the requests of a disabled key again
    #[command(after_help = "Example:\n  usage-plan key enable acme")]
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
    /// Delete a key that is disabled and bound to nothing
    #[command(after_help = "Example:\n  usage-plan key delete acme")]
    Delete(KeyArguments),
}

/// `usage-plan key create`
#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    /// A name for people: up to 50 of A-Z a-z 0-9 _ -
    #[arg(long)]
    name: String,
    /// Use this id instead of AKID and 36 random characters
    #[arg(long, value_name = "ID")]
    secret_id: Option<String>,
    /// A note for people, of up to 200 characters
    #[arg(long)]
    remark: Option<String>,
    #[command(flatten)]
    secret: SecretArguments,
    #[command(flatten)]
    edit: EditOptions,
}

/// `usage-plan key edit`
#[derive(Args, Debug)]
pub(crate) struct EditArguments {
    /// The key's secret_id or name
    key: String,
    /// Rename the key
    #[arg(long)]
    name: Option<String>,
    /// Refuse the key before this time (RFC 3339); "" removes the limit
    #[arg(long, value_name = "TIME")]
    not_before: Option<String>,
    /// Refuse the key after this time (RFC 3339); "" removes the limit
    #[arg(long, value_name = "TIME")]
    not_after: Option<String>,
    /// A note for people, of up to 200 characters; "" removes it
    #[arg(long)]
    remark: Option<String>,
    #[command(flatten)]
    edit: EditOptions,
}

/// `usage-plan key list`
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// List only keys whose secret_id or name contains this
    filter: Option<String>,
}

/// `usage-plan key show`
#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// The key's secret_id or name
    key: String,
    /// Show the key's secrets too
    #[arg(long)]
    reveal: bool,
}

/// `usage-plan key disable`, `enable` and `delete`
#[derive(Args, Debug)]
pub(crate) struct KeyArguments {
    /// The key's secret_id or name
    key: String,
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

// === impl CreateArguments ===

impl CreateArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let new = NewObject {
            id: self.secret_id.clone().map_or_else(|| random::id(KEYS), Ok)?,
            name: self.name.clone(),
            members: Members::new().with("remark", self.remark.as_deref()),
            created_at: now(),
        };
        let secret = self.secret.get()?;
        self.edit.edit(
            file,
            Missing::IsEmpty,
            |draft| key::create(draft, new, &secret),
            |key| self.secret.warn(secret_answer(text(&key, KEYS.id), &secret)),
        )
    }
}

// === impl EditArguments ===

impl EditArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let members = Members::new()
            .with("name", self.name.as_deref())
            .with("not_before", self.not_before.as_deref())
            .with("not_after", self.not_after.as_deref())
            .with("remark", self.remark.as_deref());
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::edit(draft, &self.key, members),
            |key| {
                let member = |name| key.get(name).cloned().unwrap_or(Value::Null);
                let json = json!({"name": member("name"), "secret_id": member("secret_id"),
                    "not_before": member("not_before"), "not_after": member("not_after"), "remark": member("remark")});
                Answer::new(format!("key {} is edited", Named::of(KEYS, &key)), json)
            },
        )
    }
}

// === impl ListArguments ===

impl ListArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let mut table = Table::new(&["NAME", "SECRET ID", "STATUS", "USAGE PLANS", "CREATED", "REMARK"]);
        let mut json = Vec::new();
        let document = draft.document();
        let plans = key::plans(document);
        for (object, key) in draft.matching(KEYS, &document.keys, self.filter.as_deref()) {
            let plans = plans.get(key.secret_id.as_str()).into_iter().flatten();
            let plans: Vec<&str> = plans.map(|plan| plan.id.as_str()).collect();
            let created_at = text(object, "created_at");
            table.row([
                key.name.as_str(),
                &key.secret_id,
                &status(key),
                &plans.join(" "),
                created_at,
                &key.remark,
            ]);
            json.push(shown(object, &plans, false));
        }
        Ok(Answer::new(table.lines(), json.into()))
    }
}

// === impl ShowArguments ===

impl ShowArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let key = draft.find(KEYS, &self.key)?;
        let plans = key::plans(draft.document()).remove(text(key, KEYS.id)).unwrap_or_default();
        let plans: Vec<&str> = plans.iter().map(|plan| plan.id.as_str()).collect();
        let shown = shown(key, &plans, self.reveal);
        let mut table = Table::of_members(&shown);
        for hidden in SECRET_MEMBERS.iter().filter(|name| !self.reveal && key.contains_key(**name)) {
            table.row([*hidden, "hidden; --reveal shows it"]);
        }
        Ok(Answer::new(table.lines(), shown))
    }
}

// === impl KeyArguments ===

impl KeyArguments {
    fn set_status(&self, file: &DocumentFile, status: KeyStatus) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::set_status(draft, &self.key, status),
            |key| {
                let status = word(&KEY_STATUS, status);
                Answer::new(format!("key {key} is {status}"), json!({"secret_id": key.id, "status": status}))
            },
        )
    }

    fn delete(&self, file: &DocumentFile) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| key::delete(draft, &self.key),
            |key| Answer::deleted(KEYS, &key),
        )
    }
}

/// The key as it is in the document, with its plans; without its secrets unless they are to be revealed.
fn shown(key: &Map<String, Value>, plans: &[&str], reveal: bool) -> Value {
    let mut shown = key.clone();
    shown.retain(|name, _| reveal || !SECRET_MEMBERS.contains(&name.as_str()));
    shown.entry("status").or_insert_with(|| word(&KEY_STATUS, KeyStatus::default()).into());
    shown.insert("usage_plans".to_owned(), plans.into());
    shown.into()
}

/// The key's status, with a note if it is not valid now.
fn status(key: &Key) -> String {
    let validity = match (key.status, key.validity_at(now())) {
        (KeyStatus::Disabled, _) | (_, Validity::Valid) => "",
        (_, Validity::NotYet) => ", not yet valid",
        (_, Validity::Expired) => ", expired",
    };
    format!("{}{validity}", word(&KEY_STATUS, key.status))
}
