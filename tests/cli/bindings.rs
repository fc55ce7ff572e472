//! `usage-plan plan bind-key`, `unbind-key`, `bind-environment`, `unbind-environment`

use serde_json::json;

use crate::cli::{Cli, EXAMPLE, Edit, assert_contains, assert_text, example};

/// The example, with a second plan that is bound to nothing and a second key that is enabled.
fn cli() -> Cli {
    let cli = Cli::with(EXAMPLE);
    cli.done("plan create --name silver --id usagePlan-silver");
    cli.done("key create --name gamma --secret-id AKIDgamma001");
    cli
}

#[test]
fn keys_are_bound_and_unbound_several_at_once() {
    let cli = cli();
    assert_text(
        &cli.done("plan bind-key silver gamma AKIDacme0001"),
        "key gamma (AKIDgamma001) is bound to usage plan silver (usagePlan-silver)\n\
         key acme (AKIDacme0001) is bound to usage plan silver (usagePlan-silver)\n",
    );
    assert_eq!(cli.document()["usage_plans"][1]["keys"], json!(["AKIDgamma001", "AKIDacme0001"]));
    assert_eq!(cli.json("plan bind-key silver gamma")["changed"], false);
    cli.done("plan unbind-key silver gamma acme");
    assert_eq!(cli.document()["usage_plans"][1]["keys"], json!([]));
    assert_text(
        &cli.refused("plan unbind-key silver gamma"),
        "error: key gamma (AKIDgamma001) is not bound to usage plan silver (usagePlan-silver): \
         `usage-plan key show AKIDgamma001` shows what it is bound to\n",
    );
}

#[test]
fn environments_are_bound_and_unbound() {
    let cli = cli();
    assert_text(
        &cli.done("plan bind-environment silver orders test"),
        "usage plan silver (usagePlan-silver) is bound to environment \"test\" \
         of service orders (service-orders)\n",
    );
    let bound = json!([{"service": "service-orders", "environment": "test"}]);
    assert_eq!(cli.document()["usage_plans"][1]["environments"], bound);
    assert_eq!(cli.json("plan bind-environment silver orders test")["changed"], false);
    cli.done("plan unbind-environment silver orders test");
    assert_eq!(cli.document()["usage_plans"][1]["environments"], json!([]));
    assert_contains(
        &cli.refused("plan unbind-environment silver orders test"),
        "is not bound to environment \"test\" of service orders (service-orders)",
    );
    assert_text(
        &cli.refused("plan bind-environment silver orders prod"),
        "error: service orders (service-orders) has no environment \"prod\"; \
         it has release, prepub, test\n",
    );
}

#[test]
fn environments_are_bound_several_at_once_all_or_none() {
    let cli = cli();
    cli.refused("plan bind-environment silver orders test prod");
    let bound = cli.json("plan bind-environment silver orders prepub test prepub");
    assert_eq!(bound["environments"], json!(["prepub", "test"]));
    cli.refused("plan unbind-environment silver orders test release");
    cli.done("plan unbind-environment silver orders test prepub");
    assert_eq!(cli.document()["usage_plans"][1]["environments"], json!([]));
}

#[test]
fn an_environment_that_no_path_reaches_is_bound_with_a_warning() {
    let mapping = json!([{"path": "/v1", "environment": "prepub"}]);
    let cli = Cli::with(example().with("/services/0/path_mappings", mapping));
    let ran = cli.exits(0, "plan bind-environment gold orders release prepub test");
    assert_text(
        &ran.stderr,
        "warning: no path reaches environment \"test\" of service orders (service-orders): none of its \
         path_mappings names it, and a path that matches none does not lead there either\n",
    );
}

#[test]
fn a_disabled_key_cannot_be_bound() {
    assert_text(
        &cli().refused("plan bind-key silver gamma beta"),
        "error: key beta (AKIDbeta0001) is disabled, and a disabled key cannot be bound: \
         `usage-plan key enable AKIDbeta0001` first\n",
    );
}

/// Either binding can be the one that gives a key two plans in one environment: see `docs/rules.md#conflict`.
#[test]
fn the_conflict_rule_holds_from_both_sides_and_names_key_environment_and_plans() {
    let conflict = "error: ./usage-plans.json stays as it is, because it would break these rules:\n  \
        usage_plans[1]: key \"acme\" (AKIDacme0001) would have two plans in environment \"release\" \
        of service \"service-orders\": \"usagePlan-gold\" and \"usagePlan-silver\"\n\
        a key has at most one plan in an environment of a service: ";
    let key_last = cli();
    key_last.done("plan bind-environment silver orders release");
    assert_text(
        &key_last.refused("plan bind-key silver acme"),
        &format!("{conflict}with --move, the key leaves the other plan for this one\n"),
    );

    let environment_last = cli();
    environment_last.done("plan bind-key silver acme");
    assert_text(
        &environment_last.refused("plan bind-environment silver orders release"),
        &format!("{conflict}unbind the key or the environment from one of the two plans first\n"),
    );
    environment_last.done("plan bind-environment silver orders test");
}

#[test]
fn a_key_moves_to_another_plan_in_one_edit_that_says_which_plan_it_left() {
    let cli = cli();
    cli.done("plan bind-environment silver orders release");
    assert_text(
        &cli.done("plan bind-key silver acme gamma --move"),
        "key acme (AKIDacme0001) is bound to usage plan silver (usagePlan-silver)\n\
         key gamma (AKIDgamma001) is bound to usage plan silver (usagePlan-silver)\n\
         key acme (AKIDacme0001) is no longer bound to usage plan gold (usagePlan-gold)\n",
    );
    let plans = cli.document()["usage_plans"].clone();
    assert_eq!(plans[0]["keys"], json!(["AKIDbeta0001"]));
    assert_eq!(plans[1]["keys"], json!(["AKIDacme0001", "AKIDgamma001"]));
    let back = cli.json("plan bind-key gold acme --move");
    assert_eq!(back["left"], json!([{"key": "AKIDacme0001", "usage_plan": "usagePlan-silver"}]));
    assert_contains(&cli.refused("plan bind-key silver beta --move"), "a disabled key cannot be bound");
}

#[test]
fn an_unknown_plan_key_or_service_is_named() {
    let cli = cli();
    for (line, expected) in [
        ("plan bind-key bronze acme", "no usage plan has the id or the name \"bronze\""),
        ("plan bind-key gold nobody", "no key has the secret_id or the name \"nobody\""),
        ("plan bind-environment gold shop release", "no service has the id or the name \"shop\""),
    ] {
        assert_contains(&cli.refused(line), expected);
    }
}
