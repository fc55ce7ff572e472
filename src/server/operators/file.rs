//! Reads the file of operators. An error names the place and the rule, and never the secret.

use serde_json::{Map, Value};
use usage_plan_core::document::Secret;

use super::operator::{Operator, Role};

/// The members of an operator.
const MEMBERS: [&str; 3] = ["secret_id", "secret_key", "role"];

/// Reads `{"operators": [{"secret_id": …, "secret_key": …, "role": …}]}`.
pub(super) fn read(text: &[u8]) -> Result<Vec<Operator>, String> {
    let value: Value =
        serde_json::from_slice(text).map_err(|error| format!("must be JSON: {}", place_of(&error)))?;
    let document = value.as_object().ok_or("must be an object with the member operators")?;
    only(document, &["operators"], "")?;
    let list = document.get("operators").and_then(Value::as_array);
    let list = list.ok_or("operators: must be a list of operators")?;
    if list.is_empty() {
        return Err("operators: must not be empty".to_owned());
    }
    let mut operators: Vec<Operator> = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let place = format!("operators[{index}]");
        let operator = operator(item, &place)?;
        if let Some(first) = operators.iter().position(|other| other.id == operator.id) {
            return Err(format!("{place}.secret_id: is that of operators[{first}] too"));
        }
        operators.push(operator);
    }
    Ok(operators)
}

fn operator(item: &Value, place: &str) -> Result<Operator, String> {
    let item = item.as_object().ok_or_else(|| format!("{place}: must be an object"))?;
    only(item, &MEMBERS, &format!("{place}."))?;
    let text = |member: &str, is_right: fn(&str) -> bool, rule: &str| {
        let text = item.get(member).and_then(Value::as_str).filter(|text| is_right(text));
        text.ok_or_else(|| format!("{place}.{member}: {rule}"))
    };
    let id = text("secret_id", is_id, "must be 1 to 64 of A-Z a-z 0-9 _ - . @")?;
    let secret = text("secret_key", is_secret, "must be 16 to 128 visible ASCII characters")?;
    let role = match item.get("role").and_then(Value::as_str) {
        Some("admin") => Role::Admin,
        Some("viewer") => Role::Viewer,
        _ => return Err(format!("{place}.role: must be \"admin\" or \"viewer\"")),
    };
    Ok(Operator { id: id.to_owned(), secret: Secret::new(secret), role })
}

fn is_id(text: &str) -> bool {
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_right)
}

fn is_secret(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Refuses members that are not among these.
fn only(object: &Map<String, Value>, members: &[&str], place: &str) -> Result<(), String> {
    match object.keys().find(|name| !members.contains(&name.as_str())) {
        Some(name) => Err(format!("{place}{name}: there is no such member, only {}", members.join(", "))),
        None => Ok(()),
    }
}

/// Where the text is no JSON. The parser's own message may quote it.
fn place_of(error: &serde_json::Error) -> String {
    format!("it is none at line {}, column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_its_rule() {
        let operator = |members: &str| format!(r#"{{"operators": [{{{members}}}]}}"#);
        let ada = r#""secret_id": "ada", "secret_key": "ada-secret-key-0001""#;
        for (text, expected) in [
            ("{\"operators\": [1x]}".to_owned(), "must be JSON: it is none at line 1, column"),
            ("[]".to_owned(), "must be an object with the member operators"),
            ("{}".to_owned(), "operators: must be a list of operators"),
            (r#"{"operators": []}"#.to_owned(), "operators: must not be empty"),
            (r#"{"operators": [1]}"#.to_owned(), "operators[0]: must be an object"),
            (r#"{"keys": []}"#.to_owned(), "keys: there is no such member, only operators"),
            (operator(ada), "operators[0].role: must be \"admin\" or \"viewer\""),
            (operator(&format!(r#"{ada}, "role": "root""#)), "operators[0].role: must be"),
            (operator(&format!(r#"{ada}, "name": "Ada""#)), "operators[0].name: there is no such member"),
            (operator(r#""secret_id": "a b", "secret_key": "x""#), "operators[0].secret_id: must be 1 to 64"),
            (operator(r#""secret_id": "ada", "secret_key": "short""#), "operators[0].secret_key: must be 16"),
            (
                format!(r#"{{"operators": [{{{ada}, "role": "admin"}}, {{{ada}, "role": "viewer"}}]}}"#),
                "operators[1].secret_id: is that of operators[0] too",
            ),
        ] {
            let error = read(text.as_bytes()).expect_err(&text);
            assert!(error.starts_with(expected), "{text}: {error}");
            assert!(!error.contains("secret-key-0001") && !error.contains("short"), "{error}");
        }
    }
}
