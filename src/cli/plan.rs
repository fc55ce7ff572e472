//! `usage-plan plan`: usage plans and what they are bound to.

mod bind;
mod change;
mod limits;
mod show;

use clap::Subcommand;

use super::answer::Answer;
use super::document_file::DocumentFile;
use super::draft::USAGE_PLANS;
use super::error::{Error, Result};
use usage_plan_core::document::{Document, UsagePlan};

/// What can be done to usage plans. A PLAN is an id, or a name that only one plan has; a KEY and a SERVICE likewise.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a usage plan
    #[command(after_help = "Examples:\n  \
        usage-plan plan create --name gold --max-requests-per-second 1000 --quota 100000/day\n  \
        usage-plan plan create --name trial --quota 500/total --counter-per key --remark 'two weeks'")]
    Create(change::CreateArguments),
    /// Change a usage plan; what was spent of a limit stays spent
    #[command(after_help = "Examples:\n  usage-plan plan edit gold --max-requests-per-second 2000\n  \
        usage-plan plan edit gold --quota 100000/day@+08:00 --quota 1000000/month@+08:00\n  \
        usage-plan plan edit gold --quota '' --max-requests-per-second unlimited")]
    Edit(change::EditArguments),
    /// List usage plans
    #[command(after_help = "Examples:\n  usage-plan plan list\n  usage-plan plan list gold --output json")]
    List(show::ListArguments),
    /// Show a usage plan and what it is bound to
    #[command(after_help = "Example:\n  usage-plan plan show gold")]
    Show(show::ShowArguments),
    /// Delete a usage plan that is bound to nothing
    #[command(after_help = "Example:\n  usage-plan plan delete gold")]
    Delete(change::DeleteArguments),
    /// Let keys call on a plan
    #[command(after_help = "Example:\n  usage-plan plan bind-key gold acme")]
    BindKey(bind::KeyArguments),
    /// Take keys off a plan
    #[command(after_help = "Example:\n  usage-plan plan unbind-key gold acme")]
    UnbindKey(bind::KeyArguments),
    /// Let the keys of a plan call an environment of a service
    #[command(after_help = "Example:\n  usage-plan plan bind-environment gold orders release")]
    BindEnvironment(bind::EnvironmentArguments),
    /// Let the keys of a plan call an environment of a service no more
    #[command(after_help = "Example:\n  usage-plan plan unbind-environment gold orders release")]
    UnbindEnvironment(bind::EnvironmentArguments),
}

// === impl Command ===

impl Command {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        match self {
            Self::Create(arguments) => arguments.run(file),
            Self::Edit(arguments) => arguments.run(file),
            Self::List(arguments) => arguments.run(file),
            Self::Show(arguments) => arguments.run(file),
            Self::Delete(arguments) => arguments.run(file),
            Self::BindKey(arguments) => arguments.bind(file),
            Self::UnbindKey(arguments) => arguments.unbind(file),
            Self::BindEnvironment(arguments) => arguments.bind(file),
            Self::UnbindEnvironment(arguments) => arguments.unbind(file),
        }
    }
}

/// The plan with that id.
fn find<'d>(document: &'d Document, id: &str) -> Result<&'d UsagePlan> {
    document.usage_plan(id).ok_or_else(|| Error::nothing_of(USAGE_PLANS.noun, USAGE_PLANS.id, id))
}
