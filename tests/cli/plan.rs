//! `usage-plan plan`

use serde_json::json;

use crate::cli::{Cli, EXAMPLE, assert_contains, assert_text};

#[test]
fn a_plan_is_created_with_its_limits() {
    let cli = Cli::empty();
    let plan = cli.json(
        "plan create --name gold --max-requests-per-second 1000 --burst 2000 \
         --quota 100000/day --quota 1000000/month@+08:00 --warn-at 80 --warn-at 95 --counter-per key,environment \
         --enforcement observe --region ap-guangzhou --remark 'paying callers'",
    );
    let kept = cli.document()["usage_plans"][0].clone();
    let id = kept["id"].as_str().expect("text");
    assert!(id.starts_with("usagePlan-") && id.len() == 18, "{id}");
    let expected = json!({
        "id": id, "name": "gold", "max_requests_per_second": 1000, "burst": 2000,
        "quotas": [{"max_requests": 100_000, "period": "day"},
                   {"max_requests": 1_000_000, "period": "month", "utc_offset": "+08:00"}],
        "warn_at": [80, 95], "counter_per": ["key", "environment"], "enforcement": "observe", "region": "ap-guangzhou",
        "remark": "paying callers", "created_at": kept["created_at"],
    });
    assert_eq!(kept, expected);
    assert_eq!(plan["id"], kept["id"]);
    let list = cli.done("plan list");
    let limits = list.lines().nth(1).and_then(|line| line.split("  ").nth(2));
    assert_eq!(limits, Some("1000/s, burst 2000, 100000/day, 1000000/month@+08:00"));
}

#[test]
fn limits_are_edited_and_removed() {
    let cli = Cli::with(EXAMPLE);
    let mut expected = cli.document()["usage_plans"][0].clone();
    cli.done("plan edit gold --max-requests-per-second 2000 --quota 5/total");
    expected["max_requests_per_second"] = json!(2000);
    expected["quotas"] = json!([{"max_requests": 5, "period": "total"}]);
    assert_eq!(cli.document()["usage_plans"][0], expected);
    for unlimited in ["-1", "unlimited"] {
        cli.done(&format!("plan edit gold --max-requests-per-second {unlimited} --quota '' --remark ''"));
        let plan = cli.document()["usage_plans"][0].clone();
        assert_eq!(plan["max_requests_per_second"], -1);
        assert_eq!((plan.get("quotas"), plan.get("remark")), (None, None));
        assert_contains(&cli.done("plan list"), "  unlimited  ");
        cli.done("plan edit gold --max-requests-per-second 7");
    }
    cli.done("plan edit gold --name platinum");
    assert_eq!(cli.json("plan show platinum")["id"], "usagePlan-gold");
}

#[test]
fn a_plan_says_what_happens_while_the_engine_cannot_be_asked() {
    let cli = Cli::with(EXAMPLE);
    for (flag, expected) in [
        ("deny", json!({"rate": "deny", "quota": "deny"})),
        ("allow", json!({"rate": "allow", "quota": "allow"})),
        ("grace=5", json!({"quota": "grace", "grace_percent": 5})),
        ("local_share,grace", json!({"rate": "local_share", "quota": "grace"})),
        ("rate=allow,quota=deny", json!({"rate": "allow", "quota": "deny"})),
    ] {
        cli.done(&format!("plan edit gold --on-engine-down {flag}"));
        assert_eq!(cli.document()["usage_plans"][0]["on_engine_down"], expected, "{flag}");
    }
    cli.done("plan edit gold --on-engine-down ''");
    assert_eq!(cli.document()["usage_plans"][0].get("on_engine_down"), None);
    cli.done("plan create --name billed --on-engine-down deny");
    assert_eq!(cli.json("plan show billed")["on_engine_down"], json!({"rate": "deny", "quota": "deny"}));
}

#[test]
fn limits_that_the_document_does_not_accept_are_refused_with_the_rule() {
    let cli = Cli::with(EXAMPLE);
    for (status, options, expected) in [
        (2, "--max-requests-per-second 0", "error: --max-requests-per-second: must be -1 (no limit) or 1 to"),
        (2, "--max-requests-per-second many", "must be a whole number or \"unlimited\""),
        (2, "--quota 5/fortnight", "error: --quota: period must be \"minute\" or \"hour\""),
        (2, "--quota 5", "must be a number, a slash and a period, such as 100000/day"),
        (2, "--quota 5/day@8", "error: --quota: utc_offset must be an offset such as"),
        (
            2,
            "--quota 5/day --quota 6/day",
            "error: --quota (number 2): has the period and the offset of a quota before it",
        ),
        (2, "--burst 5 --max-requests-per-second -1", "error: --burst: needs max_requests_per_second"),
        (2, "--max-requests-per-second '' --burst 5", "error: --burst: needs max_requests_per_second"),
        (2, "--warn-at 101", "error: --warn-at: must be 1 to 100"),
        (
            2,
            "--counter-per region --enforcement no",
            "error: no document accepts these values:\n  --counter-per: must be \"key\" or \"environment\"\n  \
             --enforcement: must be",
        ),
        (
            2,
            "--on-engine-down maybe",
            "must be allow, deny, local_share, grace, grace=PERCENT, rate=POLICY or",
        ),
        (2, "--on-engine-down deny,local_share", "says rate twice"),
        (2, "--on-engine-down grace=0", "error: --on-engine-down: grace_percent must be 1 to 100"),
        (2, "--on-engine-down grace=all", "must be a whole number"),
        (
            2,
            "--on-engine-down rate=grace",
            "error: --on-engine-down: rate must be \"local_share\" or \"deny\"",
        ),
        (2, "--counter-per region", "error: --counter-per: must be \"key\" or \"environment\""),
    ] {
        assert_contains(&cli.fails(status, &format!("plan edit gold {options}")), expected);
    }
}

#[test]
fn names_that_the_document_does_not_accept_are_refused_with_the_rule() {
    let cli = Cli::with(EXAMPLE);
    assert_contains(
        &cli.fails(2, "plan create --name a-b"),
        "error: --name: must be up to 50 of A-Z a-z 0-9 _\n",
    );
    assert_contains(&cli.refused("plan create --name gold"), "a usage plan has the name \"gold\" already");
}

#[test]
fn plans_are_listed_with_limits_and_bindings() {
    let cli = Cli::with(EXAMPLE);
    cli.done("plan create --name silver --id usagePlan-silver");
    let table = cli.done("plan list gold");
    assert_text(
        &table,
        "NAME  STATUS    LIMITS  KEYS       ENVIRONMENTS    AGE\n\
         gold  enforced  1000/s  acme beta  orders/release\n",
    );
    assert_eq!(cli.json("plan list silv")[0]["id"], "usagePlan-silver");
    assert_eq!(cli.json("plan show gold"), cli.document()["usage_plans"][0]);
    assert_contains(&cli.refused("plan show bronze"), "`usage-plan plan list` shows which there are");
}

#[test]
fn a_plan_is_deleted_when_it_is_bound_to_nothing() {
    let cli = Cli::with(EXAMPLE);
    let first = [
        "plan unbind-key usagePlan-gold AKIDacme0001",
        "plan unbind-key usagePlan-gold AKIDbeta0001",
        "plan unbind-environment usagePlan-gold service-orders release",
    ];
    let listed = first.map(|line| format!("\n  usage-plan {line}")).concat();
    assert_text(
        &cli.refused("plan delete gold"),
        &format!("error: usage plan gold (usagePlan-gold) is bound; first:{listed}\n"),
    );
    for line in first {
        cli.done(line);
    }
    assert_text(&cli.done("plan delete gold"), "usage plan gold (usagePlan-gold) is deleted\n");
    assert_eq!(cli.document()["usage_plans"], json!([]));
    for name in ["silver", "bronze"] {
        cli.done(&format!("plan create --name {name}"));
    }
    let deleted = cli.json("plan delete silver bronze");
    assert_eq!(deleted["usage_plans"].as_array().map(Vec::len), Some(2));
    assert_eq!(cli.document()["usage_plans"], json!([]));
}

#[test]
fn plans_are_listed_by_service() {
    let cli = Cli::with(EXAMPLE);
    cli.done("plan create --name silver");
    cli.done("service create --name shop --domain shop.example.com");
    assert_eq!(cli.json("plan list --service orders")[0]["id"], "usagePlan-gold");
    assert_eq!(cli.json("plan list --service orders").as_array().map(Vec::len), Some(1));
    assert_eq!(cli.json("plan list --service shop"), json!([]));
    cli.refused("plan list --service nowhere");
}
