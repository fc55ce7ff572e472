//! The members of one object of the document.

use serde_json::{Map, Value};

/// The member that people find an object by.
pub(crate) const NAME: &str = "name";

/// Members to set, each by its name. A member that is set to `""` or to an empty list is removed.
#[derive(Clone, Debug, Default)]
pub struct Members(Vec<(&'static str, Value)>);

// === impl Members ===

impl Members {
    /// No member.
    pub fn new() -> Self {
        Self::default()
    }

    /// These, and `member` with `value` if there is one.
    #[must_use]
    pub fn with<V: Into<Value>>(mut self, member: &'static str, value: Option<V>) -> Self {
        self.0.extend(value.map(|value| (member, value.into())));
        self
    }

    /// These, and `member` with a list of `items` if there are any. Items that are `""` are left out, so that
    /// a list of nothing else removes the member.
    #[must_use]
    pub fn with_list<T: Clone + Into<Value>>(self, member: &'static str, items: &[T]) -> Self {
        let list = items.iter().cloned().map(Into::into).filter(|item| item != "").collect::<Value>();
        self.with(member, if items.is_empty() { None } else { Some(list) })
    }

    /// These members and `others`.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The value that `member` is set to, if it is a string.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == member)?.1.as_str()
    }

    /// The members, and what each is set to.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(member, value)| (*member, value))
    }

    /// Sets the members of `object`.
    pub fn apply(self, object: &mut Map<String, Value>) {
        for (member, value) in self.0 {
            set(object, member, Some(value));
        }
    }
}

/// Sets a member to `value`, if there is one; `""` and an empty list remove the member.
pub fn set(object: &mut Map<String, Value>, member: &str, value: Option<Value>) {
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

/// Edits the list that is a member; a member that is not there begins as an empty list.
pub fn edit_list<T>(
    object: &mut Map<String, Value>,
    member: &str,
    edit: impl FnOnce(&mut Vec<Value>) -> T,
) -> T {
    let value = object.entry(member).or_insert(Value::Null);
    let mut items = match value.take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    let result = edit(&mut items);
    *value = Value::Array(items);
    result
}

/// The string that is a member; empty when there is none.
pub fn text<'o>(object: &'o Map<String, Value>, member: &str) -> &'o str {
    object.get(member).and_then(Value::as_str).unwrap_or_default()
}
