//! Kinds of values in JSON Schema (draft 2020-12), of which the schema of an object is made.

pub(super) mod patterns;

use serde_json::{Map, Value, json};

use super::names::NameRule;
use super::reader::MAX_LIMIT;

/// An object that has these members and no others.
pub(super) fn object<const N: usize>(required: &[&str], members: [(&str, Value); N]) -> Value {
    let properties: Map<String, Value> =
        members.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    let object = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if required.is_empty() { object } else { with(object, json!({"required": required})) }
}

pub(super) fn array(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

pub(super) fn not_empty(array: Value) -> Value {
    with(array, json!({"minItems": 1}))
}

pub(super) fn name(rule: &NameRule) -> Value {
    let NameRule { min, max, .. } = rule;
    json!({"type": "string", "minLength": min, "maxLength": max, "pattern": patterns::of_name(rule)})
}

/// The id or the name of something else in the document.
pub(super) fn reference() -> Value {
    json!({"type": "string", "minLength": 1})
}

/// A time in the form of RFC 3339.
pub(super) fn timestamp() -> Value {
    json!({"type": "string", "format": "date-time"})
}

pub(super) fn text() -> Value {
    json!({"type": "string"})
}

pub(super) fn flag() -> Value {
    with_default(json!({"type": "boolean"}), false)
}

/// A whole number from 1, or -1 for no limit.
pub(super) fn limit() -> Value {
    json!({"type": "integer", "minimum": -1, "maximum": MAX_LIMIT, "not": {"const": 0}})
}

/// A limit on the requests in any second.
pub(super) fn max_requests_per_second() -> Value {
    described(limit(), "Requests admitted in any second; -1 or absent: no limit")
}

/// One of these words, of which one stands for the default.
pub(super) fn choice<T: Default + PartialEq>(words: &[(&str, T)]) -> Value {
    let default = words.iter().find(|(_, value)| *value == T::default()).map(|(word, _)| *word);
    let schema = one_of(words);
    match default {
        Some(word) => with_default(schema, word),
        None => schema,
    }
}

/// One of these words.
pub(super) fn one_of<T>(words: &[(&str, T)]) -> Value {
    json!({"enum": words.iter().map(|(word, _)| *word).collect::<Vec<_>>()})
}

pub(super) fn described(schema: Value, description: &str) -> Value {
    with(json!({"description": description}), schema)
}

pub(super) fn with_default(schema: Value, default: impl Into<Value>) -> Value {
    let default: Value = default.into();
    with(schema, json!({"default": default}))
}

/// The members of both objects; those of `schema` first.
pub(super) fn with(mut schema: Value, more: Value) -> Value {
    if let (Value::Object(schema), Value::Object(more)) = (&mut schema, more) {
        schema.extend(more);
    }
    schema
}
