//! `usage-plan service`

use serde_json::json;

use crate::cli::{Cli, EXAMPLE, assert_contains, assert_text};

#[test]
fn a_service_is_created_with_all_that_is_given() {
    let cli = Cli::empty();
    cli.done(
        "service create --name shop --domain '*.shop.example.com' --domain shop.example.com \
         --environment live --environment test --default-environment live --path-mapping /v1=live \
         --authentication none --required-signed-header host",
    );
    let service = cli.document()["services"][0].clone();
    let id = service["id"].as_str().expect("text");
    assert!(id.starts_with("service-") && id.len() == 16, "{id}");
    let expected = json!({
        "id": id, "name": "shop", "domains": ["*.shop.example.com", "shop.example.com"],
        "environments": ["live", "test"], "default_environment": "live",
        "path_mappings": [{"path": "/v1", "environment": "live"}], "authentication": "none",
        "required_signed_headers": ["host"], "created_at": service["created_at"],
    });
    assert_eq!(service, expected);
}

#[test]
fn lists_are_edited_whole_and_removed() {
    let cli = Cli::with(EXAMPLE);
    cli.done("service edit orders --name orders-2 --domain a.example.com --path-mapping /v1=test");
    cli.done("service edit orders-2 --path-mapping '' --default-environment ''");
    let expected = json!({
        "id": "service-orders", "name": "orders-2", "domains": ["a.example.com"],
        "environments": ["release", "prepub", "test"],
    });
    assert_eq!(cli.document()["services"][0], expected);
}

#[test]
fn what_the_document_does_not_accept_is_refused_with_the_rule() {
    let cli = Cli::with(EXAMPLE);
    let error = cli.refused("service edit orders --environment live");
    for path in ["services[0].default_environment", "usage_plans[0].environments[0].environment"] {
        assert_contains(
            &error,
            &format!("{path}: service \"service-orders\" has no environment \"release\""),
        );
    }
    for (status, line, expected) in [
        (
            1,
            "service create --name shop --domain orders.example.com",
            "  --domain: \"orders.example.com\" is a domain of services[0] already",
        ),
        (2, "service create --name shop --domain shop:80", "error: --domain: must be a host"),
        (2, "service create --name shop", "--domain is missing"),
        (2, "service edit orders --path-mapping /v1", "must be a path, = and an environment"),
    ] {
        assert_contains(&cli.fails(status, line), expected);
    }
}

#[test]
fn services_are_listed_with_environments_and_plans() {
    let cli = Cli::with(EXAMPLE);
    assert_text(
        &cli.done("service list"),
        "NAME    DOMAINS             ENVIRONMENTS          AUTHENTICATION  USAGE PLANS  AGE\n\
         orders  orders.example.com  release* prepub test  key_pair        gold\n",
    );
    assert_text(
        &cli.done("service list -o wide"),
        "NAME    ID              DOMAINS             ENVIRONMENTS          AUTHENTICATION  \
         USAGE PLANS     CREATED\n\
         orders  service-orders  orders.example.com  release* prepub test  key_pair        \
         usagePlan-gold\n",
    );
    assert_eq!(cli.json("service list nothing"), json!([]));
    let shown = cli.json("service show orders");
    assert_eq!(shown["usage_plans"], json!([{"usage_plan": "usagePlan-gold", "environment": "release"}]));
}

#[test]
fn a_service_is_deleted_when_no_plan_is_bound_to_it() {
    let cli = Cli::with(EXAMPLE);
    assert_text(
        &cli.refused("service delete orders"),
        "error: service orders (service-orders) is bound; first:\n  \
         usage-plan plan unbind-environment usagePlan-gold service-orders release\n",
    );
    cli.done("plan unbind-environment usagePlan-gold service-orders release");
    cli.done("service delete orders");
    assert_eq!(cli.document()["services"], json!([]));
}
