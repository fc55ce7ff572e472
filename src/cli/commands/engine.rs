//! `usage-plan engine`: runs the engine, shows what it holds, and corrects it.

mod import;
mod options;
mod reset;
mod run;
mod set;
mod show;

use clap::{Args, Subcommand};
use usage_plan_manage::file::DocumentFile;

use self::options::Names;
pub(crate) use self::options::{ADMIN, DOMAIN, LISTEN};
use self::run::RunArguments;
use crate::output::answer::{Answer, Output};
use crate::output::error::Result;

/// `usage-plan engine`
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:\n  usage-plan engine --store engine.redb\n  \
    usage-plan engine --listen 10.0.0.5:18081 --store /var/lib/usage-plan/engine.redb --domain usage-plans")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
}

/// What can be done with an engine.
#[derive(Debug, Subcommand)]
enum Command {
    /// Show what an engine holds: what is spent of each quota, and of each rate while it runs
    #[command(after_help = "Examples:\n  usage-plan engine show\n  \
        usage-plan engine show --plan gold --key acme\n  \
        usage-plan engine show --store engine.redb --period day --output json")]
    Show(show::Arguments),
    /// Set what is spent of a quota
    #[command(after_help = "Examples:\n  usage-plan engine set --plan gold --period day --spent 120\n  \
        usage-plan engine set --plan gold --key acme --period month --utc-offset +08:00 --spent 0")]
    Set(set::Arguments),
    /// Let the engine begin with what gateways have spent by themselves
    ///
    /// Each file is of one gateway, and their amounts are added up. It has what `usage-plan usage --key
    /// KEY --output json` prints, for one key after the other, or what `usage-plan engine show --output
    /// json` does. To import the same files again is the same as once; to import newer ones replaces them.
    #[command(after_help = "Examples:\n  usage-plan engine import gateway-1.json gateway-2.json\n  \
        usage-plan engine import gateway-1.json --dry-run")]
    Import(import::Arguments),
    /// Forget what is spent of a plan's quotas in their present periods
    #[command(after_help = "Examples:\n  usage-plan engine reset --plan gold\n  \
        usage-plan engine reset --plan gold --key acme --period day")]
    Reset(reset::Arguments),
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(self, file: &DocumentFile, output: Output) -> Result<Answer> {
        match self.command {
            None => self.run.run(output),
            Some(Command::Show(arguments)) => arguments.run(&Names::of(file)),
            Some(Command::Set(arguments)) => arguments.run(&Names::of(file)),
            Some(Command::Import(arguments)) => arguments.run(file),
            Some(Command::Reset(arguments)) => arguments.run(&Names::of(file)),
        }
    }
}
