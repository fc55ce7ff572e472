//! `usage-plan import kong`

use std::fs;

use serde_json::json;

use super::{assert_every_prefix_is_imported_or_refused, assert_warned, assert_warned_once, cli, object};
use crate::cli::{Cli, assert_contains, assert_hides, assert_text, parse_json};

#[test]
fn credentials_limits_and_hosts_become_keys_plans_and_services() {
    let cli = cli("kong");
    cli.exits(0, "import kong kong.yaml");
    let document = cli.document();
    assert_eq!(
        *object(&document, "keys", "acme-key-1"),
        json!({"name": "acme", "secret_id": "acme-key-1", "secret_key": "acme-secret-key-0001",
            "remark": "custom_id 4711, tags team-a"})
    );
    assert_eq!(
        *object(&document, "services", "orders"),
        json!({"id": "orders", "name": "orders", "domains": ["orders.example.com", "*.orders.example.com"],
            "environments": ["release"], "path_mappings": [{"path": "/", "environment": "release"}]})
    );
    assert_eq!(object(&document, "services", "users_v2")["domains"], json!(["users.example.com"]));
    let environments = json!([{"service": "orders", "environment": "release"},
        {"service": "users_v2", "environment": "release"}]);
    assert_eq!(
        document["usage_plans"],
        json!([
            // Two consumers of one credential each, with equal limits.
            {"id": "kong_5s_100m_10000d", "max_requests_per_second": 5, "counter_per": ["key"],
             "quotas": [{"max_requests": 100, "period": "minute"}, {"max_requests": 10000, "period": "day"}],
             "keys": ["acme-key-1", "beta-key-1"], "environments": environments},
            // A consumer whose credentials are counted together.
            {"id": "kong_consumer_gamma", "quotas": [{"max_requests": 1000, "period": "hour"}],
             "keys": ["gamma-key-1", "gamma-key-2"], "environments": environments},
            // A plugin that is switched off limits nobody.
            {"id": "kong_unlimited", "keys": ["epsilon-key-1"], "environments": environments},
        ])
    );
}

#[test]
fn secrets_that_are_elsewhere_become_variables() {
    let cli = cli("kong");
    let ran = cli.exits(0, "import kong kong.yaml");
    let document = cli.document();
    assert_eq!(object(&document, "keys", "beta-key-1")["secret_key_env"], "DECK_BETA_SECRET");
    assert_eq!(object(&document, "keys", "gamma-key-1")["secret_key_env"], "GAMMA_SECRET");
    assert_warned(&ran, "key beta corp (beta-key-1)", "in the variable DECK_BETA_SECRET");
    assert_warned_once(&ran, "key gamma (gamma-key-1)", "in the variable GAMMA_SECRET");
}

#[test]
fn what_could_not_be_carried_over_is_reported_by_consumer_and_no_secret_is_shown() {
    let ran = cli("kong").exits(0, "import kong kong.yaml");
    for (object, expected) in [
        ("consumer zeta", "it has no hmac-auth credential"),
        ("key delta (delta-key-1)", "secret_key must be 10 to 50 of A-Z a-z 0-9 _ -"),
        ("key delta (delta-key-2)", "its secret is in a vault"),
        ("key delta (delta-key-3)", "the file does not have its secret"),
        ("key beta corp (beta-key-1)", "it is named beta_corp here"),
        ("key gamma (gamma-key-2)", "it is named gamma_2 here"),
        ("signatures", "callers must sign in another way"),
        ("limits", "Kong counts in windows of the clock"),
        ("service orders", "route anywhere is left out: it has no hosts"),
        ("service orders", "host orders.example.* is left out"),
        ("service users.v2", "host orders.example.com is left out: service orders has it already"),
        ("service users.v2", "route open is left out: it has no hmac-auth"),
        ("service public", "route public is left out: it has no hmac-auth"),
    ] {
        assert_warned(&ran, object, expected);
    }
    assert_contains(&ran.stderr, "services[0].plugins[1]: acl is not carried over");
    assert_contains(&ran.stderr, "services[1].routes[0].plugins[1]: rate-limiting is not");
    for secret in ["dpa55word", "acme-secret-key"] {
        assert_hides(&ran, secret);
    }
}

#[test]
fn a_second_import_changes_nothing_and_a_dry_run_writes_nothing() {
    let cli = cli("kong");
    cli.exits(0, "import kong kong.yaml --dry-run");
    assert!(!cli.has_document());
    cli.exits(0, "import kong kong.yaml");
    let before = cli.text();
    let answer = parse_json(&cli.exits(0, "import kong kong.yaml --output json").stdout);
    assert_eq!(answer["changed"], false);
    assert_text(&cli.text(), &before);
    assert_eq!(answer["keys"], json!({"added": 0, "kept": 5, "left_out": 3}));
    assert_eq!(answer["usage_plans"], json!({"added": 0, "kept": 3, "left_out": 0}));
}

#[test]
fn json_top_level_lists_and_plugins_on_everything_are_read() {
    let cli = cli("kong");
    cli.exits_with_input(0, "import kong -", fs::read(cli.path("kong.json")).expect("read"));
    let document = cli.document();
    assert_eq!(document["services"][0]["domains"], json!(["orders.example.com"]));
    assert_eq!(document["usage_plans"][0]["id"], "kong_20s");
    assert_eq!(document["usage_plans"][0]["keys"], json!(["acme-key-1"]));
}

#[test]
fn limits_that_the_document_does_not_accept_leave_the_plan_out_and_its_keys_unbound() {
    let cli = Cli::empty();
    let text = "_format_version: '3.0'\nconsumers:\n- username: acme\n  hmacauth_credentials:\n  \
                - {username: acme-key-1, secret: acme-secret-key-0001}\n  plugins:\n  \
                - {name: rate-limiting, config: {second: 0.5}}\n";
    assert_warned_once(
        &cli.exits_with_input(0, "import kong -", text),
        "usage plan kong_0_5s",
        "max_requests_per_second must be a whole number",
    );
    assert_eq!(cli.document()["usage_plans"], json!(null));
    assert_eq!(cli.document()["keys"].as_array().map(Vec::len), Some(1));
}

#[test]
fn names_that_differ_only_in_what_an_id_may_not_have_get_separate_plans() {
    let cli = Cli::empty();
    let consumer = |name: &str, limit: u32, id: &str| {
        format!(
            "- username: {name}\n  hmacauth_credentials:\n  \
             - {{username: {id}-1, secret: acme-secret-key-0001}}\n  \
             - {{username: {id}-2, secret: acme-secret-key-0002}}\n  plugins:\n  \
             - {{name: rate-limiting, config: {{second: {limit}}}}}\n"
        )
    };
    let text = format!(
        "_format_version: '3.0'\nconsumers:\n{}{}",
        consumer("a.b", 5, "first"),
        consumer("a@b", 50, "second")
    );
    cli.exits_with_input(0, "import kong -", &text);
    let document = cli.document();
    let plan = |id| object(&document, "usage_plans", id);
    assert_eq!(plan("kong_consumer_a_b")["max_requests_per_second"], 5);
    assert_eq!(plan("kong_consumer_a_b_2")["max_requests_per_second"], 50);
    assert_eq!(plan("kong_consumer_a_b_2")["keys"], json!(["second-1", "second-2"]));
}

#[test]
fn a_file_that_is_not_a_deck_file_is_an_error() {
    let cli = Cli::empty();
    for (text, expected) in [
        ("", "kong.yaml: must be an object, not null"),
        ("consumers: []", "kong.yaml: is not a decK file: it has no _format_version"),
        ("a: [acme-secret-key-0001", "kong.yaml: must be YAML or JSON, and cannot be read at line 1"),
        ("_format_version: '3.0'\nconsumers: {}", "kong.yaml: consumers: must be an array, not an object"),
        (
            "_format_version: '3.0'\nconsumers: [{}]",
            "kong.yaml: consumers[0]: has neither username nor custom_id",
        ),
        (
            "_format_version: '3.0'\nhmacauth_credentials: [{consumer: nobody, username: a}]",
            "kong.yaml: hmacauth_credentials[0]: names no consumer of the file",
        ),
    ] {
        cli.write("kong.yaml", text);
        let error = cli.refused("import kong kong.yaml");
        assert_contains(&error, expected);
        assert!(!error.contains("acme-secret"), "{error}");
    }
    cli.fails(3, "import kong nowhere.yaml");
}

#[test]
fn no_prefix_of_a_deck_file_makes_the_command_panic() {
    let secrets = ["acme-secret-key-0001", "dpa55word"];
    assert_every_prefix_is_imported_or_refused("kong", "kong.yaml", &secrets);
}
