//! `usage-plan completions`

use clap::{Args, ValueEnum};
use clap_complete::Shell;
use serde_json::json;

use crate::output::answer::Answer;
use crate::output::error::{Error, Result};

/// `usage-plan completions`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The shell; its manual says where the script goes
    #[arg(value_enum)]
    shell: SupportedShell,
}

/// The shells in which tests have read the scripts.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SupportedShell {
    Bash,
    Zsh,
    Fish,
}

// === impl Arguments ===

impl Arguments {
    /// The script that completes `command_line`.
    pub(crate) fn run(&self, mut command_line: clap::Command) -> Result<Answer> {
        let shell = match self.shell {
            SupportedShell::Bash => Shell::Bash,
            SupportedShell::Zsh => Shell::Zsh,
            SupportedShell::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command_line, "usage-plan", &mut script);
        let script = String::from_utf8(script).map_err(|error| Error::unreachable("the script", error))?;
        // clap_complete 4.6 writes a name with a hyphen in two ways, and then completes nothing after the
        // first word.
        let script = script.replace("usage__subcmd__plan__subcmd__", "usage__plan__subcmd__");
        let script = script.trim_end();
        Ok(Answer::new(script, json!({"shell": shell.to_string(), "script": script})))
    }
}
