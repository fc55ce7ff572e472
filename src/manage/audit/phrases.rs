//! What objects are called, for whoever says it in another language.

use usage_plan_core::sentence::Sentence;

use crate::draft::{KEYS, Named, SERVICES, USAGE_PLANS};

usage_plan_core::phrases! {
    SERVICE: "service {0}";
    KEY: "key {0}";
    USAGE_PLAN: "usage plan {0}";
    OPTIONS: "options";
    DOCUMENT: "the document";
}

/// What an object of that list is called; the options and the document itself are in no list of objects.
pub(super) fn of(list: &str, object: &Named) -> Sentence {
    let known = [(SERVICES, SERVICE), (KEYS, KEY), (USAGE_PLANS, USAGE_PLAN)];
    match known.into_iter().find(|(collection, _)| collection.list == list) {
        Some((_, phrase)) => phrase.put(object.to_string()),
        None if list == "options" => OPTIONS.into(),
        None => DOCUMENT.into(),
    }
}
