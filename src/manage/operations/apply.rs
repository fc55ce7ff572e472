//! Merging a part of a document into a document.

use std::collections::HashSet;

use serde_json::{Map, Value};
use usage_plan_core::timestamp::Timestamp;

use crate::draft::{Collection, Draft, KEYS, NAME, SERVICES, USAGE_PLANS, text};
use crate::error::{Error, Result};
use crate::random;
use crate::refusal::Refusal;

const OPTIONS: &str = "options";
const CREATED_AT: &str = "created_at";

/// A part of a document: objects to create or to change, and options to set.
#[derive(Debug)]
pub struct Part {
    objects: Vec<(Collection, Vec<Map<String, Value>>)>,
    options: Option<Map<String, Value>>,
}

/// The result for the objects of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They are new.
    pub created: usize,
    /// They were there, and are different now.
    pub changed: usize,
    /// They were there as they are described.
    pub unchanged: usize,
}

/// A list of the part, or its options, and the result for it.
pub type Applied = Vec<(&'static str, Counts)>;

// === impl Part ===

impl Part {
    /// Reads a part of a document, JSON or YAML. Errors call it `name`, and show none of its text, which may
    /// be a secret.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self> {
        let options = serde_saphyr::options! { with_snippet: false };
        let value: Value = serde_saphyr::from_slice_with_options(bytes, options).map_err(|error| {
            let position =
                error.location().map(|at| format!(" at line {} column {}", at.line(), at.column()));
            let position = position.unwrap_or_default();
            Error::input(format!("{name}: must be JSON or YAML, and cannot be read{position}"))
        })?;
        let Value::Object(mut members) = value else {
            return Err(Error::input(format!("{name}: must be an object, as a document is")));
        };
        let mut objects = Vec::new();
        for collection in [SERVICES, KEYS, USAGE_PLANS] {
            if let Some(list) = members.shift_remove(collection.list) {
                objects.push((collection, read_objects(list, collection, name)?));
            }
        }
        let options = match members.shift_remove(OPTIONS) {
            None => None,
            Some(Value::Object(options)) => Some(options),
            Some(_) => return Err(Error::input(format!("{name}: {OPTIONS} must be an object"))),
        };
        match members.keys().find(|member| *member != "$schema") {
            Some(unknown) => Err(Error::input(format!("{name}: a document has no member \"{unknown}\""))),
            None => Ok(Self { objects, options }),
        }
    }
}

fn read_objects(list: Value, collection: Collection, name: &str) -> Result<Vec<Map<String, Value>>> {
    let Collection { list: member, id, .. } = collection;
    let Value::Array(items) = list else {
        return Err(Error::input(format!("{name}: {member} must be a list")));
    };
    let object = |(i, item)| match item {
        Value::Object(object) if !text(&object, id).is_empty() || !text(&object, NAME).is_empty() => {
            Ok(object)
        }
        Value::Object(_) => Err(Error::input(format!("{name}: {member}[{i}] has neither {id} nor {NAME}"))),
        _ => Err(Error::input(format!("{name}: {member}[{i}] must be an object"))),
    };
    items.into_iter().enumerate().map(object).collect()
}

/// Merges a part into the document. An object is the one with its id, or without an id the one with its
/// name; an object that is not there is created `now`, with a random id unless it has one. Members that the
/// part does not have stay as they are, and those that are null are removed.
pub fn apply(draft: &mut Draft, part: Part, now: Timestamp) -> Result<Applied> {
    let mut applied = Applied::new();
    for (collection, objects) in part.objects {
        let mut counts = Counts::default();
        let mut seen = HashSet::new();
        for (i, object) in objects.into_iter().enumerate() {
            let (id, count) = match find(draft, collection, &object)? {
                Some(id) => {
                    let is_changed = change(draft, collection, &id, object)?;
                    (id, if is_changed { &mut counts.changed } else { &mut counts.unchanged })
                }
                None => (create(draft, collection, object, now)?, &mut counts.created),
            };
            *count = count.saturating_add(1);
            if !seen.insert(id) {
                let Collection { list, noun, .. } = collection;
                return Err(Error::input(format!("{list}[{i}] is the same {noun} as one before it")));
            }
        }
        applied.push((collection.list, counts));
    }
    if let Some(options) = part.options.filter(|options| !options.is_empty()) {
        let is_changed = draft.options_mut().is_some_and(|present| merge(present, options));
        let (changed, unchanged) = if is_changed { (1, 0) } else { (0, 1) };
        applied.push((OPTIONS, Counts { changed, unchanged, ..Counts::default() }));
    }
    draft.validate().map_err(Refusal::Rule)?;
    Ok(applied)
}

/// The id of the document's object that `object` describes.
fn find(draft: &Draft, collection: Collection, object: &Map<String, Value>) -> Result<Option<String>> {
    let id = text(object, collection.id);
    let found = draft.find(collection, if id.is_empty() { text(object, NAME) } else { id });
    match found {
        // Somebody else's name is no id.
        Ok(found) if !id.is_empty() && text(found, collection.id) != id => Ok(None),
        Ok(found) => Ok(Some(text(found, collection.id).to_owned())),
        Err(Refusal::NotFound { .. }) => Ok(None),
        Err(Refusal::Ambiguous { .. }) if !id.is_empty() => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Merges `members` into the object with this id. Whether that changes it.
fn change(draft: &mut Draft, collection: Collection, id: &str, members: Map<String, Value>) -> Result<bool> {
    draft.check_name(collection, id, members.get(NAME).and_then(Value::as_str))?;
    Ok(merge(draft.find_mut(collection, id)?, members))
}

/// Creates the object and returns its id.
fn create(
    draft: &mut Draft,
    collection: Collection,
    object: Map<String, Value>,
    now: Timestamp,
) -> Result<String> {
    let mut created = Map::new();
    if text(&object, collection.id).is_empty() {
        created.insert(collection.id.to_owned(), random::id(collection)?.into());
    }
    merge(&mut created, object);
    created.entry(CREATED_AT).or_insert_with(|| now.to_rfc3339().into());
    let id = text(&created, collection.id).to_owned();
    draft.add(collection, created)?;
    Ok(id)
}

/// Sets the members of `object`; null removes one. Whether that changes the object.
fn merge(object: &mut Map<String, Value>, members: Map<String, Value>) -> bool {
    let before = object.clone();
    for (member, value) in members {
        if value.is_null() {
            object.shift_remove(&member);
        } else {
            object.insert(member, value);
        }
    }
    *object != before
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dates::parse;

    fn draft() -> Draft {
        let document = json!({
            "keys": [{"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-1", "remark": "x"},
                     {"name": "same", "secret_id": "AKIDsame0001", "secret_key": "same-secret-key-1"},
                     {"name": "same", "secret_id": "AKIDsame0002", "secret_key": "same-secret-key-2"}],
            "usage_plans": [{"id": "usagePlan-gold", "name": "gold", "max_requests_per_second": 10}]
        });
        Draft::parse(document.to_string().as_bytes()).expect("a valid document")
    }

    fn apply_to(draft: &mut Draft, part: &Value) -> Result<Applied> {
        let part = Part::read(part.to_string().as_bytes(), "part.json")?;
        apply(draft, part, parse("2026-11-24T00:00:00Z").expect("a time"))
    }

    fn tree(draft: &Draft) -> Value {
        serde_json::from_str(&draft.text()).expect("JSON")
    }

    #[test]
    fn objects_are_created_changed_by_id_or_name_and_left_alone() {
        let mut draft = draft();
        let part = json!({
            "$schema": "usage-plans.schema.json",
            "keys": [{"name": "acme", "remark": null, "not_after": "2030-01-01T00:00:00Z"},
                     {"secret_id": "AKIDsame0001", "name": "other"},
                     {"secret_id": "AKIDsame0002"},
                     {"name": "delta", "secret_key": "delta-secret-key"}],
            "usage_plans": [{"name": "gold", "keys": ["AKIDacme0001"]}],
            "options": {"clock_skew_seconds": 60}
        });
        let applied = apply_to(&mut draft, &part).expect("applied");
        let counts = |created, changed, unchanged| Counts { created, changed, unchanged };
        let expected =
            [("keys", counts(1, 2, 1)), ("usage_plans", counts(0, 1, 0)), ("options", counts(0, 1, 0))];
        assert_eq!(applied, expected);
        let document = tree(&draft);
        let acme = json!({"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-1",
                          "not_after": "2030-01-01T00:00:00Z"});
        assert_eq!((&document["keys"][0], &document["keys"][1]["name"]), (&acme, &json!("other")));
        let delta = &document["keys"][3];
        assert!(delta["secret_id"].as_str().is_some_and(|id| id.starts_with("AKID")), "{delta}");
        assert_eq!(delta["created_at"], "2026-11-24T00:00:00Z");
        assert_eq!(document["usage_plans"][0]["max_requests_per_second"], 10);

        let mut again = Draft::parse(draft.text().as_bytes()).expect("valid");
        let applied = apply_to(&mut again, &part).expect("applied");
        assert_eq!(applied[0].1, counts(0, 0, 4));
        assert!(!again.is_changed());
    }

    #[test]
    fn what_is_no_part_of_a_document_is_refused_with_its_place() {
        for (part, expected) in [
            (json!([]), "part.json: must be an object"),
            (json!({"plans": []}), "part.json: a document has no member \"plans\""),
            (json!({"keys": {}}), "part.json: keys must be a list"),
            (json!({"keys": [1]}), "part.json: keys[0] must be an object"),
            (json!({"keys": [{"remark": "x"}]}), "part.json: keys[0] has neither secret_id nor name"),
            (json!({"options": 1}), "part.json: options must be an object"),
            (json!({"keys": [{"name": "acme"}, {"secret_id": "AKIDacme0001"}]}), "keys[1] is the same key"),
            (json!({"keys": [{"name": "same"}]}), "more than one key is named \"same\""),
            (json!({"keys": [{"name": "new"}]}), "keys[3]"),
            (
                json!({"keys": [{"secret_id": "AKIDsame0001", "name": "acme"}]}),
                "already has the name \"acme\"",
            ),
        ] {
            let error = apply_to(&mut draft(), &part).expect_err(expected).to_string();
            assert!(error.contains(expected), "{expected:?} is not in {error:?}");
        }
        for text in ["{", "{\"keys\": [], \"keys\": []}"] {
            let error = Part::read(text.as_bytes(), "part.json").expect_err(text).to_string();
            assert!(error.starts_with("part.json: must be JSON or YAML, and cannot be read"), "{error}");
        }
        let tabs = b"{\n\t\"keys\": [\n\t\t{\"name\": \"acme\"}\n\t]\n}";
        Part::read(tabs, "part.json").expect("tabs are spaces in JSON");
    }
}
