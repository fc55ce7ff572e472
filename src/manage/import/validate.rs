//! Checks an imported object against the filter's own rules, and adapts a name that breaks them.

use serde_json::{Value, json};

use super::proposal::{Entry, Object};
use crate::draft::{self, text};
use usage_plan_core::document::{Document, Errors, Key, names};

/// The longest base name that leaves room for `_100` under every name rule.
const NAME_ROOM: usize = {
    let [key, other] = [names::KEY_NAME.max, names::PLAN_NAME.max];
    (if key < other { key } else { other }) - "_100".len()
};

/// An object that follows the document's rules.
pub(super) struct Validated {
    pub(super) object: Object,
    /// A document with nothing but the object.
    pub(super) document: Document,
    /// What was changed to make it follow the rules, as the rest of a sentence about the object.
    pub(super) changes: Vec<String>,
}

/// `object` as the document accepts it, or the rules that it breaks.
pub(super) fn validate_object(entry: Entry, mut object: Object) -> Result<Validated, String> {
    let mut changes = Vec::new();
    // A member that is for people only must not prevent the import: each round changes or removes one of
    // them.
    loop {
        let errors = match read(entry, &object) {
            Ok(document) => return Ok(Validated { object, document, changes }),
            Err(errors) => errors,
        };
        let broken_rule = |member: &str| {
            let path = format!("{}[0].{member}", entry.list());
            errors.iter().find(|error| error.path() == path).map(usage_plan_core::document::Error::rule)
        };
        if let Some(rule) = broken_rule("name") {
            let name = text(&object, "name").to_owned();
            match sanitize_name(&name).map(|name| shortened(&name).to_owned()) {
                Some(sanitized) if sanitized != name => {
                    changes.push(format!("its name {rule}: it is named {sanitized} here"));
                    object.insert("name".to_owned(), sanitized.into());
                }
                _ => {
                    changes.push(format!("its name {rule}: it has none here"));
                    object.shift_remove("name");
                }
            }
        } else if let Some(rule) = broken_rule("remark") {
            let remark: String = text(&object, "remark").chars().take(Key::MAX_REMARK).collect();
            object.insert("remark".to_owned(), remark.into());
            changes.push(format!("its remark {rule}: the rest is left out"));
        } else if object.contains_key("created_at")
            && let Some(rule) = broken_rule("created_at")
        {
            object.shift_remove("created_at");
            changes.push(format!("its time of creation is left out: created_at {rule}"));
        } else {
            return Err(broken_rules(entry, &errors));
        }
    }
}

/// The name for the `n`th object that would have the name `base`.
pub(super) fn numbered_name(base: &str, n: usize) -> String {
    match n {
        0 | 1 => base.to_owned(),
        n => format!("{}_{n}", shortened(base)),
    }
}

/// `base` if it is not in use, or `base` with the lowest number that makes it unused.
pub(super) fn unused_name(base: &str, is_used: impl Fn(&str) -> bool) -> String {
    (1..).map(|n| numbered_name(base, n)).find(|name| !is_used(name)).unwrap_or_default()
}

fn shortened(name: &str) -> &str {
    name.get(..NAME_ROOM).unwrap_or(name)
}

/// A document of this object alone.
pub(super) fn read(entry: Entry, object: &Object) -> Result<Document, Errors> {
    draft::read(json!({entry.list(): [Value::Object(object.clone())]}).to_string().as_bytes())
}

/// `text` with `_` for each character that names and ids may not have; `None` when no letter or digit is
/// left.
pub(super) fn sanitize_name(text: &str) -> Option<String> {
    let allowed = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let sanitized: String = text.chars().map(allowed).collect();
    sanitized.contains(|c: char| c.is_ascii_alphanumeric()).then_some(sanitized)
}

/// The broken rules on one line, each with its member, without the values.
fn broken_rules(entry: Entry, errors: &Errors) -> String {
    let prefix = format!("{}[0]", entry.list());
    let rule = |error: &usage_plan_core::document::Error| {
        let member = error.path().strip_prefix(&prefix).unwrap_or(error.path()).trim_start_matches('.');
        format!("{member} {}", error.rule()).trim_start().to_owned()
    };
    errors.iter().map(rule).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_name_and_a_time_that_break_a_rule_do_not_prevent_the_import() {
        let plan = object(json!({"id": "p", "name": "gold-plan (new)", "created_at": "yesterday"}));
        let Ok(validated) = validate_object(Entry::UsagePlan, plan) else { panic!("accepted") };
        assert_eq!(Value::from(validated.object), json!({"id": "p", "name": "gold_plan__new_"}));
        assert_eq!(validated.changes.len(), 2, "{:?}", validated.changes);
        assert!(
            validated.changes[0].ends_with("it is named gold_plan__new_ here"),
            "{:?}",
            validated.changes
        );

        let key = object(json!({"name": "订单", "secret_id": "AKID1", "secret_key": "0123456789"}));
        let Ok(validated) = validate_object(Entry::Key, key) else { panic!("accepted") };
        assert!(!validated.object.contains_key("name"));
        assert!(validated.changes[0].ends_with("it has none here"), "{:?}", validated.changes);
    }

    #[test]
    fn a_broken_rule_is_reported_without_the_value() {
        let key = object(json!({"name": "acme", "secret_id": "AKID", "secret_key": "s3cret!"}));
        let reason = validate_object(Entry::Key, key).err().expect("not accepted");
        assert_eq!(
            reason,
            "secret_id must be 5 to 50 of A-Z a-z 0-9 _ -, secret_key must be 10 to 50 of A-Z a-z 0-9 _ -"
        );
    }

    #[test]
    fn a_long_name_leaves_room_for_its_number() {
        let long = "n".repeat(50);
        assert_eq!(numbered_name(&long, 1), long);
        assert_eq!(numbered_name(&long, 100), format!("{}_100", "n".repeat(46)));
        assert_eq!(numbered_name("acme", 2), "acme_2");
    }
}
