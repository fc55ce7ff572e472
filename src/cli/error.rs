//! Why a command could not do what it was asked.

use std::fmt;

use serde_json::{Value, json};

use usage_plan_core::document::Errors;

/// A command that changed nothing, and why.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    /// The broken rules of a document, when it is that.
    rules: Vec<Rule>,
    /// What to do about them.
    hint: Option<&'static str>,
}

/// Whose turn it is; the exit code tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A rule stands in the way, or there is nothing of that name.
    Refused,
    /// The command line itself is wrong.
    Usage,
    /// A file, or Envoy's admin interface, could not be reached.
    Unreachable,
}

/// A broken rule of a document and its place.
#[derive(Debug)]
struct Rule {
    path: String,
    rule: String,
}

/// What a command comes to.
pub type Result<T> = std::result::Result<T, Error>;

// === impl Error ===

impl Error {
    /// A rule stands in the way, or there is nothing of that name.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, message: message.into(), rules: Vec::new(), hint: None }
    }

    /// No `noun` of the document has `id`, which its member `member` is.
    pub fn nothing_of(noun: &str, member: &str, id: &str) -> Self {
        Self::refused(format!("no {noun} has the {member} \"{id}\""))
    }

    /// The command line itself is wrong, in a way that its grammar cannot tell.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, ..Self::refused(message) }
    }

    /// `what` (a file, an address) could not be reached.
    pub fn unreachable(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self { kind: Kind::Unreachable, ..Self::refused(format!("{what}: {why}")) }
    }

    /// A document that breaks rules; `message` says which document it is.
    pub fn invalid(message: impl Into<String>, errors: &Errors) -> Self {
        let rule = |error: &usage_plan_core::document::Error| Rule {
            path: error.path().to_owned(),
            rule: error.rule().to_owned(),
        };
        Self { rules: errors.iter().map(rule).collect(), ..Self::refused(message) }
    }

    /// The same; what to do about the rules that are broken, if any are.
    #[must_use]
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint).filter(|_| !self.rules.is_empty()), ..self }
    }

    /// Whose turn it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// For `--output json`.
    pub fn to_json(&self) -> Value {
        let rules = self.rules.iter().map(|Rule { path, rule }| json!({"path": path, "rule": rule}));
        let rules: Vec<Value> = rules.collect();
        let exit_code = self.kind.exit_code();
        json!({"error": {"message": self.message, "exit_code": exit_code, "rules": rules, "hint": self.hint}})
    }
}

impl fmt::Display for Error {
    /// The message, a line for each broken rule, and the hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for Rule { path, rule } in &self.rules {
            let path = if path.is_empty() { "document" } else { path };
            write!(f, "\n  {path}: {rule}")?;
        }
        if let Some(hint) = self.hint {
            write!(f, "\n{hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

// === impl Kind ===

impl Kind {
    /// What the process exits with. 2 is clap's own, for a command line that it cannot read.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
        }
    }
}
