//! Reads the members of JSON objects, and says where one is not what it should be. No value is in a message: it may be a
//! secret.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The members of an object. `null` is as good as absent: the sources write it for what they do not know.
#[derive(Clone)]
pub(super) struct Members<'v> {
    object: &'v Map<String, Value>,
    /// The file, and where in it.
    place: String,
}

// === impl Members ===

impl<'v> Members<'v> {
    /// Those of `value`, which must be an object.
    pub(super) fn of(value: &'v Value, place: impl Into<String>) -> Result<Self> {
        let place = place.into();
        match value.as_object() {
            Some(object) => Ok(Self { object, place }),
            None => Err(mismatch(&place, "an object", value)),
        }
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Whether there is such a member, be it null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// The names of all members.
    pub(super) fn names(&self) -> impl Iterator<Item = &'v str> {
        self.object.keys().map(String::as_str)
    }

    /// Any value but null.
    pub(super) fn value(&self, name: &str) -> Option<&'v Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'v str>> {
        let text = self.member(name, "a text", Value::as_str)?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// A text without which nothing can be made of the object.
    pub(super) fn required(&self, name: &str) -> Result<&'v str> {
        self.text(name)?.ok_or_else(|| Error::refused(format!("{}: has no {name}", self.place)))
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>> {
        self.member(name, "a whole number", Value::as_i64)
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>> {
        self.member(name, "true or false", Value::as_bool)
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<Self>> {
        self.value(name).map(|value| Self::of(value, self.child(name))).transpose()
    }

    /// A list of objects; none when it is absent.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>> {
        let list = self.member(name, "a list", Value::as_array)?.into_iter().flatten().enumerate();
        list.map(|(i, item)| Self::of(item, format!("{}[{i}]", self.child(name)))).collect()
    }

    /// A list of texts; none when it is absent.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&'v str>> {
        let list = self.member(name, "a list", Value::as_array)?.into_iter().flatten().enumerate();
        let text = |(i, item): (usize, &'v Value)| {
            item.as_str().ok_or_else(|| mismatch(&format!("{}[{i}]", self.child(name)), "a text", item))
        };
        list.map(text).collect()
    }

    /// Where a member is: `file: Response.Result`.
    fn child(&self, name: &str) -> String {
        let separator = if self.place.contains(": ") { "." } else { ": " };
        format!("{}{separator}{name}", self.place)
    }

    fn member<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        match read(value) {
            Some(value) => Ok(Some(value)),
            None => Err(mismatch(&self.child(name), expected, value)),
        }
    }
}

fn mismatch(place: &str, expected: &str, value: &Value) -> Error {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "another number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    let kind = if value.is_number() && !expected.contains("number") { "a number" } else { kind };
    Error::refused(format!("{place}: must be {expected}, not {kind}"))
}
