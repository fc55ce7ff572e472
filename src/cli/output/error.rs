//! Why a command did not do what it was asked to do.

use std::fmt;

use serde_json::{Value, json};
use usage_plan_core::document::Errors;
use usage_plan_manage as manage;
use usage_plan_manage::position::{Position, Positions};

/// Why a command did not do what it was asked to do.
#[derive(Debug)]
pub(crate) struct Error {
    kind: Kind,
    message: String,
    /// The rules that the document breaks, if that is the error.
    rules: Vec<Rule>,
    /// How the text is called in which the rules have their positions.
    text_name: Option<Box<str>>,
    /// What to do about it.
    hint: Option<&'static str>,
    /// Which of the command's values are from a file of settings.
    settings: Option<Box<str>>,
    /// What was done all the same, for `--output json`: the member's name, and its value.
    done: Option<Box<(&'static str, Value)>>,
}

/// The cause of an error. It determines the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A rule stands in the way, or an object is not there.
    Refused,
    /// The command line itself is wrong.
    Usage,
    /// A file, or Envoy's admin interface, cannot be reached.
    Unreachable,
}

/// A rule that a document breaks.
#[derive(Debug)]
struct Rule {
    /// Where in the document; empty for the document as a whole.
    path: String,
    rule: String,
    /// Where in the document's text, if it is at hand.
    position: Option<Position>,
}

/// The result of a command.
pub(crate) type Result<T> = std::result::Result<T, Error>;

// === impl Error ===

impl Error {
    /// A rule stands in the way, or an object is not there.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            kind: Kind::Refused,
            message,
            rules: Vec::new(),
            text_name: None,
            hint: None,
            settings: None,
            done: None,
        }
    }

    /// The command line itself is wrong, in a way that its grammar cannot express.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, ..Self::refused(message) }
    }

    /// `what` (a file, an address) cannot be reached.
    pub(crate) fn unreachable(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self { kind: Kind::Unreachable, ..Self::refused(format!("{what}: {why}")) }
    }

    /// A document breaks rules; `message` says which document it is.
    pub(crate) fn invalid(message: impl Into<String>, errors: &Errors) -> Self {
        let rule = |error: &usage_plan_core::document::Error| Rule {
            path: error.path().to_owned(),
            rule: error.rule(),
            position: None,
        };
        Self { rules: errors.iter().map(rule).collect(), ..Self::refused(message) }
    }

    /// The same error, with the place of each rule in the `text` of the document, which is called `name`.
    #[must_use]
    pub(crate) fn in_text(mut self, name: &str, text: &[u8]) -> Self {
        if let Some(positions) = Positions::of(text) {
            for rule in &mut self.rules {
                rule.position = Some(positions.get(&rule.path));
            }
            self.text_name = Some(name.into());
        }
        self
    }

    /// The same error, with these rules, each after what breaks it.
    #[must_use]
    pub(crate) fn with_rules(self, rules: Vec<(String, String)>) -> Self {
        let rules = rules.into_iter().map(|(path, rule)| Rule { path, rule, position: None }).collect();
        Self { rules, ..self }
    }

    /// The same error, in which `map` has named what breaks a rule in another way, and the rule with it.
    #[must_use]
    pub(crate) fn map_rules(mut self, map: impl Fn(&str, &str) -> Option<(String, String)>) -> Self {
        for rule in &mut self.rules {
            if let Some((path, text)) = map(&rule.path, &rule.rule) {
                *rule = Rule { path, rule: text, position: None };
            }
        }
        self
    }

    /// The same error, with what to do about it.
    #[must_use]
    pub(crate) fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The same error, with what it may be that the file of settings says.
    #[must_use]
    pub(crate) fn settings(self, settings: String) -> Self {
        Self { settings: Some(settings.into()), ..self }
    }

    /// The same error, with what was done all the same.
    #[must_use]
    pub(crate) fn done(self, member: &'static str, value: Value) -> Self {
        Self { done: Some(Box::new((member, value))), ..self }
    }

    /// The cause.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The error for `--output json`.
    pub(crate) fn to_json(&self) -> Value {
        let rules: Vec<Value> =
            self.rules.iter().map(|rule| rule.to_json(self.text_name.as_deref())).collect();
        let exit_code = self.kind.exit_code();
        let mut json =
            json!({"message": self.message, "exit_code": exit_code, "rules": rules, "hint": self.hint});
        if let Some(settings) = &self.settings {
            json["settings"] = settings.as_ref().into();
        }
        if let Some((member, value)) = self.done.as_deref() {
            json[*member] = value.clone();
        }
        json!({ "error": json })
    }
}

impl fmt::Display for Error {
    /// The message, a line for each broken rule, the hint, and the settings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for Rule { path, rule, position } in &self.rules {
            f.write_str("\n  ")?;
            if let (Some(name), Some(Position { line, column })) = (&self.text_name, position) {
                write!(f, "{name}:{line}:{column}: ")?;
            }
            let path = if path.is_empty() { "document" } else { path };
            write!(f, "{path}: {rule}")?;
        }
        if let Some(hint) = self.hint {
            write!(f, "\n{hint}")?;
        }
        if let Some(settings) = &self.settings {
            write!(f, "\n{settings}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<manage::Error> for Error {
    fn from(error: manage::Error) -> Self {
        match error {
            manage::Error::Refused(refusal) => (*refusal).into(),
            manage::Error::Invalid { path, errors } => {
                Self::invalid(format!("{} breaks these rules; correct it first:", path.display()), &errors)
            }
            manage::Error::NoDocument { path, error } => Self::unreachable(
                path.display(),
                format!("{error}: any `create` command begins one, --file names one that is elsewhere"),
            ),
            manage::Error::ReadOnly(path) => Self::refused(format!(
                "{} is read-only, so it stays as it is: give --force to edit it all the same",
                path.display()
            )),
            manage::Error::ChangedMeanwhile(path) => {
                Self::refused(format!("{} has changed meanwhile, so it stays as it is", path.display()))
            }
            manage::Error::NoFileName(path) => {
                Self::usage(format!("--file {}: is not the name of a file", path.display()))
            }
            manage::Error::Input(message) => Self::refused(message),
            manage::Error::Argument(message) => Self::usage(message),
            manage::Error::Unreachable { what, why } => Self::unreachable(what, why),
        }
    }
}

// === impl Rule ===

impl Rule {
    fn to_json(&self, text_name: Option<&str>) -> Value {
        let Self { path, rule, position } = self;
        match position {
            None => json!({"path": path, "rule": rule}),
            Some(Position { line, column }) => {
                json!({"path": path, "rule": rule, "file": text_name, "line": line, "column": column})
            }
        }
    }
}

// === impl Kind ===

impl Kind {
    /// The process's exit code. 2 is also clap's own, for a command line that it cannot read.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
        }
    }
}
