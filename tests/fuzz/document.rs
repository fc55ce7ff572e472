//! The operator's document.

use serde_json::{Value, json};
use usage_plan_core::document::{Document, Key, SECRET_MEMBERS, Service, UsagePlan};
use usage_plan_core::lookup;
use usage_plan_manage::draft::Draft;
use usage_plan_manage::secrets::LocalDocument;

/// Reads `text` as a document, and writes what was read.
pub fn document(text: &[u8]) {
    let read = lookup::read(text, &variable);
    let local = LocalDocument::parse(text, &variable);
    match read {
        Err(errors) => {
            let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
            assert!(!messages.is_empty(), "a refusal says why");
            // A secret of an accepted length, which is nowhere else in the text.
            for secret in secrets(text) {
                let quoted = serde_json::to_string(&secret).expect("a string");
                let times = count(text, secret.as_bytes()) + count(text, &quoted.as_bytes()[1..]);
                let is_shown = messages.iter().any(|message| message.contains(&secret));
                assert!(
                    times != 1 || secret.len() < 8 || !is_shown,
                    "a message shows a secret: {messages:?}"
                );
            }
        }
        Ok((document, _)) => {
            assert!(local.is_ok(), "a command line refuses what the filter accepts");
            is_read_back(&document, &written(text, &document));
            let draft = Draft::parse(text).expect("the filter accepts it");
            is_read_back(&document, &draft.text());
            assert!(draft.difference().is_empty(), "nothing was edited");
        }
    }
}

/// Every variable that a document names has a value, except one.
fn variable(name: &str) -> Option<String> {
    (name != "UNSET").then(|| format!("secret-of-the-variable-{name}"))
}

/// The objects of a document as they are written, and its options as they were.
fn written(text: &[u8], document: &Document) -> String {
    let given: Value = serde_json::from_slice(text).expect("it was read");
    let services: Vec<_> = document.services.iter().map(Service::to_json).collect();
    let keys: Vec<_> = document.keys.iter().map(Key::to_json).collect();
    let usage_plans: Vec<_> = document.usage_plans.iter().map(UsagePlan::to_json).collect();
    let options = given.get("options").cloned().unwrap_or_else(|| json!({}));
    json!({"services": services, "keys": keys, "usage_plans": usage_plans, "options": options}).to_string()
}

fn is_read_back(document: &Document, written: &str) {
    let read = lookup::read(written.as_bytes(), &variable);
    let (again, _) = read.unwrap_or_else(|errors| panic!("{errors:?}\n{written}"));
    assert_eq!(again.services, document.services);
    assert_eq!(again.keys, document.keys);
    assert_eq!(again.usage_plans, document.usage_plans);
    assert_eq!(again.options, document.options);
}

/// The secrets that a text has, if it is JSON.
fn secrets(text: &[u8]) -> Vec<String> {
    let Ok(json) = serde_json::from_slice::<Value>(text) else { return Vec::new() };
    let keys = json.get("keys").and_then(Value::as_array).into_iter().flatten();
    let secrets = keys.flat_map(|key| SECRET_MEMBERS.map(|member| key.get(member)));
    secrets.flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn count(text: &[u8], part: &[u8]) -> usize {
    text.windows(part.len().max(1)).filter(|window| *window == part).count()
}
