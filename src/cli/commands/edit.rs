//! `usage-plan edit`: the document in an editor.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fs};

use clap::Args;
use serde_json::json;
use signal_hook::consts::SIGINT;
use signal_hook::flag::register_conditional_default;
use tempfile::{Builder, NamedTempFile};
use usage_plan_manage::file::{Change, DocumentFile};

use super::ask::Person;
use super::log_option::LogOption;
use super::note_text;
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};
use crate::output::print::escape_controls;

/// `usage-plan edit`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Edit the document even if its file is read-only
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    log: LogOption,
}

/// What to do with a text that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    EditAgain,
    GiveUp,
}

/// The text that is edited, in a file that its owner alone can read.
struct Scratch(NamedTempFile);

/// The program that edits.
struct Editor {
    /// A command for the shell, as git and others read these variables: it may have arguments.
    command: String,
    /// Whether Ctrl-C ends this process, too. While the editor runs, Ctrl-C is the editor's.
    interruptible: Arc<AtomicBool>,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let (Some(mut person), true) = (Person::present(), io::stdout().is_terminal()) else {
            return Err(Error::usage(
                "edit needs a terminal: `usage-plan apply` changes a document from a script",
            ));
        };
        let file = &self.log.of(file);
        if !self.force {
            file.check_writable()?;
        }
        let before = file.bytes()?;
        let editor = Editor::new()?;
        let scratch = Scratch::new(&before)?;
        loop {
            if let Err(error) = editor.open(scratch.path()) {
                return Err(scratch.give_up(&before, &error));
            }
            let text = match fs::read(scratch.path()) {
                Ok(text) => text,
                Err(error) => {
                    let error = Error::unreachable(scratch.path().display(), error);
                    return Err(scratch.give_up(&before, &error));
                }
            };
            if text == before {
                return Ok(Answer::new("nothing changed", json!({"changed": false})));
            }
            let error = match file.replace_text(&before, &text, self.force) {
                Ok(change) => return Ok(answer(file, change)),
                Err(error) => error,
            };
            let is_invalid = matches!(error, usage_plan_manage::Error::Refused(_));
            let error = Error::of_edit(file.path(), error);
            if !is_invalid {
                return Err(scratch.give_up(&before, &error));
            }
            if ask(&mut person, &error, scratch.path()) == Choice::GiveUp {
                // The rules that it breaks have been shown.
                let error = Error::refused(format!("{} stays as it is", file.path().display()));
                return Err(scratch.give_up(&before, &error));
            }
        }
    }
}

fn answer(file: &DocumentFile, change: Change) -> Answer {
    let answer = Answer::new(format!("{} is edited", file.path().display()), json!({"changed": true}));
    let notes = if let Change::Written { notes } = change { notes } else { Vec::new() };
    notes.into_iter().fold(answer, |answer, note| answer.warn(note_text(file, note)))
}

/// Shows the error and asks what to do. Whoever does not answer gives up.
fn ask(person: &mut Person, error: &Error, path: &Path) -> Choice {
    let _ = writeln!(io::stderr(), "error: {}", escape_controls(&error.to_string()));
    let question = format!(
        "Edit again, or give up and keep the text in {}? (e = edit again, g = give up) ",
        path.display()
    );
    let read = |answer: &str| match answer {
        "e" => Ok(Choice::EditAgain),
        "g" => Ok(Choice::GiveUp),
        _ => Err("type e or g".to_owned()),
    };
    person.ask(&question, read).unwrap_or(Choice::GiveUp)
}

// === impl Scratch ===

impl Scratch {
    fn new(text: &[u8]) -> Result<Self> {
        let failed = |error| Error::unreachable("a temporary file", error);
        // The ending tells an editor what it shows.
        let mut file = Builder::new().prefix("usage-plans-").suffix(".json").tempfile().map_err(failed)?;
        file.write_all(text).and_then(|()| file.flush()).map_err(failed)?;
        Ok(Self(file))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The error, with where the text is kept if it is another one than `before`.
    fn give_up(self, before: &[u8], error: &Error) -> Error {
        if fs::read(self.path()).is_ok_and(|text| text == before) {
            return Error::refused(error.to_string());
        }
        let path = self.path().to_owned();
        let kept: PathBuf = self.0.into_temp_path().keep().unwrap_or(path);
        Error::refused(format!("{error}\nyour text is kept in {}", kept.display()))
    }
}

// === impl Editor ===

impl Editor {
    fn new() -> Result<Self> {
        let named = ["VISUAL", "EDITOR"].into_iter().filter_map(|name| env::var(name).ok());
        let command = { named }.find(|command| !command.trim().is_empty());
        let interruptible = Arc::new(AtomicBool::new(true));
        register_conditional_default(SIGINT, Arc::clone(&interruptible))
            .map_err(|error| Error::unreachable("watching for Ctrl-C", error))?;
        Ok(Self { command: command.unwrap_or_else(|| "vi".to_owned()), interruptible })
    }

    /// Runs the editor on the file until it ends.
    fn open(&self, path: &Path) -> Result<()> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{} \"$1\"", self.command)).arg("sh").arg(path);
        self.interruptible.store(false, Ordering::Relaxed);
        let status = command.status();
        self.interruptible.store(true, Ordering::Relaxed);
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Error::refused(format!("the editor `{}` failed: {status}", self.command))),
            Err(error) => Err(Error::unreachable("sh", error)),
        }
    }
}
