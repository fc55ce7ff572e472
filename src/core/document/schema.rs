//! Builds JSON Schemas (draft 2020-12) for the kinds of values that the document's objects consist of.

pub(super) mod patterns;

use serde_json::{Map, Value, json};

use super::names::NameRule;
use super::reader::MAX_LIMIT;

/// The schema of an object that may have these members and no others.
pub(super) fn object<const N: usize>(required: &[&str], members: [(&str, Value); N]) -> Value {
    let properties: Map<String, Value> =
        members.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    let object = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if required.is_empty() { object } else { with(object, json!({"required": required})) }
}

/// The schema of an array of these items.
pub(super) fn array(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// The schema of the same array with at least one item.
pub(super) fn not_empty(array: Value) -> Value {
    with(array, json!({"minItems": 1}))
}

/// The schema of a name that follows `rule`.
pub(super) fn name(rule: &NameRule) -> Value {
    let NameRule { min, max, .. } = rule;
    json!({"type": "string", "minLength": min, "maxLength": max, "pattern": patterns::of_name(rule)})
}

/// The schema of a reference: the id or the name of a different object of the document.
pub(super) fn reference() -> Value {
    json!({"type": "string", "minLength": 1})
}

/// The schema of a time in the form of RFC 3339.
pub(super) fn timestamp() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// The schema of any string.
pub(super) fn text() -> Value {
    json!({"type": "string"})
}

/// The schema of a boolean that is false by default.
pub(super) fn flag() -> Value {
    with_default(json!({"type": "boolean"}), false)
}

/// The schema of a limit: a whole number from 1, or -1 for no limit.
pub(super) fn limit() -> Value {
    json!({"type": "integer", "minimum": -1, "maximum": MAX_LIMIT, "not": {"const": 0}})
}

/// A limit on the requests in any second.
pub(super) fn max_requests_per_second() -> Value {
    described(limit(), "Requests admitted in any second; -1 or absent: no limit")
}

/// The schema of one of these words. The word of the type's default value is the default.
pub(super) fn choice<T: Default + PartialEq>(words: &[(&str, T)]) -> Value {
    let default = words.iter().find(|(_, value)| *value == T::default()).map(|(word, _)| *word);
    let schema = one_of(words);
    match default {
        Some(word) => with_default(schema, word),
        None => schema,
    }
}

/// The schema of one of these words, without a default.
pub(super) fn one_of<T>(words: &[(&str, T)]) -> Value {
    json!({"enum": words.iter().map(|(word, _)| *word).collect::<Vec<_>>()})
}

/// `schema` with a description for people.
pub(super) fn described(schema: Value, description: &str) -> Value {
    with(json!({"description": description}), schema)
}

/// `schema` with a default.
pub(super) fn with_default(schema: Value, default: impl Into<Value>) -> Value {
    let default: Value = default.into();
    with(schema, json!({"default": default}))
}

/// `schema` with the members of `more` after its own. A member of both takes its value from `more`.
pub(super) fn with(mut schema: Value, more: Value) -> Value {
    if let (Value::Object(schema), Value::Object(more)) = (&mut schema, more) {
        schema.extend(more);
    }
    schema
}
