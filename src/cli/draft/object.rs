//! The members of an object of the document.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Sets a member to `value`, when there is one; "" and an empty list take the member away.
pub(crate) fn set(object: &mut Map<String, Value>, member: &str, value: Option<Value>) {
    match value {
        None => {}
        Some(value) if value == "" || value.as_array().is_some_and(Vec::is_empty) => {
            object.shift_remove(member);
        }
        Some(value) => {
            object.insert(member.to_owned(), value);
        }
    }
}

/// A list for [`set`]: the items that were given, if any were, without the "" that says that it shall be empty.
pub(crate) fn list<T: Clone + Into<Value>>(given: &[T]) -> Option<Value> {
    let items = given.iter().cloned().map(Into::into).filter(|item| item != "");
    (!given.is_empty()).then(|| items.collect())
}

/// The list that is a member, to be edited; an empty one when there is none.
pub(crate) fn list_mut<'o>(object: &'o mut Map<String, Value>, member: &str) -> Result<&'o mut Vec<Value>> {
    let list = object.entry(member).or_insert_with(|| Value::Array(Vec::new()));
    list.as_array_mut().ok_or_else(|| Error::refused(format!("{member} must be an array")))
}

/// The text of a member; empty when there is none.
pub(crate) fn text<'o>(object: &'o Map<String, Value>, member: &str) -> &'o str {
    object.get(member).and_then(Value::as_str).unwrap_or_default()
}
