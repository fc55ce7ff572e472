//! A JSON tree that keeps repeated members. [`serde_json::Value`] would silently keep only the last one.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::rules;
use crate::sentence::Phrase;

/// Any JSON value. It has no `Debug`, because it can contain secrets.
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

// === impl Json ===

impl Json {
    /// Reads one JSON value and nothing after it.
    #[cfg(test)]
    pub(crate) fn parse(text: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(text)
    }

    /// Reads one JSON value and nothing after it. If it is an object whose first member `name` is an array,
    /// `take` receives the items of that array one by one, and the array is empty in the result. So a large
    /// array is never in memory as a whole.
    pub(crate) fn parse_taking(
        text: &[u8],
        name: &str,
        take: &mut dyn FnMut(Json),
    ) -> serde_json::Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let json = JsonVisitor::Root(name, take).deserialize(&mut deserializer)?;
        deserializer.end().map(|()| json)
    }

    /// The kind of this value, for messages. A message never shows the value itself, which may be a secret.
    pub(super) fn kind(&self) -> Phrase {
        match self {
            Self::Null => rules::NULL,
            Self::Bool(_) => rules::BOOLEAN,
            Self::Number(_) => rules::NUMBER,
            Self::String(_) => rules::STRING,
            Self::Array(_) => rules::ARRAY,
            Self::Object(_) => rules::OBJECT,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JsonVisitor::Whole.deserialize(deserializer)
    }
}

/// Reads a value.
enum JsonVisitor<'t> {
    /// All of the value is kept.
    Whole,
    /// Of an object's first member of that name, the items are passed on.
    Root(&'t str, &'t mut dyn FnMut(Json)),
    /// The items of an array are passed on.
    Items(&'t mut dyn FnMut(Json)),
}

// === impl JsonVisitor ===

impl<'de> DeserializeSeed<'de> for JsonVisitor<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonVisitor<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        let mut keep = |item| array.push(item);
        let take: &mut dyn FnMut(Json) = match self {
            Self::Items(take) => take,
            Self::Whole | Self::Root(..) => &mut keep,
        };
        while let Some(item) = items.next_element()? {
            take(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        let mut taken = match self {
            Self::Root(name, take) => Some((name, take)),
            Self::Whole | Self::Items(_) => None,
        };
        while let Some(name) = entries.next_key::<String>()? {
            let value = match taken.take_if(|(taken, _)| *taken == name) {
                Some((_, take)) => entries.next_value_seed(JsonVisitor::Items(take))?,
                None => entries.next_value()?,
            };
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_member_is_kept_twice() {
        let Ok(Json::Object(members)) = Json::parse(br#"{"a":1,"b":null,"a":[true,"x",1.5]}"#) else {
            panic!("an object");
        };
        let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "a"]);
        let kinds: Vec<&str> = members.iter().map(|(_, value)| value.kind().0).collect();
        assert_eq!(kinds, ["a number", "null", "an array"]);
    }

    #[test]
    fn the_items_of_the_first_member_of_that_name_are_taken_and_of_no_other() {
        let taken = |text: &str| {
            let mut taken = Vec::new();
            let json = Json::parse_taking(text.as_bytes(), "keys", &mut |item| taken.push(item.kind().0));
            let Ok(Json::Object(members)) = json else { panic!("an object") };
            let kept = |(name, value): (String, Json)| match value {
                Json::Array(items) => format!("{name} {}", items.len()),
                value => format!("{name} {}", value.kind().0),
            };
            (taken, members.into_iter().map(kept).collect::<Vec<_>>())
        };
        assert_eq!(
            taken(r#"{"a": {"keys": [1]}, "keys": [true, "x"], "keys": [2], "b": [3]}"#),
            (
                vec!["a boolean", "a string"],
                ["a an object", "keys 0", "keys 1", "b 1"].map(str::to_owned).to_vec()
            )
        );
        assert_eq!(taken(r#"{"keys": {"keys": [1]}}"#), (vec![], vec!["keys an object".to_owned()]));
    }

    #[test]
    fn trailing_text_is_an_error() {
        for parsed in [Json::parse(b"{} {}"), Json::parse_taking(b"{} {}", "keys", &mut |_| {})] {
            let error = parsed.err().expect("refused");
            assert_eq!(error.to_string(), "trailing characters at line 1 column 4");
        }
    }

    #[test]
    fn very_deep_nesting_is_an_error_and_not_a_stack_overflow() {
        let deep = "[".repeat(100_000);
        assert!(Json::parse(deep.as_bytes()).is_err());
        assert!(Json::parse_taking(format!("{{\"keys\": {deep}").as_bytes(), "keys", &mut |_| {}).is_err());
    }
}
