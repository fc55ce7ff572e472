//! Whether the document takes an object, by the filter's own rules; and what can be done about a name that it does not take.

use serde_json::{Value, json};

use super::proposal::{Object, Part};
use crate::draft::{self, text};
use usage_plan_core::document::Document;
use usage_plan_core::document::{Errors, names};

/// What a name may have before `_` and a number of three digits, be it a key's or another's.
const NAME_ROOM: usize = {
    let [key, other] = [names::KEY_NAME.max, names::PLAN_NAME.max];
    (if key < other { key } else { other }).saturating_sub("_100".len())
};

/// An object that the document takes.
pub(super) struct Settled {
    pub(super) object: Object,
    /// A document with nothing but the object.
    pub(super) document: Document,
    /// What had to be changed.
    pub(super) changes: Vec<String>,
}

/// `object` as the document takes it, or why it does not.
pub(super) fn settle(part: Part, mut object: Object) -> Result<Settled, String> {
    let mut changes = Vec::new();
    // What is for people alone must not stand in the way: each round mends one such member.
    loop {
        let errors = match read(part, &object) {
            Ok(document) => return Ok(Settled { object, document, changes }),
            Err(errors) => errors,
        };
        let of = |member: &str| {
            let path = format!("{}[0].{member}", part.list());
            errors.iter().find(|error| error.path() == path).map(|error| error.rule().to_owned())
        };
        if let Some(rule) = of("name") {
            let name = text(&object, "name").to_owned();
            match tame(&name).map(|name| shortened(&name).to_owned()).filter(|tame| *tame != name) {
                Some(tame) => {
                    changes.push(format!("its name {rule}: it is named {tame} here"));
                    object.insert("name".to_owned(), tame.into());
                }
                None => {
                    changes.push(format!("its name {rule}: it has none here"));
                    object.shift_remove("name");
                }
            }
        } else if object.contains_key("created_at")
            && let Some(rule) = of("created_at")
        {
            object.shift_remove("created_at");
            changes.push(format!("when it was made is left out: created_at {rule}"));
        } else {
            return Err(rules(part, &errors));
        }
    }
}

/// The name for the `n`th object that would have the name `base`.
pub(super) fn numbered(base: &str, n: usize) -> String {
    match n {
        0 | 1 => base.to_owned(),
        n => format!("{}_{n}", shortened(base)),
    }
}

/// `base` if that is free, or else with the first number that makes it so.
pub(super) fn free(base: &str, is_free: impl Fn(&str) -> bool) -> String {
    (1..).map(|n| numbered(base, n)).find(|name| is_free(name)).unwrap_or_default()
}

fn shortened(name: &str) -> &str {
    name.get(..NAME_ROOM).unwrap_or(name)
}

/// A document of that object alone.
pub(super) fn read(part: Part, object: &Object) -> Result<Document, Errors> {
    draft::read(json!({part.list(): [Value::Object(object.clone())]}).to_string().as_bytes())
}

/// `text` with `_` for each character that some name or id may not have; `None` when nothing readable is left.
pub(super) fn tame(text: &str) -> Option<String> {
    let allowed = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let tame: String = text.chars().map(allowed).collect();
    tame.contains(|c: char| c.is_ascii_alphanumeric()).then_some(tame)
}

fn rules(part: Part, errors: &Errors) -> String {
    let prefix = format!("{}[0]", part.list());
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
    fn a_name_and_a_moment_that_the_document_does_not_take_do_not_stand_in_the_way() {
        let plan = object(json!({"id": "p", "name": "gold-plan (new)", "created_at": "yesterday"}));
        let Ok(settled) = settle(Part::UsagePlan, plan) else { panic!("taken") };
        assert_eq!(Value::from(settled.object), json!({"id": "p", "name": "gold_plan__new_"}));
        assert_eq!(settled.changes.len(), 2, "{:?}", settled.changes);
        assert!(settled.changes[0].ends_with("it is named gold_plan__new_ here"), "{:?}", settled.changes);

        let Ok(settled) = settle(
            Part::Key,
            object(json!({"name": "订单", "secret_id": "AKID1", "secret_key": "0123456789"})),
        ) else {
            panic!("taken")
        };
        assert!(!settled.object.contains_key("name"));
        assert!(settled.changes[0].ends_with("it has none here"), "{:?}", settled.changes);
    }

    #[test]
    fn what_breaks_a_rule_is_told_without_its_value() {
        let key = object(json!({"name": "acme", "secret_id": "AKID", "secret_key": "s3cret!"}));
        let reason = settle(Part::Key, key).err().expect("not taken");
        assert_eq!(
            reason,
            "secret_id must be 5 to 50 of A-Z a-z 0-9 _ -, secret_key must be 10 to 50 of A-Z a-z 0-9 _ -"
        );
    }

    #[test]
    fn a_long_name_leaves_room_for_its_number() {
        let long = "n".repeat(50);
        assert_eq!(numbered(&long, 1), long);
        assert_eq!(numbered(&long, 100), format!("{}_100", "n".repeat(46)));
        assert_eq!(numbered("acme", 2), "acme_2");
    }
}
