//! What an explanation is made of.

use std::fmt::Write;

use usage_plan_core::sentence::Value;

/// What one check of the filter saw, or something that helps to understand the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which check it is, such as `key`.
    pub name: &'static str,
    /// Whether the request passes the check; `None` for a step that only informs.
    pub passed: Option<bool>,
    /// What the check saw, in one line.
    pub detail: Value,
    /// Further lines.
    pub more: Vec<Line>,
}

/// A line below a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the line shows, such as `expected`; empty for a line that explains itself.
    pub label: &'static str,
    /// The line itself.
    pub text: Value,
}

// === impl Step ===

impl Step {
    /// A check that the request passes.
    pub(super) fn passed(name: &'static str, detail: impl Into<Value>) -> Self {
        Self { name, passed: Some(true), detail: detail.into(), more: Vec::new() }
    }

    /// A check that the request does not pass.
    pub(super) fn refused(name: &'static str, detail: impl Into<Value>) -> Self {
        Self { passed: Some(false), ..Self::passed(name, detail) }
    }

    /// A step that only informs.
    pub(super) fn info(name: &'static str, detail: impl Into<Value>) -> Self {
        Self { passed: None, ..Self::passed(name, detail) }
    }

    /// The same step with another line below it.
    #[must_use]
    pub(super) fn with(mut self, label: &'static str, text: impl Into<Value>) -> Self {
        self.more.push(Line { label, text: text.into() });
        self
    }
}

/// Bytes of a request as printable text. Control characters, backslashes and bytes that are not UTF-8 are
/// escaped.
pub(super) fn escape_bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                _ if character.is_control() => text.extend(character.escape_default()),
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a String does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// [Escaped](escape_bytes) bytes in double quotes.
pub(super) fn quote_bytes(bytes: &[u8]) -> String {
    format!("\"{}\"", escape_bytes(bytes))
}
