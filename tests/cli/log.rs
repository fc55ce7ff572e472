//! `usage-plan log`: who did what, and that no secret is in the log.

mod file;
mod undo;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::cli::{BETA_SECRET, Cli, EXAMPLE, Edit, assert_contains, assert_text, example, parse_json};

const LOG: &str = "usage-plans.json.log";

/// The entries of the log.
fn entries(cli: &Cli) -> Vec<Value> {
    cli.json("log").as_array().cloned().expect("a list")
}

/// The id of the last entry.
fn last(cli: &Cli) -> String {
    entries(cli).last().expect("an entry")["id"].as_str().expect("an id").to_owned()
}

fn log_text(cli: &Cli) -> String {
    fs::read_to_string(cli.path(LOG)).expect("a log")
}

/// The words of each row of the list, without ids and ages.
fn rows(cli: &Cli, line: &str) -> Vec<String> {
    let words = |row: &str| row.split_whitespace().skip(2).collect::<Vec<_>>().join(" ");
    cli.done(line).lines().skip(1).map(words).collect()
}

/// The user who runs the tests, as the system names them.
fn me() -> String {
    let ran = std::process::Command::new("id").arg("-un").output().expect("run");
    String::from_utf8(ran.stdout).expect("text").trim().to_owned()
}

#[test]
fn every_edit_is_listed_with_its_command_and_who_did_it() {
    let cli = Cli::with(EXAMPLE);
    assert_text(&cli.done("log"), "the log is empty: the next edit begins it\n");
    cli.done("key disable acme");
    cli.done("key edit acme --remark 'contract 4711'");
    cli.write("part.yaml", "options: {metrics_per_key: true}");
    cli.done("apply -f part.yaml");
    // What changes nothing is not in the log.
    cli.done("key disable acme");
    cli.done("key enable acme --dry-run");
    cli.refused("key delete beta");
    let me = me();
    let row = |what: &str| format!("{me} {what}");
    let expected = [
        row("the log begins"),
        row("key disable acme"),
        row("key edit acme --remark 'contract 4711'"),
        row("apply -f part.yaml"),
    ];
    assert_eq!(rows(&cli, "log"), expected);
    assert_eq!(cli.path(LOG).metadata().expect("there").permissions().mode() & 0o777, 0o600);

    let entry = &entries(&cli)[1];
    let change = json!({"list": "keys", "id": "AKIDacme0001", "name": "acme", "members": {"status": {"after": "disabled"}}});
    assert_eq!(entry["changes"], json!([change]));
    assert_eq!(
        (&entry["kind"], &entry["happened"], &entry["undone_by"]),
        (&json!("edit"), &json!(true), &json!(null))
    );
    let from = entry["from"].as_str().expect("text");
    assert!(from.starts_with("command line on ") && from.contains(", process "), "{from}");
    assert_contains(&cli.done("log -o wide"), from);
}

#[test]
fn an_entry_is_shown_as_the_difference_that_it_made() {
    let cli = Cli::with(EXAMPLE);
    cli.done("plan edit gold --max-requests-per-second 5");
    let id = last(&cli);
    let shown = cli.done(&format!("log {}", &id[..6]));
    let (head, difference) = shown.split_once("--- before\n").expect("a difference");
    assert_contains(head, &format!("entry  {id}\n"));
    assert_contains(head, "what   plan edit gold --max-requests-per-second 5\n");
    assert_text(
        difference,
        "+++ after\n@@ -3,7 +3,7 @@\n     {\n       \"id\": \"usagePlan-gold\",\n       \"name\": \"gold\",\n\
         -      \"max_requests_per_second\": 1000\n+      \"max_requests_per_second\": 5\n     }\n   ]\n }\n",
    );
    assert_eq!(cli.json(&format!("log {id}"))["id"], id.as_str());
    let begins = entries(&cli)[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(entries(&cli)[0].get("document"), None);
    let document = cli.json(&format!("log {begins}"));
    assert_eq!(document["document"]["usage_plans"], example()["usage_plans"]);
    let error = cli.refused("log nobody");
    assert_contains(
        &error,
        "no entry of the log has an id that begins with \"nobody\": `usage-plan log` lists them",
    );
}

#[test]
fn entries_are_chosen_by_what_they_are_about_and_by_their_age() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key create --name gamma");
    cli.done("plan bind-key gold gamma");
    cli.done("service edit orders --domain orders.example.org");
    cli.done("plan unbind-key gold gamma");
    cli.done("key disable gamma");
    cli.done("key delete gamma");
    let what = |line: &str| {
        let rows = rows(&cli, line);
        rows.into_iter().map(|row| row.split_once(' ').expect("a user").1.to_owned()).collect::<Vec<_>>()
    };
    // Also of a key that is gone, and also what only names it.
    let of_gamma = [
        "key create --name gamma",
        "plan bind-key gold gamma",
        "plan unbind-key gold gamma",
        "key disable gamma",
        "key delete gamma",
    ];
    assert_eq!(what("log --key gamma"), of_gamma);
    assert_eq!(what("log --plan gold --key gamma"), of_gamma[1..3]);
    assert_eq!(what("log --service service-orders"), ["service edit orders --domain orders.example.org"]);
    assert_eq!(what("log --since 1day").len(), 7);
    let year = entries(&cli)[0]["time"].as_str().expect("a time")[..4].to_owned();
    let old = log_text(&cli).replacen(&format!("\"time\":\"{year}"), "\"time\":\"2001", 3);
    cli.write(LOG, old);
    assert_eq!(what("log --since 365days").len(), 4);
    assert_contains(&cli.refused("log --key nobody"), "neither the document nor the log has a key with the");
    cli.fails(2, "log abc --key acme");
}

#[test]
fn no_secret_is_in_the_log_and_each_change_of_one_is() {
    let cli = Cli::with(EXAMPLE).env("NEW", "new-secret-of-variable");
    let warned = cli.exits(0, "key create --name gamma --secret-key secret-of-argument");
    assert_contains(&warned.stderr, "warning: a secret on the command line");
    cli.exits_with_input(0, "key create --name delta --secret-key -", "secret-of-input");
    cli.done("key rotate gamma --overlap 1h --secret-key env:NEW");
    cli.done("key rotate gamma --finish");
    let text = log_text(&cli);
    for secret in ["secret-of-argument", "secret-of-input", "new-secret-of-variable", BETA_SECRET] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_contains(&text, "key create --name gamma --secret-key (secret)");
    let entries = entries(&cli);
    let members = &entries[3]["changes"][0]["members"];
    assert_eq!(members["secret_key"]["before"], members["previous_secret_key"]["after"]);
    assert_ne!(members["secret_key"]["before"], members["secret_key"]["after"]);
    let shown = cli.done(&format!("log {}", entries[3]["id"].as_str().expect("an id")));
    assert_contains(&shown, "-      \"secret_key\": \"(secret 1)\"\n");
    // What somebody guesses cannot be compared with the log: the same secret looks different in another log.
    let other = Cli::with(EXAMPLE);
    other.exits(0, "key create --name gamma --secret-key secret-of-argument");
    let created =
        |cli: &Cli| parse_json(log_text(cli).lines().nth(1).expect("an entry"))["changes"][0].clone();
    assert_ne!(created(&cli)["created"]["secret_key"], created(&other)["created"]["secret_key"]);
}

#[test]
fn what_was_changed_without_the_log_is_warned_of_and_recorded_by_the_next_edit() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key disable acme");
    cli.write_document(
        cli.document().with("/keys/1/secret_key", "another-secret-key").with("/keys/1/remark", "x"),
    );
    let ran = cli.exits(0, "log");
    assert_text(
        &ran.stderr,
        "warning: the document is not as the last entry leaves it: the next edit records what was changed outside\n",
    );
    cli.done("key enable acme");
    let rows = rows(&cli, "log");
    assert_text(&rows[2], "unknown changed outside: key beta (AKIDbeta0001)");
    let outside = &entries(&cli)[2];
    assert_contains(outside["from"].as_str().expect("text"), &format!("found by {}, command line on", me()));
    let members = outside["changes"][0]["members"].as_object().expect("members");
    assert_eq!(members.keys().map(String::as_str).collect::<Vec<_>>(), ["secret_key", "remark"]);
    // Another form of the same document is a change outside as well.
    cli.write_document(cli.text().replace("  ", ""));
    cli.done("key disable acme");
    assert_text(&self::rows(&cli, "log")[4], "unknown changed outside: nothing but its order or form");
}

#[test]
fn whoever_became_root_by_sudo_is_named_and_nobody_else_can_say_so() {
    let cli = Cli::with(EXAMPLE).env("SUDO_USER", "ada");
    cli.done("key disable acme");
    let (me, who) = (me(), entries(&cli)[1]["who"].clone());
    let expected = if me == "root" { "ada (as root)".to_owned() } else { me };
    assert_eq!(who, expected);
}

#[test]
fn the_text_of_the_editor_is_an_entry() {
    let cli = Cli::with(EXAMPLE).env("EDITOR", "sed -i 's/: 1000,/: 2000,/'").env("VISUAL", "");
    let (status, shown) = cli.on_terminal("edit").end();
    assert_eq!(status, 0, "{shown}");
    let entries = entries(&cli);
    assert_eq!(entries[1]["what"], "edit");
    assert_eq!(entries[1]["changes"][0]["members"]["max_requests_per_second"]["after"], 2000);
    assert_contains(entries[1]["from"].as_str().expect("text"), ", pts/");
}
