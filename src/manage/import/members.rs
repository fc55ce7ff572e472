//! Reads the members of JSON objects, and says where one has the wrong kind of value. No message contains a
//! value: it may be a secret. The words for the kinds are those of the document's reader.

use serde_json::{Map, Value};

use super::error::{Error, Result};

/// How messages call a number that has to be whole.
const NUMBER: &str = "a whole number";

/// The members of an object. `null` counts as absent: the sources write it for unknown values.
#[derive(Clone)]
pub(super) struct Members<'v> {
    object: &'v Map<String, Value>,
    /// The file, and the object's path in it.
    place: String,
}

// === impl Members ===

impl<'v> Members<'v> {
    /// The members of `value`, which must be an object.
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

    /// An error about this object.
    pub(super) fn error(&self, problem: impl Into<String>) -> Error {
        Error::input(&self.place, problem)
    }

    /// An error about a member of this object.
    pub(super) fn member_error(&self, name: &str, problem: impl Into<String>) -> Error {
        Error::input(self.child(name), problem)
    }

    /// Whether there is such a member, even if it is `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// The names of all members.
    pub(super) fn names(&self) -> impl Iterator<Item = &'v str> {
        self.object.keys().map(String::as_str)
    }

    /// The value of a member, whatever its kind.
    pub(super) fn value(&self, name: &str) -> Option<&'v Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// A string; an empty one counts as absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'v str>> {
        let text = self.member(name, "a string", Value::as_str)?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// A string whose absence is an error.
    pub(super) fn required(&self, name: &str) -> Result<&'v str> {
        self.text(name)?.ok_or_else(|| self.error(format!("has no {name}")))
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>> {
        self.member(name, NUMBER, Value::as_i64)
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>> {
        self.member(name, "true or false", Value::as_bool)
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<Self>> {
        self.value(name).map(|value| Self::of(value, self.child(name))).transpose()
    }

    /// An array of objects; empty when it is absent.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>> {
        self.items(name, Self::of)
    }

    /// An array of strings; empty when it is absent.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&'v str>> {
        self.items(name, |item, place| item.as_str().ok_or_else(|| mismatch(&place, "a string", item)))
    }

    fn items<T>(&self, name: &str, read: impl Fn(&'v Value, String) -> Result<T>) -> Result<Vec<T>> {
        let items = self.member(name, "an array", Value::as_array)?.into_iter().flatten();
        items.enumerate().map(|(index, item)| read(item, format!("{}[{index}]", self.child(name)))).collect()
    }

    /// The place of a member, such as `file: Response.Result`.
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
        Value::Number(_) if expected == NUMBER => {
            return Error::input(place, "must be a whole number of at most 63 bits");
        }
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Error::input(place, format!("must be {expected}, not {kind}"))
}
