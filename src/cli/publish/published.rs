//! What came of publishing.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::discovery::Found;
use super::valid::Valid;
use crate::admin::Admin;
use crate::error::{Error, Kind, Result};

/// What came of publishing.
pub(super) struct Published {
    /// Whether the file was replaced.
    pub(super) changed: bool,
    pub(super) path: PathBuf,
    pub(super) version: String,
    /// Those that were asked.
    pub(super) envoys: Vec<Envoy>,
}

/// An Envoy that was asked.
pub(super) struct Envoy {
    pub(super) admin: Admin,
    pub(super) verdict: Verdict,
}

/// What an Envoy said.
pub(super) enum Verdict {
    /// So long after the file was replaced, or from before.
    InForce(Option<Duration>),
    /// And what to look at.
    Refused(String),
    /// Nothing, and why.
    Silent(Error),
}

// === impl Published ===

impl Published {
    /// What it comes to: an error unless it is in force in every Envoy that was asked.
    pub(super) fn outcome(self) -> Result<Self> {
        let failures = || self.envoys.iter().filter_map(|envoy| envoy.verdict.failure());
        // An Envoy that does not answer may be meant to be away; what one refuses somebody must mend.
        let kind = failures().find(|kind| *kind == Kind::Refused).or_else(|| failures().next());
        let told = |why: &str| {
            let verdicts = self.envoys.iter().map(|envoy| format!("\n  {envoy}"));
            format!("{why}{}", verdicts.collect::<String>())
        };
        match kind {
            None => Ok(self),
            Some(Kind::Refused) => {
                Err(Error::refused(format!("{}: {}", self.headline(), told("Envoy refuses it"))))
            }
            Some(_) => Err(Error::unreachable(self.headline(), told("not every Envoy answers"))),
        }
    }

    /// For people: what was done, and what each Envoy said.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.headline()];
        lines.extend(self.envoys.iter().map(Envoy::to_string));
        lines
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let envoys: Value = self.envoys.iter().map(Envoy::json).collect();
        json!({"changed": self.changed, "path": self.path, "version": self.version, "envoys": envoys})
    }

    fn headline(&self) -> String {
        let done = if self.changed { "published" } else { "unchanged" };
        format!("{done} {}, version {}", self.path.display(), self.version)
    }
}

// === impl Envoy ===

impl Envoy {
    fn json(&self) -> Value {
        let admin = self.admin.address();
        match &self.verdict {
            Verdict::InForce(after) => {
                let milliseconds = after.map(|after| after.as_millis());
                json!({"admin": admin, "verdict": "accepted", "milliseconds": milliseconds})
            }
            Verdict::Refused(look) => json!({"admin": admin, "verdict": "refused", "message": look}),
            Verdict::Silent(error) => {
                json!({"admin": admin, "verdict": null, "message": error.to_string()})
            }
        }
    }
}

impl fmt::Display for Envoy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let admin = self.admin.address();
        match &self.verdict {
            Verdict::InForce(None) => write!(f, "{admin}: in force"),
            Verdict::InForce(Some(after)) => write!(f, "{admin}: in force after {} ms", after.as_millis()),
            Verdict::Refused(look) => write!(f, "{admin}: refused, {look}"),
            Verdict::Silent(error) => error.fmt(f),
        }
    }
}

// === impl Verdict ===

impl Verdict {
    /// What it means that Envoy made `found` of `valid`; none if it has still to try it.
    pub(super) fn of(found: Result<(Found, Duration)>, valid: &Valid) -> Option<Self> {
        Some(match found {
            Ok((Found::Accepted, after)) => Self::InForce(Some(after)),
            Ok((Found::Refused { serving }, _)) => {
                Self::Refused(what_to_look_at(serving, &valid.variables()))
            }
            Ok((Found::NotTried, _)) => return None,
            Err(error) => Self::Silent(error),
        })
    }

    /// Whose turn it is, unless it is in force.
    fn failure(&self) -> Option<Kind> {
        match self {
            Self::InForce(_) => None,
            Self::Refused(_) => Some(Kind::Refused),
            Self::Silent(error) => Some(error.kind()),
        }
    }
}

/// The document is valid, so the reason lies in what only Envoy sees.
fn what_to_look_at(serving: bool, variables: &[&str]) -> String {
    let now = match serving {
        true => "and what was in force still is",
        false => "and nothing is in force: it answers 500",
    };
    let variables = match variables {
        [] => String::new(),
        names => format!("in its environment the variables {}, ", names.join(", ")),
    };
    format!("{now}. The document is valid: look at Envoy's log, {variables}and at the filter's module")
}
