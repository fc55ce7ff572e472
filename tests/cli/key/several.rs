//! Several keys in one command, and lists of some of the keys.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::cli::{Cli, EXAMPLE, Edit, assert_contains, assert_text, example};

#[test]
fn several_keys_are_disabled_enabled_and_deleted_all_or_none() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key create --name gamma --secret-id AKIDgamma001");
    assert_text(
        &cli.done("key disable acme gamma"),
        "key acme (AKIDacme0001) is disabled\nkey gamma (AKIDgamma001) is disabled\n",
    );
    cli.refused("key enable acme nobody");
    let enabled = cli.json("key enable acme beta AKIDacme0001");
    assert_eq!(enabled["keys"], json!(["AKIDacme0001", "AKIDbeta0001"]));
    cli.done("key disable beta");
    cli.refused("key delete beta gamma");
    cli.done("plan unbind-key gold beta");
    assert_text(
        &cli.done("key delete beta gamma"),
        "key beta (AKIDbeta0001) is deleted\nkey gamma (AKIDgamma001) is deleted\n",
    );
    assert_eq!(cli.document()["keys"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_key_is_created_on_a_plan_and_with_an_end_in_one_edit() {
    let cli = Cli::with(EXAMPLE);
    let before = SystemTime::now();
    let ran = cli.done("key create --name delta --secret-id AKIDdelta001 --plan gold --expires 90d");
    assert_contains(&ran, "\nthe key expires at 2");
    assert_contains(&ran, "\nthe key is bound to usage plan gold (usagePlan-gold)\n");
    let document = cli.document();
    assert_eq!(document["usage_plans"][0]["keys"][2], "AKIDdelta001");
    let days = |document: &Value| {
        let end = document["keys"][2]["not_after"].as_str().expect("an end");
        let end = humantime::parse_rfc3339(end).expect("RFC 3339");
        // The time is counted from the second in which the command ran.
        (end.duration_since(before).expect("later") + Duration::from_secs(1)).as_secs() / (24 * 3600)
    };
    assert_eq!(days(&document), 90);
    cli.done("key edit delta --expires 7d");
    assert_eq!(days(&cli.document()), 7);

    cli.refused("key create --name epsilon --plan bronze");
    assert_contains(&cli.fails(2, "key edit delta --expires 1d --not-after ''"), "cannot be used with");
    assert_contains(
        &cli.fails(2, "key edit delta --expires 1000years"),
        "--expires ends later than the document",
    );
}

#[test]
fn keys_are_listed_by_status_plan_and_end() {
    let end = |days: u64| {
        humantime::format_rfc3339_seconds(SystemTime::now() + Duration::from_secs(days * 24 * 3600))
            .to_string()
    };
    let key = |name: &str, member: &str, value: String| json!({"name": name, "secret_id": format!("AKID{name}"), "secret_key": "0123456789", member: value});
    let cli = Cli::with(
        example()
            .with("/keys/-", key("soon", "not_after", end(10)))
            .with("/keys/-", key("later", "not_after", end(100)))
            .with("/keys/-", key("over", "not_after", "2020-01-01T00:00:00Z".to_owned()))
            .with("/keys/-", key("future", "not_before", end(10))),
    );
    for (flags, expected) in [
        ("--status enabled", &["acme", "soon", "later"][..]),
        ("--status disabled", &["beta"]),
        ("--status expired", &["over"]),
        ("--status not-yet-valid", &["future"]),
        ("--plan gold", &["acme", "beta"]),
        ("--plan gold --status enabled", &["acme"]),
        ("--expiring 30d", &["soon"]),
        ("--expiring 1year", &["soon", "later"]),
        ("late --expiring 1year", &["later"]),
    ] {
        let listed = cli.json(&format!("key list {flags}"));
        let names: Vec<_> = listed.as_array().expect("keys").iter().map(|key| key["name"].clone()).collect();
        assert_eq!(names, expected, "{flags}");
    }
    cli.refused("key list --plan bronze");
}
