//! Questions to the person at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::output::error::{Error, Result};

/// A person who can be asked: standard input and standard error are a terminal. Questions go to standard
/// error, so that standard output has the answer of the command alone.
pub(crate) struct Person(());

// === impl Person ===

impl Person {
    /// The person at the terminal, if there is one.
    pub(crate) fn present() -> Option<Self> {
        if io::stdin().is_terminal() && io::stderr().is_terminal() { Some(Self(())) } else { None }
    }

    /// Asks until `read` understands the answer. What `read` says of an answer that it does not understand is
    /// shown before the question is asked again.
    pub(crate) fn ask<T>(
        &mut self,
        question: &str,
        read: impl Fn(&str) -> std::result::Result<T, String>,
    ) -> Result<T> {
        loop {
            let unreachable = |error| Error::unreachable("the terminal", error);
            write!(io::stderr(), "{question}").map_err(unreachable)?;
            let mut line = String::new();
            if io::stdin().lock().read_line(&mut line).map_err(unreachable)? == 0 {
                // The end of the input is no answer: the error begins on a line of its own.
                let _ = writeln!(io::stderr());
                return Err(Error::refused("there was no answer, so nothing is changed"));
            }
            match read(line.trim()) {
                Ok(answer) => return Ok(answer),
                Err(why) => writeln!(io::stderr(), "{why}").map_err(unreachable)?,
            }
        }
    }
}
