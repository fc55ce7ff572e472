//! `usage-plan service`

use serde_json::json;

use crate::cli::{Cli, EXAMPLE};

#[test]
fn a_service_is_created_with_what_it_is() {
    let cli = Cli::empty();
    cli.done(&[
        "service",
        "create",
        "--name",
        "shop",
        "--domain",
        "*.shop.example.com",
        "--domain",
        "shop.example.com",
        "--environment",
        "live",
        "--environment",
        "test",
        "--default-environment",
        "live",
        "--path-mapping",
        "/v1=live",
        "--authentication",
        "none",
        "--required-signed-header",
        "host",
    ]);
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
fn lists_are_edited_whole_and_taken_away() {
    let cli = Cli::with(EXAMPLE);
    cli.done(&[
        "service",
        "edit",
        "orders",
        "--name",
        "orders-2",
        "--domain",
        "a.example.com",
        "--path-mapping",
        "/v1=test",
    ]);
    cli.done(&["service", "edit", "orders-2", "--path-mapping", "", "--default-environment", ""]);
    let expected = json!({
        "id": "service-orders", "name": "orders-2", "domains": ["a.example.com"],
        "environments": ["release", "prepub", "test"],
    });
    assert_eq!(cli.document()["services"][0], expected);
}

#[test]
fn what_the_document_does_not_take_is_refused_with_the_rule() {
    let cli = Cli::with(EXAMPLE);
    let error = cli.refused(&["service", "edit", "orders", "--environment", "live"]);
    for expected in [
        "services[0].default_environment: service \"service-orders\" has no environment \"release\"",
        "usage_plans[0].environments[0].environment: service \"service-orders\" has no environment \"release\"",
    ] {
        assert!(error.contains(expected), "{error}");
    }
    let create = |domain: &str| cli.refused(&["service", "create", "--name", "shop", "--domain", domain]);
    assert!(
        create("orders.example.com").contains("\"orders.example.com\" is a domain of services[0] already")
    );
    assert!(create("shop:80").contains("services[1].domains[0]: must be a host"));
    assert!(cli.fails(2, &["service", "create", "--name", "shop"]).contains("--domain is missing"));
    let error = cli.fails(2, &["service", "edit", "orders", "--path-mapping", "/v1"]);
    assert!(error.contains("must be a path, = and an environment"), "{error}");
}

#[test]
fn services_are_listed_with_environments_and_plans() {
    let cli = Cli::with(EXAMPLE);
    assert_eq!(
        cli.done(&["service", "list"]),
        "NAME    ID              DOMAINS             ENVIRONMENTS          AUTHENTICATION  USAGE PLANS     CREATED\n\
         orders  service-orders  orders.example.com  release* prepub test  key_pair        usagePlan-gold\n"
    );
    assert_eq!(cli.json(&["service", "list", "nothing"]), json!([]));
    let shown = cli.json(&["service", "show", "orders"]);
    assert_eq!(shown["usage_plans"], json!([{"usage_plan": "usagePlan-gold", "environment": "release"}]));
}

#[test]
fn a_service_is_deleted_when_no_plan_is_bound_to_it() {
    let cli = Cli::with(EXAMPLE);
    assert_eq!(
        cli.refused(&["service", "delete", "orders"]),
        "error: service orders (service-orders) is bound; unbind it first:\n  \
         usage-plan plan unbind-environment usagePlan-gold service-orders release\n"
    );
    cli.done(&["plan", "unbind-environment", "usagePlan-gold", "service-orders", "release"]);
    cli.done(&["service", "delete", "orders"]);
    assert_eq!(cli.document()["services"], json!([]));
}
