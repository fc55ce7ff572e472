//! `usage-plan completions`

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use clap_complete::env::{CompleteEnv, Shells};
use serde_json::json;

use crate::output::answer::Answer;
use crate::output::error::{Error, Kind, Result};

/// The variable by which a shell's script asks for what completes a command line.
const VARIABLE: &str = "USAGE_PLAN_COMPLETE";

const NAME: &str = "usage-plan";

/// The end of zsh's script.
const ZSH_REGISTRATION: &str = "\ncompdef _clap_dynamic_completer_usage_plan usage-plan";

/// What zsh needs in place of it. A script in one of zsh's own folders is run each time a word is completed,
/// and would only register itself.
const ZSH_COMPLETION: &str = "
if [ \"$funcstack[1]\" = \"_usage-plan\" ]; then
    _clap_dynamic_completer_usage_plan
else
    compdef _clap_dynamic_completer_usage_plan usage-plan
fi";

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
    /// The script by which the shell asks this program for completions.
    pub(crate) fn run(&self) -> Result<Answer> {
        let shell = match self.shell {
            SupportedShell::Bash => "bash",
            SupportedShell::Zsh => "zsh",
            SupportedShell::Fish => "fish",
        };
        let mut script = Vec::new();
        if let Some(completer) = Shells::builtins().completer(shell) {
            let written = completer.write_registration(VARIABLE, NAME, NAME, NAME, &mut script);
            written.map_err(|error| Error::unreachable("the script", error))?;
        }
        let script = String::from_utf8(script).map_err(|error| Error::unreachable("the script", error))?;
        let script = match self.shell {
            SupportedShell::Zsh => script.replace(ZSH_REGISTRATION, ZSH_COMPLETION),
            SupportedShell::Bash | SupportedShell::Fish => script,
        };
        let script = script.trim();
        Ok(Answer::new(script, json!({"shell": shell, "script": script})))
    }
}

/// Answers the script of a shell, if it is that which runs this process. Returns the exit code.
pub(crate) fn answer_shell(command_line: fn() -> clap::Command, words: &[OsString]) -> Option<ExitCode> {
    let directory = env::current_dir().ok();
    let completed = CompleteEnv::with_factory(command_line)
        .var(VARIABLE)
        .try_complete(words.iter().cloned(), directory.as_deref());
    match completed {
        Ok(true) => Some(ExitCode::SUCCESS),
        Ok(false) => None,
        // Nobody is there to read a message: it would stand in the line that is being typed.
        Err(_) => Some(Kind::Usage.exit_code().into()),
    }
}
