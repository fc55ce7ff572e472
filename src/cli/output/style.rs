//! What a stream can show: how wide it is, and whether it has colours.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style as TextStyle};

/// How text is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// The terminal's columns; `None` for what is no terminal.
    pub(crate) width: Option<u16>,
    /// Whether colours are shown.
    pub(crate) color: bool,
    /// Whether tables have their further columns.
    pub(crate) wide: bool,
}

/// `--color`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Also where the output is no terminal
    Always,
    /// Nowhere
    Never,
}

// === impl Style ===

impl Style {
    /// What standard output can show.
    pub(crate) fn of_stdout(wide: bool) -> Self {
        let stdout = io::stdout();
        let columns = |(terminal_size::Width(columns), _)| columns;
        // A terminal that does not know its size says 0.
        let width = match terminal_size::terminal_size_of(&stdout).map(columns) {
            Some(columns) if columns > 0 && stdout.is_terminal() => Some(columns),
            _ => None,
        };
        Self { width, color: AutoStream::choice(&stdout) != ColorChoice::Never, wide }
    }
}

// === impl Color ===

impl Color {
    /// The choice of the command line, even if the rest of it cannot be read.
    pub(crate) fn wanted_in(arguments: &[OsString]) -> Self {
        let is_wanted = |when: &str| {
            let joined = format!("--color={when}");
            let apart = |pair: &[OsString]| matches!(pair, [flag, word] if flag == "--color" && word == when);
            arguments.windows(2).any(apart) || arguments.iter().any(|word| *word == *joined)
        };
        match (is_wanted("always"), is_wanted("never")) {
            (_, true) => Self::Never,
            (true, false) => Self::Always,
            (false, false) => Self::Auto,
        }
    }

    /// Makes this the choice of the whole process.
    pub(crate) fn choose(self) {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::AlwaysAnsi,
            Self::Never => ColorChoice::Never,
        }
        .write_global();
    }
}

/// The word that a message on standard error begins with.
pub(crate) fn label(word: &str) -> String {
    let color = if word == "error" { AnsiColor::Red } else { AnsiColor::Yellow };
    if AutoStream::choice(&io::stderr()) == ColorChoice::Never {
        return format!("{word}:");
    }
    let style: TextStyle = color.on_default().bold();
    format!("{style}{word}:{style:#}")
}
