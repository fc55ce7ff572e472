//! Whatever two documents are, the difference makes one of the other, and back.

use serde_json::json;

use super::*;

fn tree(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn documents() -> Vec<Map<String, Value>> {
    let acme = json!({"secret_id": "AKIDacme0001", "name": "acme", "secret_key_env": "ACME"});
    let beta =
        json!({"secret_id": "AKIDbeta0001", "name": "beta", "secret_key_env": "BETA", "status": "disabled"});
    let gold = |keys: Value| json!({"id": "usagePlan-gold", "name": "gold", "keys": keys});
    [
        json!({}),
        json!({"keys": [acme]}),
        json!({"keys": [acme, beta], "usage_plans": [gold(json!(["AKIDacme0001"]))]}),
        json!({"keys": [beta, acme], "usage_plans": [gold(json!(["AKIDbeta0001", "AKIDacme0001"]))]}),
        json!({"keys": [beta], "usage_plans": [gold(json!(["AKIDbeta0001"]))], "options": {"usage_path": "/x"}}),
        json!({"$schema": "x", "keys": [{"secret_id": "AKIDacme0001", "name": "other"}],
               "usage_plans": [gold(json!(["AKIDacme0001", "AKIDbeta0001"]))],
               "services": [{"id": "service-1", "environments": ["test", "release"], "domains": ["*"]}]}),
        json!({"services": [{"id": "service-1", "environments": ["release", "test"], "domains": ["*"]}],
               "options": {"usage_path": "/y", "metrics_per_key": true}}),
        // Not valid, but somebody may have written it.
        json!({"keys": [acme, acme]}),
        json!({"keys": 1, "usage_plans": [2]}),
    ]
    .iter()
    .map(tree)
    .collect()
}

/// The document with each list of texts in alphabetical order.
fn sorted(tree: &Map<String, Value>) -> Map<String, Value> {
    fn sort(value: &mut Value) {
        match value {
            Value::Array(items) if items.iter().all(Value::is_string) => items.sort_by_key(Value::to_string),
            Value::Array(items) => items.iter_mut().for_each(sort),
            Value::Object(members) => members.values_mut().for_each(sort),
            _ => {}
        }
    }
    let mut value = Value::from(tree.clone());
    sort(&mut value);
    value.as_object().cloned().expect("an object")
}

#[test]
fn the_difference_makes_one_document_of_the_other_and_its_inverse_takes_it_back() {
    for before in documents() {
        for after in documents() {
            let changes = difference(&before, &after);
            let mut made = before.clone();
            changes.iter().for_each(|change| {
                assert_eq!(change.obstacles(&made), Vec::<String>::new(), "{change:?}");
                change.apply(&mut made);
            });
            assert_eq!(difference(&made, &after), Vec::new(), "{before:?} {after:?}");
            let read: Vec<Change> =
                changes.iter().map(|change| Change::read(&change.to_json()).expect("a change")).collect();
            assert_eq!(read, changes);
            for change in changes.into_iter().rev() {
                change.inverted().apply(&mut made);
            }
            // What was removed from the middle of a list of texts comes back at its end.
            let [made, before] = [&made, &before].map(sorted);
            assert_eq!(difference(&made, &before), Vec::new(), "back from {after:?}");
        }
    }
}

#[test]
fn of_an_object_only_the_members_that_differ_are_recorded_and_of_a_list_only_its_items() {
    let documents = documents();
    let changes = difference(&documents[2], &documents[4]);
    let json: Value = changes.iter().map(Change::to_json).collect();
    let expected = json!([
        {"list": "keys", "id": "AKIDacme0001", "name": "acme", "index": 0,
            "deleted": documents[2]["keys"][0]},
        {"list": "usage_plans", "id": "usagePlan-gold", "name": "gold", "members":
            {"keys": {"removed": ["AKIDacme0001"], "added": ["AKIDbeta0001"]}}},
        {"list": "options", "members": {"usage_path": {"after": "/x"}}},
    ]);
    assert_eq!(json, expected);
    let labels: Vec<String> = changes.iter().map(|change| change.label().to_string()).collect();
    assert_eq!(labels, ["key acme (AKIDacme0001)", "usage plan gold (usagePlan-gold)", "options"]);
    let [before, after] = changes[1].parts();
    let part = |key: &str| json!({"usage_plans": [{"id": "usagePlan-gold", "name": "gold", "keys": [key]}]});
    assert_eq!((Value::from(before), Value::from(after)), (part("AKIDacme0001"), part("AKIDbeta0001")));
}

#[test]
fn what_is_not_as_it_was_is_an_obstacle_and_other_members_and_items_are_none() {
    let document = tree(&json!({
        "keys": [{"secret_id": "AKIDacme0001", "status": "enabled", "remark": "x"}],
        "usage_plans": [{"id": "usagePlan-gold", "keys": ["AKIDacme0001"]}],
    }));
    let change = |json: Value| Change::read(&json).expect("a change");
    let acme = |members: Value| change(json!({"list": "keys", "id": "AKIDacme0001", "members": members}));
    let gold = |items: Value| {
        change(json!({"list": "usage_plans", "id": "usagePlan-gold", "members": {"keys": items}}))
    };
    let object = |value: Value| json!({"list": "keys", "id": "AKIDacme0001", "index": 0, "deleted": value});
    for (change, expected) in [
        (acme(json!({"status": {"before": "enabled"}})), &[][..]),
        (
            acme(json!({"status": {"before": "disabled"}, "remark": {}, "name": {"after": "x"}})),
            &["status", "remark"],
        ),
        (gold(json!({"added": ["AKIDbeta0001"]})), &[]),
        (gold(json!({"added": ["AKIDacme0001"]})), &["keys"]),
        (gold(json!({"removed": ["AKIDbeta0001"]})), &["keys"]),
        (change(object(document["keys"][0].clone())), &[]),
        (change(object(json!({"secret_id": "AKIDacme0001", "remark": "x"}))), &["status"]),
        (change(json!({"list": "keys", "id": "AKIDx", "index": 0, "deleted": {}})), &[""]),
        (change(json!({"list": "keys", "id": "AKIDacme0001", "index": 0, "created": {}})), &[""]),
        (change(json!({"list": "options", "members": {"usage_path": {"after": "/x"}}})), &[]),
        (change(json!({"list": "options", "members": {"usage_path": {"before": "/x"}}})), &["usage_path"]),
    ] {
        assert_eq!(change.obstacles(&document), expected, "{change:?}");
    }
}
