//! The log's file: where it is, and an edit that cannot be written to it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::{Value, json};

use super::{LOG, entries, log_text};
use crate::cli::{Cli, EXAMPLE, assert_contains, assert_text, run};

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
    // Of a kilobyte that no file may grow beyond, 20 bytes are left: the entry does not fit, the document
    // does.
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
