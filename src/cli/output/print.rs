//! Prints a command's result on standard output and standard error, and determines the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::Value;
use usage_plan_manage::dates::now;

use super::answer::{Answer, Format, Output};
use super::error::{Error, Kind, Result};
pub(crate) use super::escape::escape_controls;
use super::style::{Style, label};

/// Prints a command's result and returns its exit code.
pub(crate) fn answer(format: Format, answer: Result<Answer>) -> ExitCode {
    let output = format.output();
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return failed(output, &error),
    };
    for warning in &answer.warnings {
        let _ = writeln!(io::stderr(), "{} {}", label("warning"), escape_controls(warning));
    }
    let text = match output {
        Output::Json if answer.json.is_null() => String::new(),
        Output::Json => format!("{:#}", answer.json),
        Output::Text => answer.text.laid_out(Style::of_stdout(format == Format::Wide)),
    };
    match print(&text) {
        // A closed pipe is no error: its reader has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            failed(output, &Error::unreachable("it is done, but the answer cannot be written", error))
        }
        _ => answer.failed.map_or(ExitCode::SUCCESS, |kind| kind.exit_code().into()),
    }
}

/// Prints `text` as lines of standard output; nothing when it is empty.
fn print(text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Prints what clap answers instead of running a command: help, or an error of the command line. Returns the
/// exit code.
pub(crate) fn clap_message(message: &clap::Error, output: Output) -> ExitCode {
    match (message.use_stderr(), output) {
        (true, Output::Json) => {
            let text = message.to_string();
            failed(output, &Error::usage(text.trim_start_matches("error: ").trim_end()))
        }
        (true, Output::Text) => {
            let _ = message.print();
            Kind::Usage.exit_code().into()
        }
        (false, _) => match message.print() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                failed(output, &Error::unreachable("the help cannot be written", error))
            }
            _ => ExitCode::SUCCESS,
        },
    }
}

/// Prints an error and returns the exit code.
fn failed(output: Output, error: &Error) -> ExitCode {
    let _ = match output {
        Output::Text => {
            writeln!(io::stderr(), "{} {}", label("error"), escape_controls(&error.to_string()))
        }
        Output::Json => writeln!(io::stderr(), "{:#}", error.to_json()),
    };
    error.kind().exit_code().into()
}

/// Prints an event with its time. A closed pipe does not end what goes on.
pub(crate) fn event(stream: &mut impl Write, output: Output, text: &str, mut json: Value) {
    let time = now().to_rfc3339();
    let line = match output {
        Output::Text => format!("{time} {}", escape_controls(text)),
        Output::Json => {
            json.as_object_mut().map(|json| json.insert("time".to_owned(), time.into()));
            json.to_string()
        }
    };
    let _ = writeln!(stream, "{line}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_printed_event_moves_no_cursor_and_changes_no_colour() {
        for output in [Output::Text, Output::Json] {
            let mut printed = Vec::new();
            let json = json!({"message": "a\u{1b}[31mb\r"});
            event(&mut printed, output, "a\u{1b}[31mb\r", json);
            let line = String::from_utf8(printed).expect("UTF-8");
            let line = line.strip_suffix('\n').expect("a line");
            assert!(line.contains("[31mb") && !line.contains(char::is_control), "{line:?}");
        }
    }
}
