//! Runs the binary: each command is a process of its own, in a temporary directory.

mod document;
mod text;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
pub(crate) use testbed::console::Ran;
use testbed::console::{self, Running, UsagePlan};
pub(crate) use testbed::terminal::Terminal;

pub(crate) use self::document::{ACME_SECRET, BETA_SECRET, EXAMPLE, Edit, example, parse_json};
pub(crate) use self::text::{assert_contains, assert_hides, assert_text, quoted, shown};

/// The name under which every command looks for the document.
const DOCUMENT: &str = "usage-plans.json";

/// How a warning about a secret among the arguments of a command begins.
pub(crate) const WARNING_OF_ARGUMENT: &str =
    "warning: a secret on the command line is seen in the process list";

/// A directory to run commands in, and the variables that they find in their environment.
pub(crate) struct Cli {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

// === impl Cli ===

impl Cli {
    /// A directory without a document.
    pub(crate) fn empty() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory"), variables: Vec::new() }
    }

    /// A directory with this document: text, or a value that is printed as JSON.
    pub(crate) fn with(document: impl ToString) -> Self {
        let cli = Self::empty();
        cli.write_document(document);
        cli
    }

    /// Gives every command this variable. Without it, the commands do not see `ACME_SECRET_KEY`.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The path of a file in the directory.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file in the directory and returns its name.
    pub(crate) fn write<'n>(&self, name: &'n str, contents: impl AsRef<[u8]>) -> &'n str {
        fs::write(self.path(name), contents).expect("written");
        name
    }

    pub(crate) fn document_path(&self) -> PathBuf {
        self.path(DOCUMENT)
    }

    pub(crate) fn has_document(&self) -> bool {
        self.document_path().exists()
    }

    /// Replaces the document in place. It gets the permissions that the command line gives a new one.
    pub(crate) fn write_document(&self, document: impl ToString) {
        self.write(DOCUMENT, document.to_string());
        fs::set_permissions(self.document_path(), fs::Permissions::from_mode(0o600)).expect("set");
    }

    /// The document's text.
    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.document_path()).expect("a document")
    }

    pub(crate) fn document(&self) -> Value {
        parse_json(&self.text())
    }

    /// The command, to be changed before it is run. The line is split as a shell splits it.
    pub(crate) fn command(&self, line: &str) -> Command {
        let words = words(line);
        let mut command = self.usage_plan().command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        command.env_remove("ACME_SECRET_KEY").envs(self.variables.iter().cloned());
        command
    }

    /// Starts a command that runs until it is ended. It gets none of the variables of [`env`](Self::env).
    pub(crate) fn start(&self, line: &str) -> Running {
        let words = words(line);
        self.usage_plan().start(&words.iter().map(String::as_str).collect::<Vec<_>>()).expect("started")
    }

    /// Starts a command on a terminal of its own, without colours.
    pub(crate) fn on_terminal(&self, line: &str) -> Terminal {
        Terminal::start(self.command(line).env("NO_COLOR", "1"), 80).expect("a terminal")
    }

    /// Starts a command on a terminal of its own with so many columns.
    pub(crate) fn on_columns(&self, columns: u16, line: &str) -> Terminal {
        Terminal::start(&self.command(line), columns).expect("a terminal")
    }

    fn usage_plan(&self) -> UsagePlan {
        UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), self.directory.path())
    }

    /// Runs a command to its end, whatever its exit code is.
    pub(crate) fn run(&self, line: &str) -> Ran {
        run(self.command(line), "")
    }

    /// Runs a command that exits with `status`. It may print to both streams.
    #[track_caller]
    pub(crate) fn exits(&self, status: i32, line: &str) -> Ran {
        self.exits_with_input(status, line, "")
    }

    /// As [`exits`](Self::exits), with `input` on the command's standard input.
    #[track_caller]
    pub(crate) fn exits_with_input(&self, status: i32, line: &str, input: impl AsRef<[u8]>) -> Ran {
        let ran = run(self.command(line), input);
        assert!(ran.status == status, "`{line}` must exit with {status}: {}", shown(&ran));
        ran
    }

    /// What a command prints that succeeds without a warning.
    #[track_caller]
    pub(crate) fn done(&self, line: &str) -> String {
        let ran = self.exits(0, line);
        assert!(ran.stderr.is_empty(), "`{line}` must not warn: {}", shown(&ran));
        ran.stdout
    }

    /// As [`done`](Self::done), with `--output json`.
    #[track_caller]
    pub(crate) fn json(&self, line: &str) -> Value {
        parse_json(&self.done(&format!("{line} --output json")))
    }

    /// The error of a command that a rule refuses. The document stays as it was.
    #[track_caller]
    pub(crate) fn refused(&self, line: &str) -> String {
        self.fails(1, line)
    }

    /// The error of a command that exits with `status`. The document stays as it was.
    #[track_caller]
    pub(crate) fn fails(&self, status: i32, line: &str) -> String {
        self.fails_with_input(status, line, "")
    }

    /// As [`fails`](Self::fails), with `input` on the command's standard input.
    #[track_caller]
    pub(crate) fn fails_with_input(&self, status: i32, line: &str, input: impl AsRef<[u8]>) -> String {
        let before = fs::read(self.document_path()).ok();
        let ran = self.exits_with_input(status, line, input);
        assert!(ran.stdout.is_empty(), "`{line}` must print an error alone: {}", shown(&ran));
        assert!(fs::read(self.document_path()).ok() == before, "`{line}` changed the document");
        ran.stderr
    }
}

/// Runs `command` to its end, with `input` on its standard input.
pub(crate) fn run(command: Command, input: impl AsRef<[u8]>) -> Ran {
    console::run(command, input.as_ref()).expect("a command that ends by itself")
}

/// The words of a command line, split as a shell splits them.
fn words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap_or_else(|| panic!("a shell cannot split {line:?}"))
}

/// A file or directory of the repository, wherever the package of this test lies in it.
pub(crate) fn repository(path: &str) -> PathBuf {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|directory| directory.join(path));
    { above }.find(|found| found.exists()).unwrap_or_else(|| panic!("no {path} in the repository"))
}
