//! Documents that differ from one in one place.

use serde_json::{Value, json};

/// What a value is replaced by: a value of each kind, and values on both sides of a rule.
fn replacements(value: &Value) -> Vec<Value> {
    let mut others =
        vec![json!(null), json!(true), json!(7), json!("x"), json!([]), json!({}), json!([1]), json!(["x"])];
    if value.is_number() {
        others
            .extend([0i64, -1, -2, 1, 401, 402, 999_999_999_999_999, 1_000_000_000_000_000].map(Value::from));
        others.extend([json!(1.5), json!(1.0), json!(u64::MAX), json!("1")]);
    }
    if let Some(text) = value.as_str() {
        let texts = [
            "",
            " ",
            "a b",
            "A-Z_9",
            "a_b",
            "ä",
            "key",
            "none",
            "*",
            "*.",
            "*.a",
            "a:80",
            "[::1]",
            "[]",
            ".a",
            "/",
            "//",
            "/a/",
            "/a/..",
            "/%61",
            "/%2F",
            "/a;b",
            "/a?b",
            "/*",
            "//*",
            "/a*",
            "/a/*",
            "/*/a",
            "+14:00",
            "+14:01",
            "-12:00",
            "-12:01",
            "08:00",
            "+8:00",
            "tomorrow",
            "2026-02-30T00:00:00Z",
            "1969-01-01T00:00:00Z",
            "2026-01-01t00:00:00+01:00",
            "A=B",
            "1a",
            "GET",
            "get",
            "hour",
            "minute",
            "Release",
            "hmac-md5",
        ];
        others.extend(texts.map(Value::from));
        for length in [1, 4, 5, 9, 10, 32, 33, 50, 51, 64, 65, 200, 201] {
            others.extend(["a", "A"].map(|letter| Value::from(letter.repeat(length))));
        }
        others.extend(
            [format!("{text} "), format!("{text}é"), format!("{text}\n"), text.to_uppercase()]
                .map(Value::from),
        );
    }
    if let Some(items) = value.as_array() {
        others.push([items.clone(), items.clone()].concat().into());
        others.push(items.first().cloned().into_iter().collect());
        let numbered = |i: usize| match items.first() {
            Some(Value::Object(first)) if first.contains_key("path") => {
                let mut item = first.clone();
                item.insert("path".to_owned(), format!("/{i}").into());
                Some(Value::Object(item))
            }
            _ => None,
        };
        for count in [16, 17] {
            others.extend((0..count).map(numbered).collect::<Option<Value>>());
        }
    }
    others
}

/// Each document that differs from `document` in one value, one member less, one more, or one item more.
pub(super) fn mutations(document: &Value) -> Vec<Value> {
    let mut all = replacements(document);
    match document {
        Value::Object(members) => {
            for (name, value) in members {
                let with = |value: Option<Value>| {
                    let mut members = members.clone();
                    match value {
                        Some(value) => drop(members.insert(name.clone(), value)),
                        None => drop(members.remove(name)),
                    }
                    Value::Object(members)
                };
                all.push(with(None));
                all.extend(mutations(value).into_iter().map(|value| with(Some(value))));
            }
            let more = [
                "surplus",
                "$schema",
                "secret_key",
                "secret_key_env",
                "previous_secret_key",
                "previous_secret_key_env",
                "secret_key_file",
                "previous_secret_key_file",
                "burst",
                "max_requests_per_second",
            ];
            for name in more.iter().filter(|name| !members.contains_key(**name)) {
                for value in [json!("a-name-of-this-length"), json!(5)] {
                    let mut members = members.clone();
                    members.insert((*name).to_owned(), value);
                    all.push(members.into());
                }
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                let with = |value: Value| {
                    let mut items = items.clone();
                    items[i] = value;
                    Value::Array(items)
                };
                all.extend(mutations(value).into_iter().map(with));
            }
        }
        _ => {}
    }
    all
}
