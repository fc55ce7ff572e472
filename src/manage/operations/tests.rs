//! Every kind of refusal; [`edits`] has what each operation leaves in the document.

mod edits;

mod resets;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use usage_plan_core::document::{KeyStatus, Secret, SecretSource};
use usage_plan_core::timestamp::Timestamp;

use super::key::{self, NewSecret, Rotated, Rotation};
use super::plan::Quotas;
use super::{NewObject, plan, service};
use crate::dates::parse;
use crate::draft::{Draft, Members};
use crate::refusal::{KeyState, Refusal};

const DAY: Duration = Duration::from_secs(24 * 3600);
const NOW: Timestamp = Timestamp::from_nanos(1_795_478_400_000_000_000);

fn draft() -> Draft {
    let document = json!({
        "services": [
            {"id": "service-orders", "name": "orders", "domains": ["orders.example.com"],
             "environments": ["live", "test"]}
        ],
        "keys": [
            {"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-1"},
            {"name": "beta", "secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-1",
             "status": "disabled", "previous_secret_key": "beta-secret-key-0",
             "previous_secret_key_not_after": "2030-01-01T00:00:00Z"},
            {"name": "gamma", "secret_id": "AKIDgamma001", "secret_key_env": "GAMMA"},
            {"name": "same", "secret_id": "AKIDsame0001", "secret_key_env": "SAME_1"},
            {"name": "same", "secret_id": "AKIDsame0002", "secret_key_env": "SAME_2"},
            {"name": "filed", "secret_id": "AKIDfiled001", "secret_key_file": "filed"}
        ],
        "usage_plans": [
            {"id": "usagePlan-gold", "name": "gold", "keys": ["AKIDacme0001"],
             "environments": [{"service": "service-orders", "environment": "live"}]},
            {"id": "usagePlan-silver", "name": "silver",
             "environments": [{"service": "service-orders", "environment": "live"}]}
        ]
    });
    Draft::parse(document.to_string().as_bytes()).expect("a valid document")
}

fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

fn tree(draft: &Draft) -> Value {
    serde_json::from_str(&draft.text()).expect("JSON")
}

fn at(text: &str) -> Timestamp {
    parse(text).expect("a time")
}

fn new(id: &str, name: &str) -> NewObject {
    let created_at = at("2026-11-24T00:00:00Z");
    NewObject { id: id.to_owned(), name: name.to_owned(), members: Members::new(), created_at }
}

fn given(secret: &str) -> NewSecret {
    NewSecret::Given(SecretSource::Document(Secret::new(secret)))
}

fn variable(name: &str) -> NewSecret {
    NewSecret::Given(SecretSource::Environment(name.to_owned()))
}

fn rotate(draft: &mut Draft, key: &str, secret: &NewSecret, overlap: Duration) -> Result<Rotated, Refusal> {
    let rotation = Rotation { secret, overlap, force: false, now: at("2026-11-24T00:00:00Z") };
    key::rotate(draft, key, &rotation)
}

/// The kind of a refusal. A new kind does not compile until it is here, and needs a row below then.
fn kind(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotFound { .. } => "NotFound",
        Refusal::Ambiguous { .. } => "Ambiguous",
        Refusal::Exists { .. } => "Exists",
        Refusal::EmptyName(_) => "EmptyName",
        Refusal::NoEnvironment { .. } => "NoEnvironment",
        Refusal::NotBound(_) => "NotBound",
        Refusal::InUse { .. } => "InUse",
        Refusal::State { state: KeyState::Disabled, .. } => "Disabled",
        Refusal::State { state: KeyState::PreviousSecretVerifies { .. }, .. } => "PreviousSecretVerifies",
        Refusal::State { state: KeyState::NotRotated, .. } => "NotRotated",
        Refusal::State { state: KeyState::SecretElsewhere, .. } => "SecretElsewhere",
        Refusal::State { state: KeyState::SameSecret, .. } => "SameSecret",
        Refusal::State { state: KeyState::SameVariable, .. } => "SameVariable",
        Refusal::State { state: KeyState::SameFile, .. } => "SameFile",
        Refusal::CountedTogether { .. } => "CountedTogether",
        Refusal::NoQuota { .. } => "NoQuota",
        Refusal::OverlapTooLong => "OverlapTooLong",
        Refusal::Conflict { .. } => "Conflict",
        Refusal::Rule(_) => "Rule",
    }
}

const KINDS: usize = 19;

#[test]
fn every_kind_of_refusal_is_raised_and_says_what_it_is_about() {
    type Operation = fn(&mut Draft) -> Result<(), Refusal>;
    let rows: [(&str, &str, Operation); 25] = [
        ("NotFound", "no key has the secret_id or the name \"nobody\"", |draft| {
            key::delete(draft, &names(["nobody"])).map(drop)
        }),
        ("NotFound", "no usage plan has the id or the name \"bronze\"", |draft| {
            plan::bind_keys(draft, "bronze", &names(["acme"])).map(drop)
        }),
        ("Ambiguous", "named \"same\"; the secret_id of each: AKIDsame0001, AKIDsame0002", |draft| {
            key::set_status(draft, &names(["same"]), KeyStatus::Disabled).map(drop)
        }),
        ("Exists", "a key already has the secret_id \"AKIDacme0001\"", |draft| {
            key::create(draft, new("AKIDacme0001", "delta"), &given("delta-secret-key"), &[]).map(drop)
        }),
        ("Exists", "a service already has the name \"orders\"", |draft| {
            service::create(draft, new("service-new", "orders")).map(drop)
        }),
        ("Exists", "a usage plan already has the name \"silver\"", |draft| {
            plan::edit(draft, "gold", Members::new().with("name", Some("silver"))).map(drop)
        }),
        ("EmptyName", "the name of a key must not be empty", |draft| {
            key::edit(draft, "acme", Members::new().with("name", Some(""))).map(drop)
        }),
        (
            "NoEnvironment",
            "service orders (service-orders) has no environment \"prepub\"; it has live, test",
            |draft| plan::bind_environments(draft, "gold", "orders", &names(["prepub"])).map(drop),
        ),
        ("NotBound", "key gamma (AKIDgamma001) is not bound to usage plan gold (usagePlan-gold)", |draft| {
            plan::unbind_keys(draft, "gold", &names(["gamma"])).map(drop)
        }),
        (
            "NotBound",
            "environment \"test\" of service orders (service-orders) is not bound to usage plan gold",
            |draft| plan::unbind_environments(draft, "gold", "orders", &names(["test"])).map(drop),
        ),
        (
            "InUse",
            "key acme (AKIDacme0001) is in use:\nit is enabled\nkey acme (AKIDacme0001) is bound to usage plan \
             gold (usagePlan-gold)\nkey gamma (AKIDgamma001) is in use:\nit is enabled",
            |draft| key::delete(draft, &names(["acme", "beta", "gamma"])).map(drop),
        ),
        (
            "InUse",
            "(AKIDacme0001) is bound to usage plan gold (usagePlan-gold)\nenvironment \"live\" of",
            |draft| plan::delete(draft, &names(["gold"])).map(drop),
        ),
        (
            "InUse",
            "bound to usage plan gold (usagePlan-gold)\nenvironment \"live\" of service orders \
             (service-orders) is bound to usage plan silver (usagePlan-silver)",
            |draft| service::delete(draft, &names(["orders"])).map(drop),
        ),
        ("Disabled", "key beta (AKIDbeta0001): it is disabled", |draft| {
            plan::bind_keys(draft, "silver", &names(["beta"])).map(drop)
        }),
        ("PreviousSecretVerifies", "before the present one verifies until 2030-01-01T00:00:00Z", |draft| {
            rotate(draft, "beta", &given("beta-secret-key-2"), DAY).map(drop)
        }),
        ("NotRotated", "key acme (AKIDacme0001): it has no previous secret", |draft| {
            key::finish_rotation(draft, "acme").map(drop)
        }),
        ("SecretElsewhere", "key gamma (AKIDgamma001): its secret is kept out of", |draft| {
            rotate(draft, "gamma", &NewSecret::Random(Secret::new("gamma-secret-key")), DAY).map(drop)
        }),
        ("SameSecret", "the new secret is the present one", |draft| {
            rotate(draft, "acme", &given("acme-secret-key-1"), DAY).map(drop)
        }),
        ("SameVariable", "the new secret is in the variable of the present one", |draft| {
            rotate(draft, "gamma", &variable("GAMMA"), DAY).map(drop)
        }),
        ("SameFile", "the new secret is in the file of the present one", |draft| {
            let in_file = NewSecret::Given(SecretSource::File("filed".to_owned()));
            rotate(draft, "filed", &in_file, DAY).map(drop)
        }),
        ("CountedTogether", "counts its keys together, so key acme (AKIDacme0001) cannot be", |draft| {
            plan::reset(draft, Quotas { plan: "gold", key: Some("acme"), period: None }, NOW).map(drop)
        }),
        ("NoQuota", "usage plan gold (usagePlan-gold) has no quota", |draft| {
            plan::reset(draft, Quotas { plan: "gold", key: None, period: None }, NOW).map(drop)
        }),
        ("OverlapTooLong", "beyond the year 2554", |draft| {
            rotate(draft, "acme", &given("acme-secret-key-2"), DAY * 365 * 1000).map(drop)
        }),
        ("Conflict", "would break these rules:\nusage_plans[1]", |draft| {
            plan::bind_keys(draft, "silver", &names(["acme"])).map(drop)
        }),
        ("Rule", "would break these rules:\nkeys[6].secret_key: must be 10 to 50 of", |draft| {
            key::create(draft, new("AKIDdelta001", "delta"), &given("short"), &[]).map(drop)
        }),
    ];
    let mut raised = BTreeSet::new();
    for (expected, text, operation) in rows {
        let refusal = operation(&mut draft()).expect_err(text);
        assert_eq!(kind(&refusal), expected, "{refusal}");
        assert!(refusal.to_string().contains(text), "{text:?} is not in {:?}", refusal.to_string());
        raised.insert(expected);
    }
    assert_eq!(raised.len(), KINDS, "{raised:?}");
}
