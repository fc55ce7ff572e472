//! `usage-plan usage`, on servers that answer as Envoys do.

mod remaining;

use serde_json::{Value, json};

use crate::admin::FakeEnvoy;
use crate::cli::{Cli, assert_contains, parse_json};

const KEYS: [&str; 5] = [
    "requests.plan=usagePlan-gold.outcome=allowed: 20",
    "key_requests.key=AKIDacme0001.plan=usagePlan-gold.outcome=allowed: 9",
    "key_requests.key=AKIDacme0001.plan=usagePlan-gold.outcome=rate_limited: 1",
    "key_requests.key=AKIDbeta0001.plan=usagePlan-gold.outcome=rate_limited: 70",
    "key_requests.key=AKIDtrial001.plan=.outcome=signature_mismatch: 5",
];

fn cli() -> Cli {
    let key =
        |name: &str, id: &str| json!({"name": name, "secret_id": id, "secret_key": "some-secret-key-0001"});
    let keys = [key("acme", "AKIDacme0001"), key("beta", "AKIDbeta0001"), key("trial", "AKIDtrial001")];
    let gold = json!({"id": "usagePlan-gold", "name": "gold", "max_requests_per_second": 10,
        "quotas": [{"max_requests": 1000, "period": "day"}]});
    let idle = json!({"id": "usagePlan-idle", "name": "idle"});
    Cli::with(json!({"keys": keys, "usage_plans": [idle, gold]}))
}

/// The values of a member of each row.
fn column(rows: &Value, member: &str) -> Vec<String> {
    let rows = rows.as_array().expect("rows");
    rows.iter().map(|row| row[member].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_key_that_is_refused_most_comes_first_with_its_plan_and_its_limits() {
    let cli = cli();
    let envoy = FakeEnvoy::live(&KEYS).start();
    let text = cli.done(&format!("usage --by key --admin {envoy}"));
    let rows: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        rows[..4],
        [
            "KEY NAME PLAN LIMITS ADMITTED RATE LIMITED QUOTA EXCEEDED OTHER",
            "AKIDbeta0001 beta gold 10/s, 1000/day 0 70 0 0",
            "AKIDtrial001 trial 0 0 0 5",
            "AKIDacme0001 acme gold 10/s, 1000/day 9 1 0 0",
        ]
    );
    let json = cli.json(&format!("usage --by key --top 2 --admin {envoy}"));
    assert_eq!(column(&json["keys"], "secret_id"), ["AKIDbeta0001", "AKIDtrial001"]);
    let first = &json["keys"][0];
    assert_eq!((&first["refused"], &first["usage_plan"]), (&json!(70), &json!("usagePlan-gold")));
    assert_eq!((&first["limits"], &json["keys"][1]["usage_plan"]), (&json!("10/s, 1000/day"), &Value::Null));
}

#[test]
fn rows_are_in_the_order_that_is_asked_for() {
    let cli = cli();
    let envoy = FakeEnvoy::live(&KEYS).start();
    for (options, member, expected) in [
        ("--by key --sort admitted --top 1", "keys", &["AKIDacme0001"][..]),
        ("--by key --sort name", "keys", &["AKIDacme0001", "AKIDbeta0001", "AKIDtrial001"]),
        ("--by plan", "usage_plans", &["usagePlan-idle", "usagePlan-gold"]),
        ("--sort name", "usage_plans", &["usagePlan-gold", "usagePlan-idle"]),
        ("--sort admitted --top 1", "usage_plans", &["usagePlan-gold"]),
    ] {
        let id = if member == "keys" { "secret_id" } else { "id" };
        let json = cli.json(&format!("usage {options} --admin {envoy}"));
        assert_eq!(column(&json[member], id), expected, "{options}");
    }
}

#[test]
fn requests_for_the_usage_are_in_columns_of_their_own() {
    let cli = cli();
    let metrics = [
        "requests.plan=usagePlan-gold.outcome=allowed: 20",
        "requests.plan=usagePlan-gold.outcome=usage_shown: 7",
        "requests.plan=usagePlan-gold.outcome=usage_rate_limited: 3",
        "requests.plan=usagePlan-gold.outcome=counter_unavailable: 1",
    ];
    let envoy = FakeEnvoy::live(&metrics).start();
    let text = cli.done(&format!("usage --admin {envoy}"));
    assert_contains(&text, "OTHER  USAGE SHOWN  USAGE REFUSED\n");
    let gold = text.lines().find(|line| line.contains("gold")).expect("a row");
    let numbers: Vec<&str> = gold.split_whitespace().skip(4).collect();
    assert_eq!(numbers, ["20", "0", "0", "1", "7", "3"], "{text}");
    let json = cli.json(&format!("usage --admin {envoy}"));
    let gold = &json["usage_plans"][1];
    for (member, expected) in
        [("other", 1), ("refused", 4), ("usage_shown", 7), ("usage_rate_limited", 3), ("admitted", 20)]
    {
        assert_eq!(gold[member], expected, "{member}: {gold}");
    }
    let without = FakeEnvoy::live(&metrics[..1]).start();
    assert!(!cli.done(&format!("usage --admin {without}")).contains("USAGE SHOWN"));
}

#[test]
fn without_numbers_by_key_the_option_that_makes_them_is_named() {
    let cli = cli();
    let envoy = FakeEnvoy::live(&KEYS[..1]).start();
    let ran = cli.exits(0, &format!("usage --by key --admin {envoy}"));
    assert_contains(&ran.stdout, "No call was counted by key.");
    assert_contains(&ran.stderr, "options.metrics_per_key is off");
    assert!(!cli.done(&format!("usage --admin {envoy}")).contains("metrics_per_key"));
}

#[test]
fn the_time_since_when_is_exact_if_no_other_document_has_come() {
    let cli = cli();
    let name = "extension_config_discovery.http_filter.usage_plan";
    let mut envoy = FakeEnvoy::live(&KEYS);
    envoy.uptime = 3725;
    let later = envoy
        .clone()
        .statistic(format!("{name}.update_success: 2"))
        .statistic(format!("{name}.update_time: 1795900497203"));
    let envoys = [envoy, later].map(FakeEnvoy::start);
    let line = format!("usage --admin {} --admin {}", envoys[0], envoys[1]);
    let text = cli.done(&line);
    let lines: Vec<&str> = text.lines().rev().take(2).collect();
    assert_contains(lines[1], &format!("{}: since Envoy started at 20", envoys[0]));
    assert!(lines[1].ends_with(", 1h 2m 5s ago"), "{text}");
    assert!(lines[0].ends_with("(documents came later, the last at 2026-11-28T21:14:57Z)"), "{text}");
    let json = cli.json(&line);
    let changed = [&json["envoys"][0]["document_changed"], &json["envoys"][1]["document_changed"]];
    assert_eq!(changed, [&json!(false), &json!(true)]);
    assert_eq!(json["envoys"][1]["last_document_at"], "2026-11-28T21:14:57.203Z");
}

#[test]
fn envoys_are_added_up_and_each_one_that_is_away_is_named() {
    let cli = cli();
    let envoys = [(); 2].map(|()| FakeEnvoy::live(&KEYS).start());
    let [one, two] = testbed::ports::free_ports().expect("free ports");
    let away = format!("--admin 127.0.0.1:{one} --admin 127.0.0.1:{two}");
    let there = format!("--admin {} --admin {}", envoys[0], envoys[1]);

    let ran = cli.exits(3, &format!("usage --output json {there} {away}"));
    for port in [one, two] {
        assert_contains(&ran.stderr, &format!("warning: Envoy's admin interface at 127.0.0.1:{port}: "));
    }
    let json = parse_json(&ran.stdout);
    assert_eq!(json["usage_plans"][1]["admitted"], 40);
    assert!(json["envoys"][2]["error"].is_string() && json["envoys"][0]["error"].is_null(), "{json}");

    for (line, port) in [(format!("usage {away}"), two), (format!("usage --admin 127.0.0.1:{one}"), one)] {
        assert_contains(&cli.fails(3, &line), &format!("Envoy's admin interface at 127.0.0.1:{port}: "));
    }
}

#[test]
fn no_document_in_force_is_exit_code_1_and_shows_no_zeros() {
    let cli = cli();
    let mut envoy = FakeEnvoy::live(&[]);
    envoy.statistics =
        vec!["extension_config_discovery.http_filter.usage_plan.update_rejected: 1".to_owned()];
    let address = envoy.start();
    let error = cli.fails(1, &format!("usage --admin {address}"));
    assert!(error.starts_with(&format!("error: {address}: no document is in force")), "{error}");
    assert_contains(&cli.fails(2, "usage --admin 9901"), "--admin");
}
