//! `usage-plan status` and `diff`, on servers that answer as Envoys do.

mod diff;

use std::fs;

use serde_json::{Value, json};

use crate::admin::{DISCOVERY, FakeEnvoy};
use crate::cli::{Cli, assert_contains, parse_json};

pub(super) const DOCUMENT: &str = r#"{"keys": [{"name": "acme", "secret_id": "AKIDacme0001",
"secret_key": "acme-secret-key-0001"}], "usage_plans": [{"id": "usagePlan-gold", "name": "gold",
"max_requests_per_second": 10, "keys": ["AKIDacme0001"]}]}"#;

/// The document as it reaches the filter.
pub(super) fn published() -> String {
    format!("{DOCUMENT}\n")
}

/// An Envoy that has the document in force, in version `1`.
pub(super) fn healthy() -> FakeEnvoy {
    FakeEnvoy::live(&[]).in_force("1", &published()).tried("1", &published())
}

/// The status of one Envoy, which makes the command exit with `exit_code`.
fn status(cli: &Cli, exit_code: i32, options: &str) -> Value {
    let ran = cli.exits(exit_code, &format!("status --output json --for 1ms {options}"));
    let json = parse_json(&ran.stdout);
    assert_eq!(json["ok"], exit_code == 0, "{json}");
    json["envoys"][0].clone()
}

/// The words for what is wrong.
fn problems(envoy: &Value) -> Vec<String> {
    let problems = envoy["problems"].as_array().expect("problems");
    problems.iter().map(|problem| problem["problem"].as_str().expect("a word").to_owned()).collect()
}

/// Asserts that this is all that is wrong with an Envoy, and returns its status.
#[track_caller]
fn assert_wrong(cli: &Cli, envoy: FakeEnvoy, expected: &[&str]) -> Value {
    let exit_code = i32::from(!expected.is_empty());
    let envoy = status(cli, exit_code, &format!("--admin {}", envoy.start()));
    assert_eq!(problems(&envoy), expected, "{envoy}");
    envoy
}

#[test]
fn an_envoy_with_the_document_here_is_shown_with_all_that_is_to_be_known() {
    let cli = Cli::with(DOCUMENT);
    let envoy = healthy()
        .metrics(&[
            "quota_warnings.plan=usagePlan-gold.limit=day.percent=80: 2",
            "quota_warnings.plan=usagePlan-gold.limit=day.percent=95: 1",
            "key_requests.key=AKIDacme0001.plan=usagePlan-gold.outcome=rate_limited: 7",
        ])
        .statistic("wasm.usage_plan.vm_reload_success: 3")
        .start();
    let text = cli.done(&format!("status --admin {envoy}"));
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[0], envoy);
    for expected in [
        "  Envoy         1.40.0, LIVE, 2 workers, started at 20",
        ", the one here, accepted at 2026-11-28T21:14:57Z\n",
        "  VMs           3 replaced after they died, 0 not replaced, 0 calls met a dead one\n",
        "  guard         0 calls refused\n",
        "  near a quota  gold: 95% of day reached, once\n",
        "  refused most  acme (AKIDacme0001): 7\n",
    ] {
        assert_contains(&text, expected);
    }
    let json = status(&cli, 0, &format!("--admin {envoy}"));
    assert_eq!((&json["workers"], &json["vms"]["replaced"]), (&json!(2), &json!(3)));
    assert_eq!((&json["document"]["is_here"], &json["refused"]), (&json!(true), &Value::Null));
    assert_eq!(json["keys_refused_most"], json!([{"secret_id": "AKIDacme0001", "refused": 7}]));
}

#[test]
fn an_engine_that_is_away_is_wrong_and_what_it_did_is_shown() {
    let cli = Cli::with(DOCUMENT);
    let metrics = [
        "engine_calls.plan=usagePlan-gold.limit=second.result=granted: 40",
        "engine_calls.plan=usagePlan-gold.limit=second.result=refused: 3",
        "engine_calls.plan=usagePlan-gold.limit=day.result=failed: 6",
        "engine_tokens.plan=usagePlan-gold.limit=second.kind=granted: 900",
        "engine_tokens.plan=usagePlan-gold.limit=second.kind=lost: 7",
        "engine_breaker.event=open: 2",
        "engine_policy.plan=usagePlan-gold.decision=local_share: 12",
        "debt.kind=taken: 5",
        "debt.kind=reported: 2",
    ];
    let back = healthy().metrics(&metrics).metrics(&["engine_breaker.event=close: 2"]);
    let text = cli.done(&format!("status --admin {}", back.clone().start()));
    assert_contains(
        &text,
        "  engine    40 calls granted, 3 refused, 0 too late, 6 failed; 7 tokens lost of 900\n",
    );
    assert_contains(
        &text,
        "away 2 times, 12 requests decided without it, 3 of quotas not reported to it yet\n",
    );
    assert_eq!(assert_wrong(&cli, back.clone(), &[])["engine"]["asked"], true);
    let mut away = healthy().metrics(&metrics).metrics(&["engine_breaker.event=close: 1"]);
    let engine = assert_wrong(&cli, away.clone(), &["engine_away"])["engine"].clone();
    assert_eq!((&engine["asked"], &engine["debt"]["taken"]), (&json!(false), &json!(5)));
    // It may have come back while somebody looked.
    away.later = Some(back.statistics);
    assert_wrong(&cli, away, &[]);
    assert_eq!(assert_wrong(&cli, healthy(), &[])["engine"], Value::Null);
}

#[test]
fn another_document_in_force_is_wrong_and_the_same_one_in_other_words_is_not() {
    let cli = Cli::with(DOCUMENT);
    let other = DOCUMENT.replace("10,", "20,");
    assert_wrong(&cli, FakeEnvoy::live(&[]).in_force("1", &other).tried("1", &other), &["differs"]);
    for same in [DOCUMENT.replace('\n', ""), format!("{}\n", DOCUMENT.replacen('{', "{\n", 1))] {
        assert_wrong(&cli, FakeEnvoy::live(&[]).in_force("1", &same).tried("1", &same), &[]);
    }
    // Without a document here there is nothing to compare with.
    let envoy = status(&Cli::empty(), 0, &format!("--admin {}", healthy().start()));
    assert_eq!(envoy["document"]["is_here"], Value::Null);
}

#[test]
fn a_refused_document_is_checked_and_the_reason_is_shown() {
    let cli = Cli::with(DOCUMENT);
    let invalid = DOCUMENT.replace(":10,", ":0,").replace(": 10,", ": 0,");
    let envoy = assert_wrong(&cli, healthy().tried("2", &invalid), &["refused"]);
    assert_eq!(envoy["refused"]["rules"][0]["path"], "usage_plans[0].max_requests_per_second");
    assert_eq!((&envoy["refused"]["version"], &envoy["document"]["is_here"]), (&json!("2"), &json!(true)));

    let variable = DOCUMENT.replace(r#""secret_key": "acme-secret-key-0001""#, r#""secret_key_env": "ACME""#);
    let envoy = assert_wrong(&cli, healthy().tried("2", &variable), &["refused"]);
    assert_eq!(envoy["refused"]["variables_withheld"], json!(["ACME"]));

    // A document that is in force already is refused for what is around it.
    let envoy = assert_wrong(&cli, healthy().tried("2", &published()), &["refused"]);
    assert_eq!(envoy["refused"]["is_here"], true);
    let message = envoy["problems"][0]["message"].as_str().expect("a message");
    assert_contains(message, "whether /lib/filter.wasm is there");
    assert!(!envoy.to_string().contains("acme-secret"), "a secret is shown: {envoy}");
}

#[test]
fn a_refused_file_that_envoy_met_again_and_shows_as_accepted_is_not_believed() {
    let cli = Cli::with(DOCUMENT);
    let refused = DOCUMENT.replace("gold", "silver");
    let envoy = FakeEnvoy::live(&[]).in_force("1", &published()).tried("2", &refused);
    let envoy = envoy.statistic(format!("{DISCOVERY}version_text: \"2\""));
    assert_wrong(&cli, envoy.statistic(format!("{DISCOVERY}update_rejected: 1")), &["refused"]);
}

#[test]
fn no_document_no_filter_and_an_envoy_that_does_not_serve_are_wrong() {
    let cli = Cli::with(DOCUMENT);
    let mut envoy = FakeEnvoy::live(&[]).tried("1", &published());
    envoy.statistics = vec![format!("{DISCOVERY}update_rejected: 1")];
    assert_wrong(&cli, envoy.clone(), &["no_document", "refused"]);
    envoy.statistics = vec!["http.ingress.rbac.denied: 0".to_owned()];
    assert_wrong(&cli, envoy, &["no_filter"]);
    let mut envoy = healthy();
    envoy.state = "DRAINING";
    assert_wrong(&cli, envoy, &["not_ready"]);
}

#[test]
fn what_the_guard_refuses_now_is_wrong_and_what_it_refused_once_is_not() {
    let cli = Cli::with(DOCUMENT);
    let envoy = healthy().statistic("http.ingress.rbac.denied: 5").statistic("wasm.x.vm_reload_backoff: 9");
    assert_eq!(assert_wrong(&cli, envoy.clone(), &[])["guard_refusals"], 5);
    let mut now = envoy.clone();
    now.later = Some(healthy().statistic("http.ingress.rbac.denied: 7").statistics);
    let status = assert_wrong(&cli, now, &["guard_refuses"]);
    assert_contains(&status.to_string(), "the guard refused 2 calls with 503 within 1ms");
    let mut now = envoy;
    now.later = Some(healthy().statistic("wasm.x.vm_reload_backoff: 10").statistics);
    assert_wrong(&cli, now, &["vms_fail"]);
    let mut now = healthy().metrics(&["panics: 1"]);
    assert_eq!(assert_wrong(&cli, now.clone(), &[])["panics"], 1);
    now.later = Some(healthy().metrics(&["panics: 3"]).statistics);
    let status = assert_wrong(&cli, now, &["panics"]);
    assert_contains(&status.to_string(), "2 calls were answered with 503 because the module panicked");
}

#[test]
fn a_published_file_that_is_not_in_force_is_wrong() {
    let cli = Cli::with(DOCUMENT);
    fs::create_dir(cli.path("watched")).expect("made");
    let envoy = healthy().start();
    let options = format!("--admin {envoy} --to watched");
    let error = cli.fails(1, &format!("status {options}"));
    assert_contains(&error, "there is no published document in watched: `usage-plan publish` writes it");
    cli.done("publish --to watched");
    status(&cli, 0, &options);
    cli.write_document(DOCUMENT.replace("gold", "silver"));
    cli.done("publish --to watched");
    cli.write_document(DOCUMENT);
    assert_eq!(problems(&status(&cli, 1, &options)), ["file_differs"]);
    assert_contains(&cli.fails(3, &format!("status --admin {envoy} --to none")), "--to none");
}

#[test]
fn an_envoy_that_is_away_is_exit_code_3_unless_another_one_is_wrong() {
    let cli = Cli::with(DOCUMENT);
    let [away] = testbed::ports::free_ports().expect("a free port");
    let there = healthy().start();
    let ran = cli.exits(3, &format!("status --admin 127.0.0.1:{away} --admin {there}"));
    assert_contains(&ran.stdout, &format!("127.0.0.1:{away}\n  WRONG  it does not answer: "));
    assert_contains(&ran.stdout, ", the one here,");
    let mut wrong = healthy();
    wrong.state = "DRAINING";
    cli.exits(1, &format!("status --admin 127.0.0.1:{away} --admin {}", wrong.start()));
}

#[test]
fn an_invalid_document_here_is_wrong_and_the_envoy_is_shown_all_the_same() {
    let cli = Cli::with(DOCUMENT.replace("10,", "0,"));
    let ran = cli.exits(1, &format!("status --admin {}", healthy().start()));
    assert_contains(&ran.stderr, "cannot be compared, because it is not valid (1 errors)");
    assert_contains(&ran.stdout, "1.40.0, LIVE");
}
