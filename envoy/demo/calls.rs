//! The calls of the stories, and what is read in answers.

use testbed::{Error, Request, Result};

/// The domain of the service.
pub(super) const HOST: &str = "orders.example.com";

/// An unsigned call.
pub(super) fn call(target: &str) -> Request {
    Request::get(HOST, target)
}

/// The body of a refusal.
pub(super) fn body(message: &str) -> String {
    format!("{}\n", serde_json::json!({ "message": message }))
}

/// The value in the line of a command's output that begins with `name`.
///
/// # Errors
/// There is no such line.
pub(super) fn value_of(text: &str, name: &str) -> Result<String> {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let value = value.map(|value| value.trim().to_owned());
    value.ok_or_else(|| Error::new(format!("no {name} in:\n{text}")))
}
