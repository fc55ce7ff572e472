//! `usage-plan key`: key pairs.

mod change;
mod create;
mod new_secret;
mod rotate;
mod show;

use std::collections::HashMap;

use clap::Subcommand;

use super::answer::Answer;
use super::document_file::DocumentFile;
use super::draft::KEYS;
use super::error::{Error, Result};
use usage_plan_core::document::{Document, Key};

/// What can be done to keys. A KEY is a secret_id, or a name that only one key has.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key pair and show its secret, this once
    #[command(after_help = "Examples:\n  usage-plan key create --name acme\n  \
        usage-plan key create --name acme --secret-id AKIDacme0001 --secret-key -\n  \
        usage-plan key create --name acme --secret-id AKIDacme0001 --secret-key-env ACME_SECRET_KEY")]
    Create(create::Arguments),
    /// List keys
    #[command(after_help = "Examples:\n  usage-plan key list\n  usage-plan key list acme --output json")]
    List(show::ListArguments),
    /// Show a key and what it is bound to
    #[command(after_help = "Examples:\n  usage-plan key show acme\n  usage-plan key show acme --reveal")]
    Show(show::ShowArguments),
    /// Change a key's name, or from when and until when it is valid
    #[command(after_help = "Example:\n  usage-plan key edit acme --not-after 2027-01-01T00:00:00Z")]
    Edit(change::EditArguments),
    /// Refuse what a key signs, as if there were no such key
    #[command(after_help = "Example:\n  usage-plan key disable acme")]
    Disable(change::Arguments),
    /// Let a disabled key call again
    #[command(after_help = "Example:\n  usage-plan key enable acme")]
    Enable(change::Arguments),
    /// Give a key a new secret and show it, this once; the old one verifies for the overlap yet
    #[command(after_help = "Examples:\n  usage-plan key rotate acme --overlap 24h\n  \
        usage-plan key rotate acme --overlap 24h --secret-key -")]
    Rotate(rotate::Arguments),
    /// Delete a key that is disabled and bound to nothing
    #[command(after_help = "Example:\n  usage-plan key delete acme")]
    Delete(change::Arguments),
}

// === impl Command ===

impl Command {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        match self {
            Self::Create(arguments) => arguments.run(file),
            Self::List(arguments) => arguments.run(file),
            Self::Show(arguments) => arguments.run(file),
            Self::Edit(arguments) => arguments.run(file),
            Self::Disable(arguments) => arguments.set_status(file, "disabled"),
            Self::Enable(arguments) => arguments.set_status(file, "enabled"),
            Self::Rotate(arguments) => arguments.run(file),
            Self::Delete(arguments) => arguments.delete(file),
        }
    }
}

/// The ids of the plans that each key is bound to.
fn plans(document: &Document) -> HashMap<&str, Vec<&str>> {
    let mut plans: HashMap<&str, Vec<&str>> = HashMap::new();
    for plan in &document.usage_plans {
        for key in &plan.keys {
            plans.entry(key).or_default().push(&plan.id);
        }
    }
    plans
}

/// The key with that id.
pub(super) fn find<'d>(document: &'d Document, secret_id: &str) -> Result<&'d Key> {
    document.key(secret_id).ok_or_else(|| Error::nothing_of(KEYS.noun, KEYS.id, secret_id))
}
