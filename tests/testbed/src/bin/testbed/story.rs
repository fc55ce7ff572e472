//! What the demo prints, and what it keeps of the claims it checks.

use std::fmt::Display;
use std::io::{IsTerminal, stdout};

use testbed::{Error, Result};

/// A story told in steps, each with claims that hold or do not.
pub(crate) struct Story {
    colour: bool,
    steps: u32,
    claims: u32,
    broken: u32,
}

impl Story {
    pub(crate) fn new() -> Self {
        let colour = stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { colour, steps: 0, claims: 0, broken: 0 }
    }

    /// A new step.
    pub(crate) fn step(&mut self, title: impl Display) {
        self.steps += 1;
        say!("\n{}", self.paint("1", format_args!("{}. {title}", self.steps)));
    }

    /// Something to know.
    pub(crate) fn say(&self, line: impl Display) {
        say!("   {line}");
    }

    /// Something seen, on the wire or in a log.
    pub(crate) fn show(&self, line: impl Display) {
        say!("     {}", self.paint("2", line));
    }

    /// A claim: `claim` is what was seen when it holds, `otherwise` when it does not.
    pub(crate) fn claim(&mut self, holds: bool, claim: impl Display, otherwise: impl Display) {
        self.claims += 1;
        if holds {
            say!("   {} {claim}", self.paint("32", "✓"));
        } else {
            self.broken += 1;
            say!("   {} expected: {claim}", self.paint("31", "✗"));
            say!("     but: {}", self.paint("31", otherwise));
        }
    }

    /// Whether all of it was so.
    pub(crate) fn end(self) -> Result<()> {
        match self.broken {
            0 => {
                say!("\n{}", self.paint("32", format_args!("All {} claims hold.", self.claims)));
                Ok(())
            }
            broken => Err(Error::new(format!("{broken} of {} claims do not hold", self.claims))),
        }
    }

    fn paint(&self, code: &str, text: impl Display) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}
