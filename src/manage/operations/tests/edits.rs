//! What each operation leaves in the document.

use std::time::Duration;

use serde_json::{Value, json};
use usage_plan_core::document::KeyStatus;
use usage_plan_core::timestamp::Timestamp;

use super::{DAY, at, draft, given, names, new, rotate, tree, variable};
use crate::draft::{Draft, Members, Named};
use crate::operations::NewObject;
use crate::operations::key::{self, Rotation};
use crate::operations::plan::{self, Left};
use crate::operations::service;
use crate::refusal::Refusal;

#[test]
fn a_created_object_has_its_id_name_members_and_the_time() {
    let mut draft = draft();
    let members = Members::new().with("not_after", Some("2027-01-01T00:00:00Z"));
    let created = key::create(
        &mut draft,
        NewObject { members, ..new("AKIDdelta001", "delta") },
        &variable("DELTA_SECRET_KEY"),
        &[],
    );
    let expected = json!({"name": "delta", "secret_id": "AKIDdelta001", "secret_key_env": "DELTA_SECRET_KEY",
        "not_after": "2027-01-01T00:00:00Z", "created_at": "2026-11-24T00:00:00Z"});
    // As text, because the order of the members is for people.
    assert_eq!(Value::from(created.expect("created").0).to_string(), expected.to_string());
    assert_eq!(tree(&draft)["keys"][6], expected);
    let created = plan::create(&mut draft, new("usagePlan-new", "new")).expect("created");
    let expected = json!({"id": "usagePlan-new", "name": "new", "created_at": "2026-11-24T00:00:00Z"});
    assert_eq!(Value::from(created).to_string(), expected.to_string());
}

#[test]
fn an_edit_sets_and_removes_the_members_that_it_names() {
    let mut draft = draft();
    let members = Members::new()
        .with("name", Some("golden"))
        .with("burst", None::<i64>)
        .with_list("counter_per", &["key"])
        .with("remark", Some("paying callers"));
    let edited = plan::edit(&mut draft, "gold", members).expect("edited");
    assert_eq!((&edited["name"], &edited["remark"]), (&json!("golden"), &json!("paying callers")));
    assert_eq!((edited.get("burst"), &edited["counter_per"]), (None, &json!(["key"])));
    let members = Members::new().with("remark", Some("")).with_list("counter_per", &[""]);
    let edited = plan::edit(&mut draft, "golden", members).expect("edited");
    assert_eq!((edited.get("remark"), edited.get("counter_per")), (None, None));
}

#[test]
fn a_rotation_keeps_the_old_secret_for_the_overlap_only() {
    let mut kept = draft();
    let rotated = rotate(&mut kept, "acme", &given("acme-secret-key-2"), DAY).expect("rotated");
    assert_eq!(rotated.key, Named::new("AKIDacme0001", "acme"));
    assert_eq!(rotated.old_secret_until.map(Timestamp::to_rfc3339).as_deref(), Some("2026-11-25T00:00:00Z"));
    let key = &tree(&kept)["keys"][0];
    assert_eq!(
        (&key["secret_key"], &key["previous_secret_key"], &key["previous_secret_key_not_after"]),
        (&json!("acme-secret-key-2"), &json!("acme-secret-key-1"), &json!("2026-11-25T00:00:00Z"))
    );

    let mut ended = draft();
    let secret = given("beta-secret-key-2");
    let now = at("2026-11-24T00:00:00Z");
    let rotation = Rotation { secret: &secret, overlap: Duration::ZERO, force: true, now };
    let rotated = key::rotate(&mut ended, "beta", &rotation).expect("rotated");
    assert_eq!(rotated.old_secret_until, None);
    assert!(!ended.text().contains("previous") && !ended.text().contains("beta-secret-key-1"));
}

#[test]
fn a_rotation_is_ended_or_taken_back() {
    let mut finished = draft();
    assert_eq!(key::finish_rotation(&mut finished, "beta"), Ok(Named::new("AKIDbeta0001", "beta")));
    let key = &tree(&finished)["keys"][1];
    assert_eq!(key["secret_key"], "beta-secret-key-1");
    assert!(!key.to_string().contains("previous"), "{key}");

    let now = at("2026-11-24T00:00:00Z");
    let mut cancelled = draft();
    let rotated = key::cancel_rotation(&mut cancelled, "beta", Duration::ZERO, now).expect("taken back");
    assert_eq!(rotated.old_secret_until, None);
    let key = &tree(&cancelled)["keys"][1];
    assert_eq!(key["secret_key"], "beta-secret-key-0");
    assert!(!key.to_string().contains("previous"), "{key}");

    let mut swapped = draft();
    key::cancel_rotation(&mut swapped, "beta", DAY, now).expect("taken back");
    let key = &tree(&swapped)["keys"][1];
    assert_eq!(
        (&key["secret_key"], &key["previous_secret_key"], &key["previous_secret_key_not_after"]),
        (&json!("beta-secret-key-0"), &json!("beta-secret-key-1"), &json!("2026-11-25T00:00:00Z"))
    );
}

#[test]
fn a_rotation_between_the_document_and_a_variable_is_taken_back() {
    let mut draft = draft();
    rotate(&mut draft, "gamma", &given("gamma-secret-key-2"), DAY).expect("rotated");
    let mut draft = Draft::parse(draft.text().as_bytes()).expect("valid");
    let now = at("2026-11-24T00:00:00Z");
    key::cancel_rotation(&mut draft, "gamma", DAY, now).expect("taken back");
    let key = &tree(&draft)["keys"][2];
    assert_eq!(
        (&key["secret_key_env"], &key["previous_secret_key"], key.get("secret_key")),
        (&json!("GAMMA"), &json!("gamma-secret-key-2"), None)
    );
}

#[test]
fn what_is_bound_twice_is_there_once_and_what_is_unbound_can_be_deleted() {
    let mut draft = draft();
    for _ in 0..2 {
        plan::bind_keys(&mut draft, "gold", &names(["gamma"])).expect("bound");
        plan::bind_environments(&mut draft, "gold", "orders", &names(["test"])).expect("bound");
    }
    let gold = tree(&draft)["usage_plans"][0].clone();
    assert_eq!(gold["keys"], json!(["AKIDacme0001", "AKIDgamma001"]));
    assert_eq!(gold["environments"].as_array().map(Vec::len), Some(2));

    plan::unbind_keys(&mut draft, "gold", &names(["gamma", "acme"])).expect("unbound");
    plan::unbind_environments(&mut draft, "gold", "orders", &names(["live", "test"])).expect("unbound");
    let mut draft = Draft::parse(draft.text().as_bytes()).expect("valid");
    assert_eq!(plan::delete(&mut draft, &names(["gold"])), Ok(vec![Named::new("usagePlan-gold", "gold")]));
    assert_eq!(tree(&draft)["usage_plans"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_key_that_moves_leaves_the_plans_that_conflict_and_no_other() {
    let mut draft = draft();
    plan::create(&mut draft, new("usagePlan-test", "test")).expect("created");
    plan::bind_keys(&mut draft, "test", &names(["acme"])).expect("bound");
    plan::bind_environments(&mut draft, "test", "orders", &names(["test"])).expect("bound");
    let mut draft = Draft::parse(draft.text().as_bytes()).expect("valid");
    let keys = names(["acme", "gamma"]);
    let (bindings, left) = plan::move_keys(&mut draft, "silver", &keys).expect("moved");
    let acme = Named::new("AKIDacme0001", "acme");
    assert_eq!(bindings.keys, [acme.clone(), Named::new("AKIDgamma001", "gamma")]);
    assert_eq!(left, [Left { key: acme, plan: Named::new("usagePlan-gold", "gold") }]);
    let plans = &tree(&draft)["usage_plans"];
    let keys = [0, 1, 2].map(|plan: usize| plans[plan]["keys"].clone());
    assert_eq!(keys, [json!([]), json!(["AKIDacme0001", "AKIDgamma001"]), json!(["AKIDacme0001"])]);

    let mut draft = Draft::parse(draft.text().as_bytes()).expect("valid");
    let (_, left) = plan::move_keys(&mut draft, "silver", &names(["acme"])).expect("there already");
    assert!(left.is_empty() && !draft.is_changed());
}

#[test]
fn a_key_has_the_status_that_it_is_given() {
    let mut draft = draft();
    key::set_status(&mut draft, &names(["acme"]), KeyStatus::Enabled).expect("enabled");
    assert!(!draft.is_changed(), "a key without a status is enabled already");
    key::set_status(&mut draft, &names(["beta"]), KeyStatus::Enabled).expect("enabled");
    key::set_status(&mut draft, &names(["acme"]), KeyStatus::Disabled).expect("disabled");
    let keys = &tree(&draft)["keys"];
    assert_eq!((&keys[0]["status"], &keys[1]["status"]), (&json!("disabled"), &json!("enabled")));
}

#[test]
fn a_key_is_created_on_its_plans() {
    let mut draft = draft();
    let secret = given("delta-secret-key");
    let plans = names(["gold"]);
    let (_, bound) = key::create(&mut draft, new("AKIDdelta001", "delta"), &secret, &plans).expect("created");
    assert_eq!(bound, [Named::new("usagePlan-gold", "gold")]);
    assert_eq!(tree(&draft)["usage_plans"][0]["keys"], json!(["AKIDacme0001", "AKIDdelta001"]));
}

#[test]
fn an_environment_that_no_path_reaches_is_bound_and_named() {
    let mapped = |mappings: Value, default: Value| {
        let mut document = tree(&draft());
        document["services"][0]["path_mappings"] = mappings;
        document["services"][0]["default_environment"] = default;
        let mut draft = Draft::parse(document.to_string().as_bytes()).expect("valid");
        let bound = plan::bind_environments(&mut draft, "gold", "orders", &names(["live", "test"]));
        bound.expect("bound").unreached
    };
    let v1 = json!([{"path": "/v1", "environment": "live"}]);
    assert_eq!(mapped(json!([]), json!("live")), names([]));
    assert_eq!(mapped(v1.clone(), json!("live")), names(["test"]));
    assert_eq!(mapped(v1, json!("test")), names([]));
    assert_eq!(mapped(json!([{"path": "/", "environment": "live"}]), json!("test")), names(["test"]));
}

#[test]
fn a_service_is_published_and_taken_out_of_environments_without_plans() {
    let mut draft = draft();
    let orders = Named::new("service-orders", "orders");
    assert_eq!(service::publish(&mut draft, "orders", "live"), Ok(orders.clone()));
    assert!(!draft.is_changed(), "it is published there already");
    assert_eq!(service::publish(&mut draft, "orders", "release"), Ok(orders.clone()));
    assert_eq!(service::unpublish(&mut draft, "orders", &names(["test", "none"])), Ok(orders));
    assert_eq!(tree(&draft)["services"][0]["environments"], json!(["live", "release"]));
    let refusal = service::unpublish(&mut draft, "orders", &names(["live"])).expect_err("bound");
    let Refusal::InUse { objects, .. } = refusal else { panic!("{refusal:?}") };
    assert_eq!(objects[0].bindings.len(), 2, "both plans are named");

    let members = Members::new().with("domains", Some(json!(["pay.example.com"])));
    let pay = NewObject { members, ..new("service-pay", "pay") };
    service::create(&mut draft, pay).expect("created");
    service::unpublish(&mut draft, "pay", &names(["release", "prepub", "test"])).expect("taken out");
    assert_eq!(tree(&draft)["services"][1]["environments"], json!([]), "it is published nowhere");
    service::publish(&mut draft, "pay", "test").expect("published");
    assert_eq!(tree(&draft)["services"][1]["environments"], json!(["test"]));
}
