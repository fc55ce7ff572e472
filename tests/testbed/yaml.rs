//! Reads YAML as a tree, which is then changed. It is written as JSON, which Envoy reads as well.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Context, Error, Result};

/// The one document in the file at `path`.
pub(crate) fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).context(path.display())?;
    parse(&text).context(path.display())
}

/// The one document in `text`.
pub(crate) fn parse(text: &str) -> Result<Value> {
    match serde_saphyr::from_str(text).context("not one YAML document")? {
        Value::Null => Err(Error::new("not one YAML document: there is nothing in it")),
        tree => Ok(tree),
    }
}

/// Calls `edit` with every value in `tree`, an outer one before those in it.
pub(crate) fn each_value(tree: &mut Value, edit: &mut impl FnMut(&mut Value)) {
    edit(tree);
    match tree {
        Value::Object(object) => object.values_mut().for_each(|member| each_value(member, edit)),
        Value::Array(items) => items.iter_mut().for_each(|item| each_value(item, edit)),
        _ => {}
    }
}

/// Calls `edit` with every object in `tree`, an outer one before those in it.
pub(crate) fn each_object(tree: &mut Value, edit: &mut impl FnMut(&mut Map<String, Value>)) {
    each_value(tree, &mut |value| {
        if let Value::Object(object) = value {
            edit(object);
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_envoy_configurations_use_is_read_as_envoy_reads_it() {
        let text = r#"
            on: &yes {port: 10000, ratio: 0.5, quoted: "10000", time: 0.05s, none: ~, true: true}
            "@type": type.googleapis.com/x.Y  # a comment
            again: *yes
            list: [*yes, a]
            1: 2
            text: |
              { "a": 1 }
        "#;
        let yes = json!({
            "port": 10000, "ratio": 0.5, "quoted": "10000", "time": "0.05s", "none": null, "true": true,
        });
        let text = text.replace("true: true", "\"true\": true");
        let expected = json!({"on": yes, "@type": "type.googleapis.com/x.Y", "again": yes,
            "list": [yes, "a"], "1": 2, "text": "{ \"a\": 1 }\n"});
        assert_eq!(parse(&text), Ok(expected));
    }

    #[test]
    fn what_is_not_one_document_is_refused() {
        for text in ["", "a: 1\n---\nb: 2\n", "a: [", "a: 1\na: 2\n", "a: *b\n"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_object_is_visited_and_can_be_changed() {
        let mut tree = json!({"p": 1, "a": [{"p": 2}, {"b": {"p": 3}}]});
        each_object(&mut tree, &mut |object| {
            if let Some(p) = object.get_mut("p") {
                *p = json!("seen");
            }
        });
        assert_eq!(tree, json!({"p": "seen", "a": [{"p": "seen"}, {"b": {"p": "seen"}}]}));
    }
}
