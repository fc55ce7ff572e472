//! What an explanation is made of.

use std::fmt::Write;

use serde_json::{Value, json};

/// A question that the filter asks, and the answer.
#[derive(Debug)]
pub(super) struct Step {
    name: &'static str,
    /// Whether the request gets past it; `None` where it only tells something.
    ok: Option<bool>,
    detail: String,
    /// What is shown below it.
    more: Vec<(&'static str, String)>,
}

const ENVOY: &str = "envoy";

// === impl Step ===

impl Step {
    pub(super) fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, ok: Some(true), detail: detail.into(), more: Vec::new() }
    }

    pub(super) fn refused(name: &'static str, detail: impl Into<String>) -> Self {
        Self { ok: Some(false), ..Self::ok(name, detail) }
    }

    pub(super) fn tells(name: &'static str, detail: impl Into<String>) -> Self {
        Self { ok: None, ..Self::ok(name, detail) }
    }

    /// What Envoy does before the filter is asked anything.
    pub(super) fn of_envoy(detail: String) -> Self {
        Self::tells(ENVOY, detail)
    }

    pub(super) fn is_of_envoy(&self) -> bool {
        self.name == ENVOY
    }

    /// The same, with a line below it.
    #[must_use]
    pub(super) fn with(mut self, label: &'static str, line: impl Into<String>) -> Self {
        self.more.push((label, line.into()));
        self
    }

    pub(super) fn to_json(&self) -> Value {
        let more = self.more.iter().map(|(label, line)| match *label {
            "" => json!(line),
            label => json!({ label: line }),
        });
        json!({"step": self.name, "ok": self.ok, "detail": self.detail, "more": more.collect::<Vec<_>>()})
    }

    /// Its lines, each with its line feed.
    pub(super) fn write(&self, text: &mut String) {
        let mark = match self.ok {
            Some(true) => "ok",
            Some(false) => "NO",
            None => "",
        };
        // Writing to a String does not fail.
        let _ = writeln!(text, "{mark:<4}{:<16}{}", self.name, self.detail);
        for (label, line) in &self.more {
            let label = if label.is_empty() { String::new() } else { format!("{label:<10}") };
            let _ = writeln!(text, "{:<20}{label}{line}", "");
        }
    }
}

/// Bytes as text: what is no printable character of ASCII or of UTF-8 as an escape.
pub(super) fn visible(bytes: &[u8]) -> String {
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
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// [`visible`] in quotes.
pub(super) fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", visible(bytes))
}
