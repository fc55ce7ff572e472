//! Keeps text of documents and files from acting on the terminal.

/// `text` with control characters escaped, which could move a terminal's cursor or change its
/// colours.
pub(crate) fn escape_controls(text: &str) -> String {
    let escape = |c: char| match c {
        '\n' | '\t' => c.to_string(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}
