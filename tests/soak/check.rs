//! A property that must hold for each of many things, and where it did not.

use std::fmt;

/// How many violations are described.
const DESCRIBED: usize = 10;

/// A property, and what was found of it.
#[derive(Clone, Debug)]
pub struct Check {
    /// What must hold.
    pub name: &'static str,
    examined: u64,
    broken: u64,
    examples: Vec<String>,
    /// Further figures, for the report.
    pub figures: String,
}

impl Check {
    /// A property of which nothing is known yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, examined: 0, broken: 0, examples: Vec::new(), figures: String::new() }
    }

    /// Examines a thing: `violation` says what is wrong with it, if it is.
    pub fn examine(&mut self, violation: Option<String>) {
        self.examined += 1;
        if let Some(violation) = violation {
            self.broken += 1;
            if self.examples.len() < DESCRIBED {
                self.examples.push(violation);
            }
        }
    }

    /// How many things were examined.
    pub fn examined(&self) -> u64 {
        self.examined
    }

    /// How often it did not hold.
    pub fn broken(&self) -> u64 {
        self.broken
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.broken == 0 { "ok" } else { "BROKEN" };
        let Self { name, examined, broken, figures, .. } = self;
        write!(f, "{word:6} {name}: {broken} of {examined}{figures}")?;
        self.examples.iter().try_for_each(|example| write!(f, "\n         {example}"))
    }
}
