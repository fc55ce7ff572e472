//! `usage-plan key edit`, `disable`, `enable` and `delete`

use clap::Args;
use serde_json::{Value, json};

use super::{find, plans};
use crate::answer::Answer;
use crate::document_file::{DocumentFile, EditOptions, Missing};
use crate::draft::{KEYS, Named, set, text};
use crate::error::{Error, Result};
use usage_plan_core::document::KeyStatus;

/// A key, as it is.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Its secret_id or name
    key: String,
    #[command(flatten)]
    edit: EditOptions,
}

/// A key, and what to change of it.
#[derive(Args, Debug)]
pub struct EditArguments {
    /// Its secret_id or name
    key: String,
    /// Another name
    #[arg(long)]
    name: Option<String>,
    /// Refuse it before this moment (RFC 3339); "" takes the limit away
    #[arg(long, value_name = "MOMENT")]
    not_before: Option<String>,
    /// Refuse it after this moment (RFC 3339); "" takes the limit away
    #[arg(long, value_name = "MOMENT")]
    not_after: Option<String>,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn set_status(&self, file: &DocumentFile, status: &str) -> Result<Answer> {
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            let key = draft.find_mut(KEYS, &self.key)?;
            // Enabled is what a key is that does not say.
            if text(key, "status") != status && (status != "enabled" || key.contains_key("status")) {
                key.insert("status".to_owned(), status.into());
            }
            let key = Named::of(KEYS, key);
            let json = json!({"secret_id": key.id, "status": status});
            Ok(Answer::new(format!("key {key} is {status}"), json))
        })
    }

    pub(super) fn delete(&self, file: &DocumentFile) -> Result<Answer> {
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            let name = draft.resolve(KEYS, &self.key)?;
            let id = &name.id;
            let bound = plans(draft.document()).remove(id.as_str()).unwrap_or_default();
            let unbind: Vec<String> =
                bound.iter().map(|plan| format!("plan unbind-key {plan} {id}")).collect();
            let status = find(draft.document(), id)?.status;
            if unbind.is_empty() && status != KeyStatus::Disabled {
                return Err(Error::refused(format!(
                    "key {name} is enabled: `usage-plan key disable {id}` first, and see that nobody misses it"
                )));
            }
            draft.delete(KEYS, id, &unbind)
        })
    }
}

// === impl EditArguments ===

impl EditArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let changes =
            [("name", &self.name), ("not_before", &self.not_before), ("not_after", &self.not_after)];
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            let id = draft.resolve(KEYS, &self.key)?.id;
            draft.may_be_named(KEYS, &id, self.name.as_deref())?;
            let key = draft.find_mut(KEYS, &id)?;
            for (member, value) in changes {
                set(key, member, value.as_deref().map(Value::from));
            }
            let member = |member| key.get(member).cloned().unwrap_or(Value::Null);
            let json = json!({"name": member("name"), "secret_id": id,
                "not_before": member("not_before"), "not_after": member("not_after")});
            Ok(Answer::new(format!("key {} is edited", Named::of(KEYS, key)), json))
        })
    }
}
