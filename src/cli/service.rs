//! `usage-plan service`: published APIs.

mod change;
mod show;

use clap::Subcommand;

use super::answer::Answer;
use super::document_file::DocumentFile;
use super::draft::SERVICES;
use super::error::{Error, Result};
use usage_plan_core::document::{Document, Service, UsagePlan};

/// What can be done to services. A SERVICE is an id, or a name that only one service has.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a service
    #[command(after_help = "Examples:\n  \
        usage-plan service create --name orders --domain orders.example.com --default-environment release\n  \
        usage-plan service create --name shop --domain '*.shop.example.com' --environment live \\\n    \
        --path-mapping /v1=live")]
    Create(change::CreateArguments),
    /// Change a service
    #[command(after_help = "Examples:\n  \
        usage-plan service edit orders --domain orders.example.com --domain orders.example.org\n  \
        usage-plan service edit orders --default-environment ''")]
    Edit(change::EditArguments),
    /// List services
    #[command(
        after_help = "Examples:\n  usage-plan service list\n  usage-plan service list orders --output json"
    )]
    List(show::ListArguments),
    /// Show a service and the usage plans bound to its environments
    #[command(after_help = "Example:\n  usage-plan service show orders")]
    Show(show::ShowArguments),
    /// Delete a service to which no usage plan is bound
    #[command(after_help = "Example:\n  usage-plan service delete orders")]
    Delete(change::DeleteArguments),
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
        }
    }
}

/// The service with that id.
pub(super) fn find<'d>(document: &'d Document, id: &str) -> Result<&'d Service> {
    document.service(id).ok_or_else(|| Error::nothing_of(SERVICES.noun, SERVICES.id, id))
}

/// The plans bound to the environments of a service, each with the environment's name.
fn plans<'d>(document: &'d Document, id: &str) -> impl Iterator<Item = (&'d UsagePlan, &'d str)> {
    document.usage_plans.iter().flat_map(move |plan| {
        let bound = plan.environments.iter().filter(move |bound| bound.service == id);
        bound.map(move |bound| (plan, bound.environment.as_str()))
    })
}
