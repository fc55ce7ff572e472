//! What a command comes to, on standard output and standard error, and the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use super::answer::{Answer, Output};
use super::error::{Error, Kind, Result};

/// Prints what a command comes to; the exit code.
pub(super) fn answer(output: Output, answer: Result<Answer>) -> ExitCode {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return failed(output, &error),
    };
    for warning in &answer.warnings {
        let _ = writeln!(io::stderr(), "warning: {}", visible(warning));
    }
    let text = match output {
        Output::Text => Some(visible(&answer.text)).filter(|text| !text.is_empty()),
        Output::Json => Some(format!("{:#}", answer.json)).filter(|_| !answer.json.is_null()),
    };
    let mut stdout = io::stdout().lock();
    let printed = text.map_or(Ok(()), |text| writeln!(stdout, "{text}").and_then(|()| stdout.flush()));
    match printed {
        // That nobody reads on (a closed pipe) is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            failed(output, &Error::unreachable("it is done, but the answer cannot be written", error))
        }
        _ if answer.failed => Kind::Refused.exit_code().into(),
        _ => ExitCode::SUCCESS,
    }
}

/// Prints what clap has to say in place of a command: help, or what is wrong with the command line.
pub(super) fn of_clap(told: &clap::Error, output: Output) -> ExitCode {
    match (told.use_stderr(), output) {
        (true, Output::Json) => {
            let message = told.to_string();
            failed(output, &Error::usage(message.trim_start_matches("error: ").trim_end()))
        }
        (true, Output::Text) => {
            let _ = told.print();
            Kind::Usage.exit_code().into()
        }
        (false, _) => match told.print() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                failed(output, &Error::unreachable("the help cannot be written", error))
            }
            _ => ExitCode::SUCCESS,
        },
    }
}

/// Prints an error; the exit code.
fn failed(output: Output, error: &Error) -> ExitCode {
    let _ = match output {
        Output::Text => writeln!(io::stderr(), "error: {}", visible(&error.to_string())),
        Output::Json => writeln!(io::stderr(), "{:#}", error.to_json()),
    };
    error.kind().exit_code().into()
}

/// `text` without what would move a terminal's cursor or change its colours.
pub(super) fn visible(text: &str) -> String {
    let escape = |c: char| match c {
        '\n' | '\t' => c.to_string(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}
