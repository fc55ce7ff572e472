//! `usage-plan import tencent`

mod refused;

use std::fs;

use serde_json::json;

use super::{imported, object, vector, warning, warnings, write};
use crate::cli::{Cli, Ran};

const ACME: &str = "AKID0000000000000000000000000000acme0001";
const BETA: &str = "AKID0000000000000000000000000000beta0001";

/// Answers of every action that is read.
fn all() -> Vec<String> {
    let names = [
        "bound-keys.json",
        "usagePlan-free0001.environments.json",
        "service-orders01.domains.json",
        "usagePlan-free0001.keys.json",
        "services.json",
        "service-orders.json",
        "plan-apis.json",
        "plan-gold.json",
        "plans.json",
        "keys.json",
    ];
    let mut files: Vec<String> = names.map(|name| vector(&format!("tencent/{name}"))).to_vec();
    files.push(format!("usagePlan-apis0001={}", vector("tencent/apis-environments.json")));
    files
}

fn import<S: AsRef<str>>(cli: &Cli, files: &[S]) -> Ran {
    let files = files.iter().map(AsRef::as_ref);
    imported(cli, &["tencent"].into_iter().chain(files).collect::<Vec<_>>())
}

fn refused(cli: &Cli, files: &[&str]) -> String {
    cli.refused(&[&["import", "tencent"], files].concat())
}

#[test]
fn keys_plans_services_and_bindings_are_carried_over() {
    let cli = Cli::empty();
    let ran = import(&cli, &all());
    let document = cli.document();
    assert_eq!(
        *object(&document, "keys", ACME),
        json!({"name": "acme", "secret_id": ACME, "secret_key": "acme00000000000000000000000000000secret1",
            "created_at": "2020-02-26T06:09:44Z"})
    );
    assert_eq!(object(&document, "keys", BETA)["status"], "disabled");
    assert_eq!(
        *object(&document, "usage_plans", "usagePlan-gold0001"),
        json!({"id": "usagePlan-gold0001", "name": "gold", "max_requests_per_second": 1000,
            "remark": "paying callers", "created_at": "2019-08-01T03:15:33Z", "keys": [ACME, BETA],
            "environments": [{"service": "service-orders01", "environment": "release"}]})
    );
    let free = object(&document, "usage_plans", "usagePlan-free0001");
    assert_eq!(free["quotas"], json!([{"max_requests": 100_000, "period": "total"}]));
    assert_eq!(free["keys"], json!(["gamma_key-1"]));
    assert_eq!(
        *object(&document, "services", "service-orders01"),
        json!({"id": "service-orders01", "name": "orders",
            "domains": ["service-orders01-1250000000.gz.apigw.tencentcs.com", "orders.example.com", "api.example.com"],
            "environments": ["release", "test"], "created_at": "2019-08-01T03:10:00Z"})
    );
    let rows: Vec<Vec<&str>> =
        ran.stdout.lines().map(|line| line.split_whitespace().rev().take(3).collect()).collect();
    assert_eq!(
        rows,
        [
            vec!["OUT", "LEFT", "KEPT"],
            vec!["1", "0", "2"],
            vec!["2", "0", "4"],
            vec!["0", "0", "3"],
            vec!["1", "0", "3"],
            vec!["3", "0", "3"]
        ]
    );
}

#[test]
fn what_could_not_be_carried_over_is_told_with_its_name() {
    let ran = import(&Cli::empty(), &all());
    let says = |object: &str, what: &str| {
        let warning = warning(&ran, object);
        assert!(warning.contains(what), "{object}: {warning}");
    };
    says(
        "key masked (AKID000000000000000000000000000masked001)",
        "its secret is not in the answers, or masked",
    );
    says("key tokens (AKID00000000000000000000000000000oauth01)", "of type oauth");
    says("key acme (AKID0000000000000000000000000000acme0002)", "it is named acme_2 here");
    says("usage plan free-tier (usagePlan-free0001)", "it is named free_tier here");
    says("usage plan usagePlan-free0001", "its limit in prepub of service-orders01 is 5 a second");
    says("usage plan usagePlan-apis0001", "(GET /orders, POST /users): it is not bound there");
    says("service nodomain (service-nodomain)", "no answer names a domain of it");
    says("service users (service-users001)", "release, prepub and test");
    says("service orders (service-orders01)", "is not published to prepub");
    let of_orders = warnings(&ran, "service service-orders01");
    assert!(of_orders.iter().any(|warning| warning.contains("(NONE: GET /health)")), "{of_orders:?}");
    assert!(
        of_orders.iter().any(|warning| warning.contains("api.example.com has path mappings")),
        "{of_orders:?}"
    );
    assert_eq!(ran.stderr.lines().count(), 11, "{}", ran.stderr);
    for secret in ["secret1", "secret2", "gamma-secret_1", "mask***"] {
        assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{secret}");
    }
}

#[test]
fn a_plan_bound_to_single_apis_is_not_bound_to_their_environment() {
    let cli = Cli::empty();
    import(&cli, &all());
    let document = cli.document();
    assert_eq!(object(&document, "usage_plans", "usagePlan-apis0001").get("environments"), None);

    // Without the answer that tells, DescribeUsagePlan's word is taken.
    let cli = Cli::empty();
    import(&cli, &["plan-apis.json", "services.json"].map(|name| vector(&format!("tencent/{name}"))));
    let document = cli.document();
    assert_eq!(
        object(&document, "usage_plans", "usagePlan-apis0001")["environments"],
        json!([{"service": "service-orders01", "environment": "test"}])
    );
}

#[test]
fn a_second_import_changes_nothing_whatever_the_order_of_the_files() {
    let cli = Cli::empty();
    import(&cli, &all());
    let before =
        (cli.text(), fs::metadata(cli.path("usage-plans.json")).expect("there").modified().expect("known"));
    let mut files = all();
    files.reverse();
    let arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    let answer = super::json(&cli, &[&["tencent"], &arguments[..]].concat());
    let after =
        (cli.text(), fs::metadata(cli.path("usage-plans.json")).expect("there").modified().expect("known"));
    assert_eq!(before, after);
    assert_eq!(answer["changed"], false);
    assert_eq!(answer["keys"], json!({"added": 0, "kept": 4, "left_out": 2}));
    assert_eq!(answer["environment_bindings"]["kept"], 3);
    let told = answer["not_carried_over"].as_array().expect("a list");
    assert!(
        told.iter().any(|note| note["object"] == "key tokens (AKID00000000000000000000000000000oauth01)"),
        "{told:?}"
    );
}

#[test]
fn a_dry_run_shows_the_difference_and_the_warnings_and_writes_nothing() {
    let cli = Cli::empty();
    let files = all();
    let arguments: Vec<&str> = files.iter().map(String::as_str).chain(["--dry-run"]).collect();
    let ran = imported(&cli, &[&["tencent"], &arguments[..]].concat());
    assert!(ran.stdout.contains("+      \"secret_id\": \"gamma_key-1\""), "{}", ran.stdout);
    assert!(!ran.stdout.contains("gamma-secret_1"));
    assert_eq!(ran.stderr.lines().count(), 11, "{}", ran.stderr);
    assert!(!cli.path("usage-plans.json").exists());
}

#[test]
fn what_the_document_has_otherwise_is_an_error_that_names_all_of_it() {
    let cli = Cli::empty();
    import(&cli, &all());
    let mut document = cli.document();
    document["keys"][0]["status"] = "disabled".into();
    document["keys"][2]["secret_key"] = "another-secret-key-01".into();
    document["usage_plans"][0]["max_requests_per_second"] = 7.into();
    document["services"][0]["domains"] = json!(["elsewhere.example.com"]);
    let plans = document["usage_plans"].as_array_mut().expect("a list");
    let free = plans.iter_mut().find(|plan| plan["id"] == "usagePlan-free0001").expect("a plan");
    free["quotas"][0]["utc_offset"] = "+08:00".into();
    // What the answers do not speak of is the operator's.
    document["keys"][1]["not_after"] = "2030-01-01T00:00:00Z".into();
    let cli = Cli::with(&document.to_string());
    let files = all();
    let error = refused(&cli, &files.iter().map(String::as_str).collect::<Vec<_>>());
    for line in [
        "key acme (AKID0000000000000000000000000000acme0001): status is disabled and not enabled",
        "key gamma (gamma_key-1): secret is different",
        "usage plan apis (usagePlan-apis0001): max_requests_per_second is 7 and not unlimited",
        "(usagePlan-free0001): quotas are [100000/total@+08:00] and not [100000/total]",
        "service orders (service-orders01): domain orders.example.com is missing",
    ] {
        assert!(error.contains(line), "{line}: {error}");
    }
    assert!(!error.contains("beta") && !error.contains("secret-key-01"), "{error}");
}

#[test]
fn a_plan_that_nothing_describes_is_an_error_and_a_key_is_a_warning() {
    let cli = Cli::empty();
    let bound = vector("tencent/usagePlan-free0001.keys.json");
    let error = refused(&cli, &[&format!("usagePlan-typo={bound}")]);
    assert!(error.contains("usage plan usagePlan-typo: something is bound to it"), "{error}");
    let ran = import(&cli, &[&*vector("tencent/plans.json"), &*bound]);
    assert!(warning(&ran, "key gamma_key-1").contains("neither the files nor the document describe it"));
    // Once the document has both, an answer of what is bound is enough.
    import(&cli, &[vector("tencent/keys.json")]);
    import(&cli, &[format!("usagePlan-free0001={bound}")]);
    assert_eq!(object(&cli.document(), "usage_plans", "usagePlan-free0001")["keys"], json!(["gamma_key-1"]));
}

#[test]
fn standard_input_takes_many_answers() {
    let cli = Cli::empty();
    let texts = ["keys.json", "plans.json", "null-lists.json"];
    let texts = texts.map(|name| fs::read_to_string(vector(&format!("tencent/{name}"))).expect("read"));
    let ran = cli.run_with_input(&["import", "tencent", "-"], &texts.concat());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(cli.document()["keys"].as_array().map(Vec::len), Some(4));
}

#[test]
fn lists_that_are_null_or_empty_have_nothing() {
    let cli = Cli::empty();
    let ran = import(&cli, &[vector("tencent/null-lists.json")]);
    assert_eq!((ran.stderr.as_str(), cli.path("usage-plans.json").exists()), ("", false));
}

#[test]
fn missing_pages_are_told() {
    let cli = Cli::empty();
    let page = r#"{"Response": {"Result": {"TotalCount": 35, "ServiceSet": [
        {"ServiceId": "service-a", "OuterSubDomain": "a.example.com", "AvailableEnvironments": ["release"]}]}}}"#;
    let ran = import(&cli, &[write(&cli, "page.json", page)]);
    assert_eq!(
        warning(&ran, "DescribeServicesStatus"),
        "only 1 of 35 are in the files: give the other pages"
    );
}

#[test]
fn limits_that_are_null_are_told_and_limits_that_are_none_leave_the_plan_out() {
    let cli = Cli::empty();
    let plans = r#"{"Result": {"UsagePlanStatusSet": [
        {"UsagePlanId": "usagePlan-a", "MaxRequestNumPreSec": null, "MaxRequestNum": -1},
        {"UsagePlanId": "usagePlan-b", "MaxRequestNumPreSec": 0, "MaxRequestNum": -1}]}}"#;
    let ran = import(&cli, &[write(&cli, "plans.json", plans)]);
    assert!(warning(&ran, "usage plan usagePlan-a").contains("no answer has its MaxRequestNumPreSec"));
    assert!(
        warning(&ran, "usage plan usagePlan-b").contains("is left out: max_requests_per_second must be -1")
    );
    assert_eq!(cli.document()["usage_plans"], json!([{"id": "usagePlan-a"}]));
}
