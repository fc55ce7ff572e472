//! The command line: each command is a process in a directory.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::error::{Context, Error, Result};
use crate::process;

/// How long a command has to end when it is asked to, before it is killed.
const GRACE: Duration = Duration::from_secs(60);

/// The binary and where it runs: relative paths are from there, and `usage-plans.json` is the document.
#[derive(Clone, Debug)]
pub struct UsagePlan {
    binary: PathBuf,
    directory: PathBuf,
}

/// The result of a command.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub status: i32,
    /// What it printed to standard output.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
}

/// A command that runs until it is ended. Dropping it ends it.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl UsagePlan {
    /// Runs `binary` in `directory`.
    pub fn new(binary: impl Into<PathBuf>, directory: impl Into<PathBuf>) -> Self {
        Self { binary: binary.into(), directory: directory.into() }
    }

    /// The binary that `USAGE_PLAN` names.
    ///
    /// # Errors
    /// It names no file.
    pub fn binary() -> Result<PathBuf> {
        let binary = std::env::var_os("USAGE_PLAN").filter(|path| !path.is_empty()).map(PathBuf::from);
        match binary.filter(|path| path.is_file()) {
            Some(binary) => Ok(binary),
            None => Err(Error::new(
                "USAGE_PLAN does not name the usage-plan binary: `cargo build --package usage-plan` makes it",
            )),
        }
    }

    /// The command, to be changed before it is run.
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(&self.directory);
        // The settings of whoever runs the tests are not those of the tests.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("USAGE_PLAN_")) {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs the command to its end.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Ran> {
        run(self.command(arguments), &[])
    }

    /// Starts the command. [`Running::line`] returns the lines of both its streams.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Running> {
        start(self.command(arguments))
    }
}

/// Starts `command`. [`Running::line`] returns the lines of both its streams.
///
/// # Errors
/// It cannot be started.
pub fn start(mut command: Command) -> Result<Running> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.context(format_args!("{command:?}"))?;
    let (sender, lines) = channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for stream in streams.into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || {
            BufReader::new(stream)
                .lines()
                .map_while(std::io::Result::ok)
                .try_for_each(|line| sender.send(line))
        });
    }
    Ok(Running { child, lines })
}

/// The words of a command, split as a shell splits them: `plan create --name "gold plan"`.
///
/// # Panics
/// A quotation has no end.
pub fn words(command: &str) -> Vec<String> {
    shlex::split(command).unwrap_or_else(|| panic!("a quotation has no end: {command}"))
}

/// Runs `command` to its end, with `input` on its standard input.
///
/// # Errors
/// The command cannot be started, is ended by a signal, prints what is not UTF-8, or succeeds without reading
/// its input.
pub fn run(mut command: Command, input: &[u8]) -> Result<Ran> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context(format_args!("{command:?}"))?;
    let stdin = child.stdin.take().ok_or_else(|| Error::new("no standard input"))?;
    let written = { stdin }.write_all(input);
    let output = child.wait_with_output().context(format_args!("{command:?}"))?;
    // A command that fails may have ended before its input is written.
    if output.status.success() {
        written.context(format_args!("the input of {command:?}"))?;
    }
    let status = output.status.code();
    Ok(Ran {
        status: status.ok_or_else(|| Error::new(format!("{command:?}: {}", output.status)))?,
        stdout: String::from_utf8(output.stdout).context("standard output")?,
        stderr: String::from_utf8(output.stderr).context("standard error")?,
    })
}

impl Running {
    /// The next line that the command prints.
    ///
    /// # Errors
    /// The command prints none within `time`.
    pub fn line(&self, time: Duration) -> Result<String> {
        self.lines.recv_timeout(time).context(format_args!("a line within {time:?}"))
    }

    /// Whether the command still runs.
    pub fn is_running(&mut self) -> bool {
        process::is_running(&mut self.child)
    }

    /// Ends the command with SIGTERM, and kills it if it then runs on for too long.
    ///
    /// # Errors
    /// The system refuses.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        process::end(&mut self.child, Signal::TERM, GRACE)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        assert_eq!(
            words("key create --name 'a b' --remark \"it's\""),
            ["key", "create", "--name", "a b", "--remark", "it's"]
        );
    }
}
