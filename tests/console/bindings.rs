//! `usage-plan plan bind-key`, `unbind-key`, `bind-environment`, `unbind-environment`

use serde_json::json;

use crate::cli::{Cli, EXAMPLE};

/// The example, with a second plan that is bound to nothing and a second key that is enabled.
fn cli() -> Cli {
    let cli = Cli::with(EXAMPLE);
    cli.done(&["plan", "create", "--name", "silver", "--id", "usagePlan-silver"]);
    cli.done(&["key", "create", "--name", "gamma", "--secret-id", "AKIDgamma001"]);
    cli
}

#[test]
fn keys_are_bound_and_unbound_several_at_once() {
    let cli = cli();
    let told = cli.done(&["plan", "bind-key", "silver", "gamma", "AKIDacme0001"]);
    assert_eq!(
        told,
        "key gamma (AKIDgamma001) is bound to usage plan silver (usagePlan-silver)\n\
         key acme (AKIDacme0001) is bound to usage plan silver (usagePlan-silver)\n"
    );
    assert_eq!(cli.document()["usage_plans"][1]["keys"], json!(["AKIDgamma001", "AKIDacme0001"]));
    assert_eq!(cli.json(&["plan", "bind-key", "silver", "gamma"])["changed"], false);
    cli.done(&["plan", "unbind-key", "silver", "gamma", "acme"]);
    assert_eq!(cli.document()["usage_plans"][1]["keys"], json!([]));
    assert_eq!(
        cli.refused(&["plan", "unbind-key", "silver", "gamma"]),
        "error: key gamma (AKIDgamma001) is not bound to usage plan silver (usagePlan-silver): \
         `usage-plan key show AKIDgamma001` shows what it is bound to\n"
    );
}

#[test]
fn environments_are_bound_and_unbound() {
    let cli = cli();
    let test = ["silver", "orders", "test"];
    let told = cli.done(&[&["plan", "bind-environment"], &test[..]].concat());
    assert_eq!(
        told,
        "usage plan silver (usagePlan-silver) is bound to environment \"test\" of service orders (service-orders)\n"
    );
    let bound = json!([{"service": "service-orders", "environment": "test"}]);
    assert_eq!(cli.document()["usage_plans"][1]["environments"], bound);
    assert_eq!(cli.json(&[&["plan", "bind-environment"], &test[..]].concat())["changed"], false);
    cli.done(&[&["plan", "unbind-environment"], &test[..]].concat());
    assert_eq!(cli.document()["usage_plans"][1]["environments"], json!([]));
    let error = cli.refused(&[&["plan", "unbind-environment"], &test[..]].concat());
    assert!(
        error.contains("is not bound to environment \"test\" of service orders (service-orders)"),
        "{error}"
    );
    assert_eq!(
        cli.refused(&["plan", "bind-environment", "silver", "orders", "prod"]),
        "error: service orders (service-orders) has no environment \"prod\"; it has release, prepub, test\n"
    );
}

#[test]
fn a_disabled_key_cannot_be_bound() {
    let error = cli().refused(&["plan", "bind-key", "silver", "gamma", "beta"]);
    assert_eq!(
        error,
        "error: key beta (AKIDbeta0001) is disabled, and a disabled key cannot be bound: \
         `usage-plan key enable AKIDbeta0001` first\n"
    );
}

/// SPEC section 2: both bindings can give a key two plans in one environment.
#[test]
fn the_conflict_rule_holds_from_both_sides_and_names_key_environment_and_plans() {
    let conflict = "error: ./usage-plans.json stays as it is, because it would break these rules:\n  \
        usage_plans[1]: key \"acme\" (AKIDacme0001) would have two plans in environment \"release\" of service \
        \"service-orders\": \"usagePlan-gold\" and \"usagePlan-silver\"\n\
        a key has at most one plan in an environment of a service: unbind the key or the environment from one of \
        the two plans first\n";
    let key_last = cli();
    key_last.done(&["plan", "bind-environment", "silver", "orders", "release"]);
    assert_eq!(key_last.refused(&["plan", "bind-key", "silver", "acme"]), conflict);

    let environment_last = cli();
    environment_last.done(&["plan", "bind-key", "silver", "acme"]);
    assert_eq!(
        environment_last.refused(&["plan", "bind-environment", "silver", "orders", "release"]),
        conflict
    );
    environment_last.done(&["plan", "bind-environment", "silver", "orders", "test"]);
}

#[test]
fn an_unknown_plan_key_or_service_is_named() {
    let cli = cli();
    for (arguments, expected) in [
        (["bind-key", "bronze", "acme"].as_slice(), "no usage plan has the id or the name \"bronze\""),
        (&["bind-key", "gold", "nobody"], "no key has the secret_id or the name \"nobody\""),
        (&["bind-environment", "gold", "shop", "release"], "no service has the id or the name \"shop\""),
    ] {
        let error = cli.refused(&[&["plan"], arguments].concat());
        assert!(error.contains(expected), "{error}");
    }
}
