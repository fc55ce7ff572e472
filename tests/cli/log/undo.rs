//! `usage-plan undo`: a new edit that takes one back, or the reason why not.

use serde_json::json;

use super::{entries, last};
use crate::cli::{Cli, EXAMPLE, assert_contains, assert_text, example};

#[test]
fn the_last_edit_is_taken_back_by_an_edit_that_can_be_taken_back() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key disable acme");
    let disabled = last(&cli);
    assert_contains(&cli.done("undo --dry-run"), "-      \"status\": \"disabled\"\n");
    assert_eq!(entries(&cli).len(), 2);
    assert_text(
        &cli.done("undo"),
        &format!("{disabled} is taken back: key disable acme\nkey acme (AKIDacme0001) is as before\n"),
    );
    assert_eq!(cli.document(), example());
    let undo = last(&cli);
    let list = cli.done("log");
    assert_contains(&list, &format!("key disable acme                    taken back by {undo}\n"));
    assert_contains(&list, &format!("undo of {disabled}: key disable acme"));
    assert_eq!(entries(&cli)[1]["undone_by"], undo.as_str());
    let answer = cli.json("undo");
    let expected = json!({
        "undo_of": undo, "what": "undo", "objects": ["key acme (AKIDacme0001)"], "changed": true,
    });
    assert_eq!(answer, expected);
    assert_eq!(cli.document()["keys"][0]["status"], "disabled");
    assert_eq!(entries(&cli)[1]["undone_by"], json!(null));
}

#[test]
fn an_edit_is_refused_where_later_ones_stand_in_its_way_and_they_are_named() {
    let cli = Cli::with(EXAMPLE);
    cli.done("plan edit gold --max-requests-per-second 5 --burst 7");
    let first = last(&cli);
    cli.done("plan edit gold --max-requests-per-second 6");
    let second = last(&cli);
    cli.done("key disable acme");
    assert_text(
        &cli.refused(&format!("undo {first}")),
        &format!(
            "error: {first} is not taken back, because what it changed was changed again:\n  \
             usage plan gold (usagePlan-gold): max_requests_per_second; by {second} (plan edit gold \
             --max-requests-per-second 6)\n\
             take back the later edits first, the last one first; or make the edit that you want\n"
        ),
    );
    cli.done(&format!("undo {second}"));
    cli.done(&format!("undo {first}"));
    assert_eq!(cli.document()["usage_plans"], example()["usage_plans"]);
    assert_eq!(cli.document()["keys"][0]["status"], "disabled");
}

#[test]
fn what_a_later_edit_needs_is_not_taken_away() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key create --name gamma --secret-id AKIDgamma001 --secret-key-env GAMMA");
    let created = last(&cli);
    cli.done("plan bind-key gold gamma");
    let bound = last(&cli);
    let error = cli.refused(&format!("undo {created}"));
    assert_contains(
        &error,
        &format!("because these later edits need it: {bound} (plan bind-key gold gamma)"),
    );
    assert_contains(&error, "usage_plans[0].keys[2]: no key has secret_id \"AKIDgamma001\"");
    cli.done(&format!("undo {bound}"));
    cli.done(&format!("undo {created}"));
    assert_eq!(cli.document(), example());
}

#[test]
fn a_secret_that_only_the_log_would_have_does_not_come_back_and_the_error_says_what_to_do() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key rotate beta --overlap 1h");
    // The document has the old secret, too.
    cli.done("undo");
    assert_eq!(cli.document(), example());
    cli.done("key rotate beta --now");
    let rotated = last(&cli);
    assert_text(
        &cli.refused("undo"),
        &format!(
            "error: {rotated} is not taken back: the log has no secrets, and the secret_key that key beta \
             (AKIDbeta0001) had before is no longer in the document. Whoever has it sets it with `usage-plan key \
             rotate AKIDbeta0001 --secret-key -`; `usage-plan key rotate AKIDbeta0001` makes a new one\n"
        ),
    );
    cli.done("plan unbind-key gold beta");
    cli.done("key delete beta");
    let deleted = last(&cli);
    let error = cli.refused("undo");
    assert_contains(&error, "`usage-plan key create --secret-id AKIDbeta0001 --secret-key -`");
    assert_contains(&error, &format!("`usage-plan log {deleted}` shows its other members"));
}

#[test]
fn an_edit_that_did_not_happen_is_not_taken_back() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key disable acme");
    let id = last(&cli);
    // As a process leaves it that ends between the log and the document.
    let after = cli.text();
    cli.write_document(EXAMPLE);
    assert_eq!(entries(&cli)[1]["happened"], false);
    assert_contains(&cli.done("log"), "key disable acme  did not happen\n");
    assert_contains(&cli.refused("undo"), "the log has no edit yet");
    assert_contains(&cli.refused(&format!("undo {id}")), &format!("{id} did not happen"));
    cli.write_document(after);
    cli.done("undo");
}
