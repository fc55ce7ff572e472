//! What the demo prints, and how many of its claims hold.

use std::fmt::Display;
use std::io::Write;

use testbed::{Error, Result};

/// A story in steps, each with claims that hold or do not.
pub(super) struct Story<'o> {
    out: &'o mut dyn Write,
    colour: bool,
    steps: u32,
    claims: u32,
    broken: u32,
}

impl<'o> Story<'o> {
    pub(super) fn new(out: &'o mut dyn Write, colour: bool) -> Self {
        Self { out, colour, steps: 0, claims: 0, broken: 0 }
    }

    /// A new step.
    pub(super) fn step(&mut self, title: impl Display) {
        self.steps += 1;
        let title = self.paint("1", format_args!("{}. {title}", self.steps));
        self.line(format_args!("\n{title}"));
    }

    /// A line of explanation.
    pub(super) fn say(&mut self, line: impl Display) {
        self.line(format_args!("   {line}"));
    }

    /// What was printed, answered or logged, in one line or more.
    pub(super) fn show(&mut self, lines: impl Display) {
        for line in lines.to_string().lines() {
            let line = self.paint("2", line);
            self.line(format_args!("     {line}"));
        }
    }

    /// A claim, and whether it holds. `otherwise` is what was seen instead.
    pub(super) fn claim(&mut self, holds: bool, claim: impl Display, otherwise: impl Display) {
        self.claims += 1;
        if holds {
            let mark = self.paint("32", "✓");
            self.line(format_args!("   {mark} {claim}"));
        } else {
            self.broken += 1;
            let (mark, otherwise) = (self.paint("31", "✗"), self.paint("31", otherwise));
            self.line(format_args!("   {mark} expected: {claim}\n     but: {otherwise}"));
        }
    }

    /// The end of the story.
    ///
    /// # Errors
    /// A claim did not hold.
    pub(super) fn end(mut self) -> Result<()> {
        match self.broken {
            0 => {
                let all = self.paint("32", format_args!("All {} claims hold.", self.claims));
                self.line(format_args!("\n{all}"));
                Ok(())
            }
            broken => Err(Error::new(format!("{broken} of {} claims do not hold", self.claims))),
        }
    }

    /// Prints a line. A closed output (`| head`) must not end the process before its Envoy.
    fn line(&mut self, line: impl Display) {
        let _closed = writeln!(self.out, "{line}");
    }

    fn paint(&self, code: &str, text: impl Display) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}
