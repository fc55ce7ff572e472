//! `usage-plan import tencent`

mod refused;

use std::fs;

use serde_json::json;

use super::{assert_warned, assert_warned_once, object, warnings};
use crate::cli::{Cli, Edit, assert_contains, assert_hides, parse_json};

const ACME: &str = "AKID0000000000000000000000000000acme0001";
const BETA: &str = "AKID0000000000000000000000000000beta0001";

/// The command that imports answers of every action that is read.
const IMPORT_ALL: &str = "import tencent bound-keys.json usagePlan-free0001.environments.json \
    service-orders01.domains.json usagePlan-free0001.keys.json services.json service-orders.json \
    plan-apis.json plan-gold.json plans.json keys.json usagePlan-apis0001=apis-environments.json";

/// The vectors, after all of them are imported.
fn imported() -> Cli {
    let cli = cli();
    cli.exits(0, IMPORT_ALL);
    cli
}

/// No document, and beside it the vectors.
fn cli() -> Cli {
    super::cli("tencent")
}

#[test]
fn keys_plans_services_and_bindings_are_carried_over() {
    let cli = cli();
    let ran = cli.exits(0, IMPORT_ALL);
    let document = cli.document();
    assert_eq!(
        *object(&document, "keys", ACME),
        json!({"name": "acme", "secret_id": ACME, "secret_key": "acme00000000000000000000000000000secret1",
            "remark": "contract=4711 vip", "created_at": "2020-02-26T06:09:44Z"})
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
            "domains": ["service-orders01-1250000000.gz.apigw.tencentcs.com", "orders.example.com",
                "api.example.com"],
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
fn what_could_not_be_carried_over_is_reported_with_its_name() {
    let ran = cli().exits(0, IMPORT_ALL);
    for (object, expected) in [
        (
            "key masked (AKID000000000000000000000000000masked001)",
            "its secret is not in the answers, or masked",
        ),
        ("key tokens (AKID00000000000000000000000000000oauth01)", "of type oauth"),
        ("key acme (AKID0000000000000000000000000000acme0002)", "it is named acme_2 here"),
        ("usage plan free-tier (usagePlan-free0001)", "it is named free_tier here"),
        ("usage plan usagePlan-free0001", "its limit in prepub of service-orders01 is 5 a second"),
        ("usage plan usagePlan-apis0001", "(GET /orders, POST /users): it is not bound there"),
        ("service nodomain (service-nodomain)", "no answer names a domain of it"),
        ("service users (service-users001)", "release, prepub and test"),
        ("service orders (service-orders01)", "is not published to prepub"),
    ] {
        assert_warned_once(&ran, object, expected);
    }
    assert_warned(&ran, "service service-orders01", "(NONE: GET /health)");
    assert_warned(&ran, "service service-orders01", "api.example.com has path mappings that the other");
    assert_eq!(ran.stderr.lines().count(), 11, "{}", ran.stderr);
    for secret in ["secret1", "secret2", "gamma-secret_1", "mask***"] {
        assert_hides(&ran, secret);
    }
}

#[test]
fn a_plan_bound_to_single_apis_is_not_bound_to_their_environment() {
    let document = imported().document();
    assert_eq!(object(&document, "usage_plans", "usagePlan-apis0001").get("environments"), None);

    // DescribeUsagePlan names the environment alone; it is believed when no other answer names the APIs.
    let cli = cli();
    cli.exits(0, "import tencent plan-apis.json services.json");
    assert_eq!(
        object(&cli.document(), "usage_plans", "usagePlan-apis0001")["environments"],
        json!([{"service": "service-orders01", "environment": "test"}])
    );
}

#[test]
fn a_second_import_changes_nothing_whatever_the_order_of_the_files() {
    let cli = imported();
    let modified = || cli.document_path().metadata().and_then(|metadata| metadata.modified()).expect("there");
    let before = (cli.text(), modified());
    let files = IMPORT_ALL.strip_prefix("import tencent ").expect("files");
    let reversed = files.split(' ').rev().collect::<Vec<_>>().join(" ");
    let answer = parse_json(&cli.exits(0, &format!("import tencent {reversed} --output json")).stdout);
    assert_eq!((cli.text(), modified()), before);
    assert_eq!(answer["changed"], false);
    assert_eq!(answer["keys"], json!({"added": 0, "kept": 4, "left_out": 2}));
    assert_eq!(answer["environment_bindings"]["kept"], 3);
    let left = answer["not_carried_over"].as_array().expect("a list");
    let tokens = "key tokens (AKID00000000000000000000000000000oauth01)";
    assert!(left.iter().any(|note| note["object"] == tokens), "{left:#?}");
}

#[test]
fn a_dry_run_shows_the_difference_and_the_warnings_and_writes_nothing() {
    let cli = cli();
    let ran = cli.exits(0, &format!("{IMPORT_ALL} --dry-run"));
    assert_contains(&ran.stdout, "+      \"secret_id\": \"gamma_key-1\"");
    assert_hides(&ran, "gamma-secret_1");
    assert_eq!(ran.stderr.lines().count(), 11, "{}", ran.stderr);
    assert!(!cli.has_document());
}

#[test]
fn an_import_that_contradicts_the_document_is_an_error_that_names_every_difference() {
    let cli = imported();
    let document = cli.document();
    let plans = document["usage_plans"].as_array().expect("a list");
    let free = plans.iter().position(|plan| plan["id"] == "usagePlan-free0001").expect("a plan");
    cli.write_document(
        document
            .with("/keys/0/status", "disabled")
            .with("/keys/2/secret_key", "another-secret-key-01")
            .with("/usage_plans/0/max_requests_per_second", 7)
            .with("/services/0/domains", json!(["elsewhere.example.com"]))
            .with(&format!("/usage_plans/{free}/quotas/0/utc_offset"), "+08:00")
            // The answers say nothing of this member, so the operator may set it.
            .with("/keys/1/not_after", "2030-01-01T00:00:00Z"),
    );
    let error = cli.refused(IMPORT_ALL);
    for line in [
        "key acme (AKID0000000000000000000000000000acme0001): status is disabled and not enabled",
        "key gamma (gamma_key-1): secret is different",
        "usage plan apis (usagePlan-apis0001): max_requests_per_second is 7 and not unlimited",
        "(usagePlan-free0001): quotas are [100000/total@+08:00] and not [100000/total]",
        "service orders (service-orders01): domain orders.example.com is missing",
    ] {
        assert_contains(&error, line);
    }
    assert!(!error.contains("beta") && !error.contains("secret-key-01"), "{error}");
}

#[test]
fn a_plan_that_nothing_describes_is_an_error_and_a_key_is_a_warning() {
    let cli = cli();
    assert_contains(
        &cli.refused("import tencent usagePlan-typo=usagePlan-free0001.keys.json"),
        "usage plan usagePlan-typo: something is bound to it",
    );
    assert_warned_once(
        &cli.exits(0, "import tencent plans.json usagePlan-free0001.keys.json"),
        "key gamma_key-1",
        "neither the files nor the document describe it",
    );
    // Once the document has the plan and the key, the answer that binds them is enough.
    cli.exits(0, "import tencent keys.json");
    cli.exits(0, "import tencent usagePlan-free0001=usagePlan-free0001.keys.json");
    assert_eq!(object(&cli.document(), "usage_plans", "usagePlan-free0001")["keys"], json!(["gamma_key-1"]));
}

#[test]
fn standard_input_takes_many_answers() {
    let cli = cli();
    let texts = ["keys.json", "plans.json", "null-lists.json"];
    let texts = texts.map(|name| fs::read_to_string(cli.path(name)).expect("read"));
    cli.exits_with_input(0, "import tencent -", texts.concat());
    assert_eq!(cli.document()["keys"].as_array().map(Vec::len), Some(4));
}

#[test]
fn lists_that_are_null_or_empty_have_nothing() {
    let cli = cli();
    cli.done("import tencent null-lists.json");
    assert!(!cli.has_document());
}

#[test]
fn missing_pages_are_reported() {
    let cli = Cli::empty();
    cli.write(
        "page.json",
        r#"{"Response": {"Result": {"TotalCount": 35, "ServiceSet": [{"ServiceId": "service-a",
            "OuterSubDomain": "a.example.com", "AvailableEnvironments": ["release"]}]}}}"#,
    );
    let ran = cli.exits(0, "import tencent page.json");
    assert_eq!(
        warnings(&ran, "DescribeServicesStatus"),
        ["only 1 of 35 are in the files: give the other pages"]
    );
}

#[test]
fn a_limit_that_is_null_is_reported_and_one_that_admits_nothing_leaves_the_plan_out() {
    let cli = Cli::empty();
    cli.write(
        "plans.json",
        r#"{"Result": {"UsagePlanStatusSet": [
            {"UsagePlanId": "usagePlan-a", "MaxRequestNumPreSec": null, "MaxRequestNum": -1},
            {"UsagePlanId": "usagePlan-b", "MaxRequestNumPreSec": 0, "MaxRequestNum": -1}]}}"#,
    );
    let ran = cli.exits(0, "import tencent plans.json");
    assert_warned_once(&ran, "usage plan usagePlan-a", "no answer has its MaxRequestNumPreSec");
    assert_warned_once(&ran, "usage plan usagePlan-b", "is left out: max_requests_per_second must be -1");
    assert_eq!(cli.document()["usage_plans"], json!([{"id": "usagePlan-a"}]));
}

#[test]
fn files_that_are_no_answers_are_passed_over_with_a_warning_each() {
    let cli = cli();
    cli.write("package.json", r#"{"name": "shop", "private": true}"#);
    cli.write("list.json", "[1, 2]");
    cli.write("notes.json", "// not JSON at all");
    let ran = cli.exits(0, "import tencent package.json keys.json list.json plans.json notes.json");
    assert_warned_once(&ran, "package.json", "is passed over, because it is not an answer that is read here");
    assert_warned_once(&ran, "list.json", "is passed over, because it must be an object, not an array");
    assert_warned_once(&ran, "notes.json", "is passed over, because it must be JSON: expected value");
    assert!(!cli.document()["keys"].as_array().expect("keys").is_empty());
    // Nothing was read, or it was said what the file is.
    assert_contains(&cli.refused("import tencent package.json notes.json"), "notes.json: must be JSON");
    assert_contains(
        &cli.refused("import tencent keys.json usagePlan-x=list.json"),
        "list.json: must be an object",
    );
}
