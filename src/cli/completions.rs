//! `usage-plan completions`

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;
use serde_json::json;

use super::CommandLine;
use super::answer::Answer;
use super::error::{Error, Result};

/// A shell to complete in.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Which one; its manual says where the script goes
    #[arg(value_enum)]
    shell: SupportedShell,
}

/// Those that the tests read the scripts with.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SupportedShell {
    Bash,
    Zsh,
    Fish,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self) -> Result<Answer> {
        let shell = match self.shell {
            SupportedShell::Bash => Shell::Bash,
            SupportedShell::Zsh => Shell::Zsh,
            SupportedShell::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut CommandLine::command(), "usage-plan", &mut script);
        let script = String::from_utf8(script).map_err(|error| Error::unreachable("the script", error))?;
        // clap_complete 4.6 spells a name with a hyphen in two ways, and then completes nothing after the first word.
        let script = script.replace("usage__subcmd__plan__subcmd__", "usage__plan__subcmd__");
        let script = script.trim_end();
        Ok(Answer::new(script, json!({"shell": shell.to_string(), "script": script})))
    }
}
