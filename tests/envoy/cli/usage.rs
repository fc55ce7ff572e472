//! `usage-plan usage`: the numbers are those of the requests that were sent, and what is left is the rest.

use serde_json::{Value, json};
use testbed::{Envoy, Request, Signer};

use super::{Cli, HOST, admins, send};

/// A plan without calls, one with a limit, one with a quota, and one that observes.
fn document() -> Value {
    let bound = |environment| json!([{"service": "service-orders", "environment": environment}]);
    json!({
        "services": [
            {"id": "service-orders", "domains": [HOST], "environments": ["release", "test", "prepub"]},
        ],
        "keys": [
            {"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001",
             "previous_secret_key": "acme-secret-key-0000",
             "previous_secret_key_not_after": "2100-01-01T00:00:00Z"},
            {"name": "trial", "secret_id": "AKIDtrial001", "secret_key": "trial-secret-key-0001"},
        ],
        "usage_plans": [
            {"id": "usagePlan-idle", "name": "idle", "keys": [], "environments": []},
            {"id": "usagePlan-gold", "name": "gold", "max_requests_per_second": 1,
             "keys": ["AKIDacme0001"], "environments": bound("release")},
            {"id": "usagePlan-trial", "name": "trial", "quotas": [{"max_requests": 3, "period": "total"}],
             "keys": ["AKIDtrial001"], "environments": bound("test")},
            {"id": "usagePlan-new", "name": "new", "max_requests_per_second": 1, "enforcement": "observe",
             "keys": ["AKIDtrial001"], "environments": bound("prepub")},
        ],
    })
}

/// How many of `calls` calls ended with each status.
fn calls(envoy: &Envoy, calls: usize, caller: &Signer, path: &str) -> (u64, u64, u64) {
    let mut ended = (0, 0, 0);
    for _ in 0..calls {
        match send(envoy, &caller.sign(Request::get(HOST, path))).status {
            200 => ended.0 += 1,
            429 => ended.1 += 1,
            401 => ended.2 += 1,
            status => panic!("{status}"),
        }
    }
    ended
}

/// What `usage --output json` prints about these Envoys.
fn usage(cli: &Cli, envoys: &[&Envoy]) -> Value {
    let printed = cli.done(&format!("usage --output json{}", admins(envoys)));
    serde_json::from_str(&printed).expect("JSON")
}

/// The numbers of a plan, as `ADMITTED, RATE LIMITED, QUOTA EXCEEDED, OTHER`.
fn numbers(usage: &Value, id: &str) -> [u64; 4] {
    let plans = usage["usage_plans"].as_array().expect("plans");
    let plan = plans.iter().find(|plan| plan["id"] == id).unwrap_or_else(|| panic!("{id} is not in {usage}"));
    ["admitted", "rate_limited", "quota_exceeded", "other"].map(|name| plan[name].as_u64().expect("a number"))
}

#[test]
fn the_numbers_are_those_of_what_was_sent_and_several_envoys_are_added_up() {
    let cli = Cli::with(&document());
    let [one, other] = [(); 2].map(|()| Envoy::start(&cli.config().concurrency(2)));
    let new = Signer::new("AKIDacme0001", "acme-secret-key-0001");
    let old = Signer::new("AKIDacme0001", "acme-secret-key-0000");
    let forger = Signer::new("AKIDacme0001", "not-the-secret-key");
    let trial = Signer::new("AKIDtrial001", "trial-secret-key-0001");

    let (by_new, by_old) = (calls(&one, 40, &new, "/release/x"), calls(&one, 20, &old, "/release/x"));
    // How many of them come within a second depends on the machine.
    assert!(by_new.0 >= 1 && by_new.2 + by_old.2 == 0, "{by_new:?} {by_old:?}");
    assert_eq!(calls(&one, 7, &forger, "/release/x"), (0, 0, 7));
    assert_eq!(calls(&one, 5, &trial, "/test/x"), (3, 2, 0));
    assert_eq!(calls(&one, 6, &trial, "/prepub/x"), (6, 0, 0));
    assert_eq!(send(&one, &Request::get("other.example.com", "/")).status, 404);
    assert_eq!(send(&one, &Request::get(HOST, "/release/x")).status, 401);

    let first = usage(&cli, &[&one]);
    let (admitted, limited) = (by_new.0 + by_old.0, by_new.1 + by_old.1);
    assert_eq!(numbers(&first, "usagePlan-idle"), [0; 4]);
    assert_eq!(numbers(&first, "usagePlan-gold"), [admitted, limited, 0, 0]);
    assert_eq!(numbers(&first, "usagePlan-trial"), [3, 0, 2, 0]);
    assert_eq!(numbers(&first, "usagePlan-new"), [6, 0, 0, 0]);
    let without_plan = json!({"signature_mismatch": 7, "service_not_found": 1, "credential_missing": 1});
    assert_eq!(first["without_plan"], without_plan);
    let uses = json!([{"secret_id": "AKIDacme0001", "uses": {"current": 40, "previous": 20}}]);
    assert_eq!(first["secret_uses"], uses);

    let elsewhere = calls(&other, 10, &new, "/release/x");
    let both = usage(&cli, &[&one, &other]);
    assert_eq!(numbers(&both, "usagePlan-gold"), [admitted + elsewhere.0, limited + elsewhere.1, 0, 0]);
    assert_eq!(numbers(&both, "usagePlan-trial"), [3, 0, 2, 0]);

    // As a table, with the document and without it.
    let table = cli.done(&format!("usage{}", admins(&[&one])));
    let row = |text: &str, first: &str| {
        let line =
            text.lines().find(|line| line.starts_with(first)).unwrap_or_else(|| panic!("{first}: {text}"));
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row(&table, "usagePlan-gold"), format!("usagePlan-gold gold 1/s {admitted} {limited} 0 0"));
    assert_eq!(row(&table, "usagePlan-idle"), "usagePlan-idle idle unlimited 0 0 0 0");
    assert_eq!(row(&table, "signature_mismatch"), "signature_mismatch 7");
    assert_eq!(row(&table, "acme"), "acme (AKIDacme0001) 40 20");
    let table = cli.done(&format!("usage --file none.json{}", admins(&[&one])));
    assert_eq!(row(&table, "usagePlan-gold"), format!("usagePlan-gold {admitted} {limited} 0 0"));
    assert!(!table.contains("usagePlan-idle"), "{table}");
}

#[test]
fn counts_are_those_since_envoy_started_and_a_later_document_is_said_to_have_come() {
    let cli = Cli::with(&document());
    let envoy = Envoy::start(&cli.config());
    let since = |expected: &str| {
        let text = cli.done(&format!("usage{}", admins(&[&envoy])));
        let line = text.lines().last().unwrap_or_default().to_owned();
        assert!(line.starts_with(&format!("{}: since Envoy started at ", envoy.admin())), "{line}");
        assert_eq!(line.contains("documents came later, the last at 20"), expected == "later", "{line}");
    };
    since("first");
    let mut edited = document();
    edited["usage_plans"][0]["name"] = json!("quiet");
    cli.write(&edited);
    cli.published(&[&envoy]);
    since("later");
}

#[test]
fn an_envoy_without_a_document_is_exit_code_1_and_shows_no_zeros() {
    let cli = Cli::with(&document());
    let serving = Envoy::start(&cli.config());
    let mut refused = document();
    refused["keys"][1] =
        json!({"secret_id": "AKIDtrial001", "secret_key_env": "USAGE_PLAN_NO_SUCH_VARIABLE"});
    cli.write(&refused);
    cli.published(&[]);
    let without = Envoy::start(&cli.config());
    let expected = format!("{}: no document is in force", without.admin());

    let alone = cli.run(&format!("usage{}", admins(&[&without])));
    assert_eq!((alone.status, alone.stdout.as_str()), (1, ""), "{alone:?}");
    assert!(alone.stderr.starts_with(&format!("error: {expected}")), "{alone:?}");

    let both = cli.run(&format!("usage{}", admins(&[&without, &serving])));
    assert_eq!(both.status, 1, "{both:?}");
    assert!(both.stderr.starts_with(&format!("warning: {expected}")), "{both:?}");
    assert!(both.stdout.contains("usagePlan-gold"), "{both:?}");
}

/// What `usage --key` prints of the key of [`document`](super::document), with one blank between two cells.
fn left(cli: &Cli, envoy: &Envoy) -> Vec<String> {
    let text = cli.done(&format!("usage --key acme --gateway http://{}", envoy.ingress()));
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect()
}

#[test]
fn what_is_left_to_a_key_is_what_it_has_not_spent_and_asking_costs_nothing() {
    let mut document = super::document(1_000_000);
    document["services"][0]["required_signed_headers"] = json!(["host", "source"]);
    let plan = &mut document["usage_plans"][0];
    *plan = json!({"id": "usagePlan-gold", "name": "gold", "keys": plan["keys"], "environments": plan["environments"],
        "quotas": [{"max_requests": 5, "period": "total"}],
        "apis": [{"methods": ["POST"], "path": "/orders/*", "quotas": [{"max_requests": 3, "period": "total"}]}]});
    document["options"] = json!({"usage_path": "/.usage-plan/usage"});
    let cli = Cli::with(&document);
    let envoy = Envoy::start(&cli.config().concurrency(2));
    let caller = Signer::new("AKIDacme0001", "acme-secret-key-0001").headers(&["x-date", "host", "source"]);
    let spend = |method: &str| {
        let request = Request::get(HOST, "/release/orders/1").method(method).header("source", "test");
        send(&envoy, &caller.sign(request)).status
    };
    let table = |used: [u64; 2]| {
        let row =
            |name: &str, limit: u64, used: u64| format!("total {name}{used} {limit} {} never", limit - used);
        vec![
            "key acme (AKIDacme0001) on usage plan gold (usagePlan-gold), in environment \"release\" of service \
             service-orders"
                .to_owned(),
            "LIMIT API USED MAXIMUM REMAINING RENEWS".to_owned(),
            row("", 5, used[0]),
            row("POST /orders/* ", 3, used[1]),
        ]
    };
    assert_eq!(left(&cli, &envoy), table([0, 0]));
    assert_eq!([spend("GET"), spend("GET"), spend("POST"), spend("POST")], [200; 4]);
    assert_eq!(left(&cli, &envoy), table([4, 2]));
    assert_eq!([spend("GET"), spend("GET")], [200, 429]);
    assert_eq!(left(&cli, &envoy), table([5, 2]));
    let json = cli.done(&format!("usage --key acme --output json --gateway http://{}", envoy.ingress()));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let expected = json!({"name": "total", "limit": 5, "used": 5, "remaining": 0, "renews_at": null});
    assert_eq!(json["limits"][0], expected);

    // What was asked is shown apart from what was called.
    let counted = usage(&cli, &[&envoy]);
    assert_eq!(numbers(&counted, "usagePlan-gold"), [5, 0, 1, 0]);
    assert_eq!(counted["usage_plans"][0]["usage_shown"], 4, "{counted}");
}

#[test]
fn a_gateway_that_has_another_document_in_force_is_told_apart() {
    let mut document = super::document(1_000_000);
    let cli = Cli::with(&document);
    let envoy = Envoy::start(&cli.config());
    // None of what follows is published.
    document["options"] = json!({"usage_path": "/.usage-plan/usage"});
    for (secret, expected) in [
        ("acme-secret-key-0001", "answers 200, and not what the filter shows"),
        (
            "acme-secret-key-0002",
            "answers 401: HMAC signature does not match\nthe document here would let it pass",
        ),
    ] {
        document["keys"][0]["secret_key"] = json!(secret);
        cli.write(&document);
        let ran = cli.run(&format!("usage --key acme --gateway http://{}", envoy.ingress()));
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{ran:?}");
        assert!(ran.stderr.contains(expected), "{ran:?}");
    }
}

#[test]
fn the_key_that_floods_is_named_and_so_is_the_quota_that_it_uses_up() {
    let [(acme, quiet), (flood, flooding)] = ["acme", "flood"].map(|name| {
        let (id, secret) = (format!("AKID{name}0001"), format!("{name}-secret-key-0001"));
        (json!({"name": name, "secret_id": id, "secret_key": secret}), Signer::new(&id, &secret))
    });
    let mut document = super::document(1_000_000);
    document["keys"] = json!([acme, flood]);
    document["options"] = json!({"metrics_per_key": true});
    let plan = &mut document["usage_plans"][0];
    plan["keys"] = json!([acme["secret_id"], flood["secret_id"]]);
    plan["counter_per"] = json!(["key"]);
    plan["quotas"] = json!([{"max_requests": 10, "period": "total"}]);
    plan["warn_at"] = json!([80, 95]);
    let cli = Cli::with(&document);
    let envoy = Envoy::start(&cli.config().concurrency(2));
    let warned = || {
        ["80", "95"].map(|percent| {
            let labels = [("plan", "usagePlan-gold"), ("limit", "total"), ("percent", percent)];
            envoy.metric("usage_plan_quota_warnings", &labels)
        })
    };
    assert_eq!(calls(&envoy, 7, &quiet, "/release/x"), (7, 0, 0));
    assert_eq!(warned(), [0.0, 0.0]);
    assert_eq!(calls(&envoy, 40, &flooding, "/release/x"), (10, 30, 0));
    assert_eq!(warned(), [1.0, 1.0]);

    let question = format!("usage --by key --sort refused --top 1{}", admins(&[&envoy]));
    let text = cli.done(&question);
    let row: Vec<&str> = text.lines().nth(1).expect("a row").split_whitespace().collect();
    assert_eq!(row.join(" "), "AKIDflood0001 flood gold 1000000/s, 10/total 10 0 30 0", "{text}");
    assert!(!text.contains("acme"), "{text}");
    let json: Value = serde_json::from_str(&cli.done(&format!("{question} --output json"))).expect("JSON");
    let keys = json["keys"].as_array().expect("keys");
    let [first] = &keys[..] else { panic!("{json}") };
    assert_eq!((&first["secret_id"], &first["refused"]), (&json!("AKIDflood0001"), &json!(30)));

    let status = cli.done(&format!("status{}", admins(&[&envoy])));
    assert!(status.contains("\n  near a quota  gold: 95% of total reached, once\n"), "{status}");
    assert!(status.contains("\n  refused most  flood (AKIDflood0001): 30\n"), "{status}");
}
