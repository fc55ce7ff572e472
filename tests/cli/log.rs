//! `usage-plan log`: who did what, and that no secret is in the log.

mod undo;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::{Value, json};

use crate::cli::{BETA_SECRET, Cli, EXAMPLE, Edit, assert_contains, assert_text, example, parse_json, run};

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
fn without_its_key_the_log_can_be_read_and_nothing_be_taken_back() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key disable acme");
    fs::remove_file(cli.path(".usage-plans.json.log-key")).expect("removed");
    assert_eq!(entries(&cli).len(), 2);
    assert_contains(&cli.refused("undo"), "error: the log's key is not there");
    // A log of other secrets cannot be continued.
    cli.done("key enable acme");
    let kinds: Vec<Value> = entries(&cli).iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds, ["begins", "edit", "begins", "edit"]);
}

#[test]
fn the_log_of_a_document_that_is_gone_can_be_read_and_no_log_of_no_document() {
    let cli = Cli::with(EXAMPLE);
    assert_contains(&cli.fails(3, "log --file no.json"), "no.json: No such file");
    cli.done("key disable acme");
    fs::remove_file(cli.document_path()).expect("removed");
    let ran = cli.exits(0, "log");
    assert_contains(&ran.stdout, "key disable acme");
    assert_contains(&ran.stderr, "warning: the document is not as the last entry leaves it");
    assert_contains(&cli.fails(3, "undo"), "No such file");
}

#[test]
fn the_log_is_elsewhere_or_nowhere_by_a_flag_a_variable_or_a_setting() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key disable acme --log elsewhere.log");
    assert!(cli.path("elsewhere.log").exists() && !cli.path(LOG).exists());
    assert_eq!(cli.json("log --log elsewhere.log").as_array().map(Vec::len), Some(2));
    cli.done("key enable acme --log none");
    assert!(!cli.path("none").exists() && !cli.path(LOG).exists());
    cli.write("usage-plan.toml", "log = \"of-the-file.log\"");
    cli.done("key disable acme");
    assert!(cli.path("of-the-file.log").exists());
    let cli = cli.env("USAGE_PLAN_LOG", "of-the-variable.log");
    cli.done("undo --log of-the-file.log");
    cli.done("key disable acme");
    assert!(cli.path("of-the-variable.log").exists());
    let cli = Cli::with(EXAMPLE);
    cli.write("usage-plan.toml", "log = \"none\"");
    cli.done("key disable acme");
    assert!(!cli.path("none").exists() && !cli.path(LOG).exists());
    for line in ["undo", "log"] {
        assert_contains(&cli.refused(line), "error: no log is kept: it is set to `none`");
    }
}

#[test]
fn an_edit_is_made_also_when_the_log_cannot_be_written_and_says_so() {
    let cli = Cli::with(EXAMPLE);
    let not_logged = "warning: the edit is done, and is not in the log ";
    for (log, why) in [
        ("no/such/directory/log", "No such file or directory"),
        ("/dev/full", "is not a regular file"),
        (".", "is not a regular file"),
    ] {
        let ran = cli.exits(0, &format!("key disable acme --log {log}"));
        assert!(ran.stderr.starts_with(not_logged) && ran.stderr.contains(why), "{log}: {}", ran.stderr);
        assert_eq!(cli.document()["keys"][0]["status"], "disabled");
        cli.done("key enable acme --log none");
    }
    // A link could lead anywhere.
    cli.write("other", "");
    symlink("other", cli.path(LOG)).expect("linked");
    assert!(cli.exits(0, "key disable acme").stderr.starts_with(not_logged));
    assert_text(&fs::read_to_string(cli.path("other")).expect("there"), "");
}

#[test]
fn a_disk_that_is_full_loses_neither_the_edit_nor_that_it_is_missing_from_the_log() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key disable acme");
    // Of a kilobyte that no file may grow beyond, 20 bytes are left: the entry does not fit, the document does.
    let mut log = log_text(&cli);
    let kilobytes = (log.len() + 20).div_ceil(1024);
    log.push_str(&"\n".repeat(kilobytes * 1024 - 20 - log.len()));
    cli.write(LOG, &log);
    let binary = env!("CARGO_BIN_EXE_usage-plan");
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &format!("trap '' XFSZ; ulimit -f {kilobytes}; '{binary}' key enable acme")]);
    command.current_dir(cli.path("")).env_remove("USAGE_PLAN_FILE").env_remove("USAGE_PLAN_LOG");
    let ran = run(command, "");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_contains(&ran.stderr, "usage-plans.json.log: File too large");
    assert_eq!(cli.document()["keys"][0].get("status"), Some(&json!("enabled")));
    assert!(log_text(&cli).len() > log.len(), "a part of the line was written");
    // What is missing is found, and the part of a line is no obstacle.
    cli.done("key edit acme --remark x");
    let ran = cli.exits(0, "log");
    assert_contains(&ran.stderr, "warning: 1 line of the log is no entry");
    assert_contains(&ran.stdout, "changed outside: key acme (AKIDacme0001)");
}

#[test]
fn the_log_of_a_document_that_several_edit_is_for_all_of_them() {
    let cli = Cli::with(EXAMPLE);
    fs::set_permissions(cli.document_path(), fs::Permissions::from_mode(0o660)).expect("set");
    cli.done("key disable acme");
    for name in [LOG, ".usage-plans.json.log-key"] {
        let mode = cli.path(name).metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o660, "{name}");
    }
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
