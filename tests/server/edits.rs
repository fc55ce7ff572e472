//! Edits of the API and of the command line at once.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};

use crate::fixture::{Place, admin};

/// How many edit at once on each side, and how often each of them does.
const EDITORS: usize = 4;
const EDITS: usize = 25;

#[test]
fn two_hundred_edits_at_once_are_all_in_the_document_and_in_the_log() {
    let place = Place::new(&json!({"services": []}));
    let server = place.serve(&[]);
    let address = server.address;
    let place = &place;
    thread::scope(|scope| {
        for editor in 0..EDITORS {
            scope.spawn(move || {
                for edit in 0..EDITS {
                    let name = json!({"SecretName": format!("api_{editor}_{edit}"), "AccessKeyType": "auto"});
                    let answer = admin().ask(address, "CreateApiKey", &name).expect("an answer");
                    assert!(answer["Error"].is_null(), "{answer}");
                }
            });
            scope.spawn(move || {
                for edit in 0..EDITS {
                    place.run(&format!("key create --name line_{editor}_{edit}"));
                }
            });
        }
    });
    let named = |kind: &str| {
        let numbers = (0..EDITORS).flat_map(|editor| (0..EDITS).map(move |edit| (editor, edit)));
        numbers.map(|(editor, edit)| format!("{kind}_{editor}_{edit}")).collect::<BTreeSet<_>>()
    };
    let made = &named("api") | &named("line");
    assert_eq!(names(&place.document()["keys"], "name"), made);
    let log = std::fs::read_to_string(place.path("usage-plans.json.log")).expect("the log");
    assert_eq!(log.lines().filter(|line| line.contains("\"kind\":\"edit\"")).count(), made.len());
    for name in &made {
        // A name can be the beginning of another: it ends with a quotation mark, or the command does.
        let told = log.lines().filter(|line| line.contains(&format!("\"{name}\""))).count();
        assert_eq!(told, 1, "{name}");
    }
    let by_operator = log.lines().filter(|line| line.contains("\"what\":\"CreateApiKey ")).count();
    assert_eq!(by_operator, EDITORS * EDITS, "the log says with which action");
}

fn names(list: &Value, member: &str) -> BTreeSet<String> {
    let objects = list.as_array().into_iter().flatten();
    objects.filter_map(|object| object[member].as_str().map(str::to_owned)).collect()
}
