//! The document's file: it is never half written, no edit is lost, and nobody gains access to it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::cli::{
    Cli, EXAMPLE, Edit, WARNING_OF_ARGUMENT, assert_contains, assert_text, example, parse_json,
};

#[test]
fn two_hundred_edits_at_once_all_land_and_are_all_in_the_log() {
    let cli = &Cli::with(EXAMPLE);
    for i in 0..50 {
        cli.done(&format!("key create --name bound-{i}"));
    }
    thread::scope(|scope| {
        for i in 0..100 {
            scope.spawn(move || cli.done(&format!("key create --name key-{i}")));
        }
        for i in 0..50 {
            scope.spawn(move || cli.done(&format!("plan create --name plan_{i}")));
            scope.spawn(move || cli.done(&format!("plan bind-key gold bound-{i}")));
        }
    });
    let document = cli.document();
    let count = |list: &Value| list.as_array().map(Vec::len);
    assert_eq!(count(&document["keys"]), Some(2 + 50 + 100));
    assert_eq!(count(&document["usage_plans"]), Some(1 + 50));
    assert_eq!(count(&document["usage_plans"][0]["keys"]), Some(2 + 50));
    // Without a warning: the log leaves the document as it is.
    let log = cli.json("log");
    let entries = log.as_array().expect("entries");
    let of_kind = |kind: &str| entries.iter().filter(|entry| entry["kind"] == kind).count();
    assert_eq!((of_kind("begins"), of_kind("edit"), entries.len()), (1, 50 + 200, 1 + 50 + 200));
    let commands: BTreeSet<&str> = entries.iter().filter_map(|entry| entry["what"].as_str()).collect();
    assert_eq!(commands.len(), entries.len());
    let ids: BTreeSet<&str> = entries.iter().filter_map(|entry| entry["id"].as_str()).collect();
    assert_eq!(ids.len(), entries.len());
}

#[test]
fn a_command_that_is_killed_at_any_time_leaves_the_old_document_or_the_new_one_and_the_log_says_which() {
    let cli = Cli::with(EXAMPLE);
    let mut before = 2;
    for i in 0..60 {
        let mut command = cli.command(&format!("key create --name key-{i}"));
        let mut child = command.stdout(Stdio::null()).spawn().expect("started");
        // A whole run takes some 8 ms.
        thread::sleep(Duration::from_micros(200 * i));
        child.kill().expect("killed, or ended");
        child.wait().expect("ended");
        let keys = cli.document()["keys"].as_array().map(Vec::len).expect("keys");
        assert!(keys == before || keys == before + 1, "{before} keys became {keys}");
        // A line that is cut may be warned of.
        let log = parse_json(&cli.exits(0, "log --output json").stdout);
        let happened = |entry: &&Value| entry["kind"] == "edit" && entry["happened"] == true;
        let edits = log.as_array().expect("entries").iter().filter(happened).count();
        assert_eq!(edits, keys - 2, "{log}");
        before = keys;
    }
    cli.done("key create --name last");
    let left = fs::read_dir(cli.path("")).expect("listed").count();
    assert_eq!(left, 3, "something is beside the document, its log, and the log's key");
}

/// The permissions of the document.
fn mode(cli: &Cli) -> u32 {
    cli.document_path().metadata().expect("there").permissions().mode() & 0o7777
}

fn set_mode(cli: &Cli, mode: u32) {
    fs::set_permissions(cli.document_path(), fs::Permissions::from_mode(mode)).expect("set");
}

#[test]
fn the_owner_alone_can_read_a_new_document_and_one_that_is_there_keeps_its_mode() {
    let cli = Cli::empty();
    cli.done("key create --name acme");
    assert_eq!(mode(&cli), 0o600);
    for kept in [0o640, 0o600, 0o660] {
        set_mode(&cli, kept);
        cli.done("key disable acme");
        cli.done("key enable acme");
        assert_eq!(mode(&cli), kept);
    }
}

#[test]
fn a_document_that_everybody_can_read_is_warned_of_while_it_holds_secrets() {
    let cli = Cli::with(EXAMPLE);
    set_mode(&cli, 0o644);
    let ran = cli.exits(0, "key disable acme");
    assert_text(
        &ran.stderr,
        "warning: ./usage-plans.json holds secrets, and every user of this machine can read it: \
         `chmod o= ./usage-plans.json`\n",
    );
    assert_eq!(mode(&cli), 0o644);
    cli.write_document(example().without("/keys/1/secret_key").with("/keys/1/secret_key_env", "BETA"));
    set_mode(&cli, 0o644);
    cli.done("key disable acme");
}

#[test]
fn a_read_only_document_is_edited_only_by_force() {
    let cli = Cli::with(EXAMPLE);
    for read_only in [0o400, 0o440] {
        set_mode(&cli, read_only);
        assert_text(
            &cli.refused("key disable acme"),
            "error: ./usage-plans.json is read-only, so it stays as it is: give --force to edit it all the \
             same\n",
        );
        assert_contains(&cli.done("key disable acme --dry-run"), "+      \"status\": \"disabled\"");
        cli.done("key enable acme");
        cli.done("key disable acme --force");
        cli.done("key enable acme --force");
        assert_eq!(mode(&cli), read_only);
    }
}

#[test]
fn what_an_edit_does_not_change_stays_as_it_was_written() {
    let written = example().with("/usage_plans/0/max_requests_per_second", -1);
    let cli = Cli::with(&written);
    cli.done("key disable acme");
    let expected = written.with("/keys/0/status", "disabled");
    // As text, because people also choose the order of the members.
    assert_text(&cli.text(), &format!("{expected:#}\n"));
}

#[test]
fn an_unchanged_document_is_not_rewritten() {
    let cli = Cli::with(EXAMPLE);
    let inode = || cli.document_path().metadata().expect("there").ino();
    let before = inode();
    assert_text(&cli.done("key enable acme"), "key acme (AKIDacme0001) is enabled; nothing changed\n");
    assert_eq!(inode(), before);
    assert_text(&cli.text(), EXAMPLE);
}

#[test]
fn a_dry_run_shows_the_difference_and_writes_nothing() {
    let cli = Cli::with(EXAMPLE);
    assert_contains(
        &cli.done("plan edit gold --max-requests-per-second 5 --dry-run"),
        "\n-      \"max_requests_per_second\": 1000,\n+      \"max_requests_per_second\": 5,\n",
    );
    assert_text(&cli.text(), EXAMPLE);
    assert_text(&cli.done("key enable acme --dry-run"), "Nothing would change.\n");
    let empty = Cli::empty();
    empty.done("key create --name acme --dry-run");
    assert!(!empty.has_document());
    let ran = cli.exits(0, "key create --name x --secret-key 0123456789 --dry-run");
    assert!(ran.stderr.starts_with(WARNING_OF_ARGUMENT), "{ran:?}");
    // A dry run refuses what would not be valid.
    cli.refused("service create --name x --domain orders.example.com --dry-run");
}

#[test]
fn a_document_that_is_not_valid_is_neither_shown_nor_edited() {
    let cli = Cli::with(
        example()
            .with("/usage_plans/0/keys/1", "AKIDnobody01")
            .with("/usage_plans/0/max_requests_per_second", 0),
    );
    for line in ["key list", "key disable acme", "plan create --name x"] {
        assert_text(
            &cli.refused(line),
            "error: ./usage-plans.json breaks these rules; correct it first:\n  \
             usage_plans[0].max_requests_per_second: must be -1 (no limit) or 1 to 999999999999999\n  \
             usage_plans[0].keys[1]: no key has secret_id \"AKIDnobody01\"\n",
        );
    }
    let error = parse_json(&cli.refused("key list --output json"));
    assert_eq!(error["error"]["exit_code"], 1);
    assert_eq!(error["error"]["rules"][1]["path"], "usage_plans[0].keys[1]");
}

#[test]
fn a_link_to_the_document_stays_a_link() {
    let cli = Cli::empty();
    fs::create_dir(cli.path("etc")).expect("made");
    cli.write("etc/plans.json", EXAMPLE);
    symlink("etc/plans.json", cli.document_path()).expect("linked");
    set_mode(&cli, 0o600);
    cli.done("key disable acme");
    assert!(cli.document_path().is_symlink());
    let text = fs::read_to_string(cli.path("etc/plans.json")).expect("there");
    assert_text(&text, &cli.text());
    assert_eq!(parse_json(&text), example().with("/keys/0/status", "disabled"));
}

#[test]
fn a_link_to_nothing_and_what_is_not_a_regular_file_are_not_edited() {
    let cli = Cli::empty();
    symlink("nothing.json", cli.document_path()).expect("linked");
    assert_contains(&cli.fails(3, "key create --name acme"), "is a link to a file that is not there");
    assert!(cli.document_path().is_symlink());
    for path in ["/dev/null", "."] {
        assert_text(
            &cli.fails(3, &format!("key create --name acme --file {path}")),
            &format!("error: {path}: is not a regular file, so it cannot be edited\n"),
        );
    }
}

#[test]
fn a_file_keeps_its_owner_when_root_edits_it() {
    let cli = Cli::with(EXAMPLE);
    let path = cli.document_path();
    if chown(&path, Some(65534), Some(65534)).is_err() {
        return testbed::skip("only root can give a file away");
    }
    cli.done("key disable acme");
    let metadata = path.metadata().expect("there");
    assert_eq!((metadata.uid(), metadata.gid()), (65534, 65534));
}

#[test]
fn a_flag_or_a_variable_names_the_file() {
    let cli = Cli::empty().env("USAGE_PLAN_FILE", "variable.json");
    cli.done("key create --name acme --file flag.json");
    assert!(cli.path("flag.json").exists() && !cli.path("variable.json").exists());
    fs::rename(cli.path("flag.json"), cli.path("variable.json")).expect("renamed");
    assert_contains(&cli.done("key list"), "acme");
}

#[test]
fn a_file_that_is_not_there_is_reported_with_how_to_begin_one() {
    let cli = Cli::empty();
    let error = cli.fails(3, "key list");
    assert!(error.starts_with("error: ./usage-plans.json: No such file or directory"), "{error}");
    assert_contains(&error, "any `create` command begins one");
    cli.fails(3, "key disable acme");
    let error = cli.fails(3, "key create --name x --file no/such/plans.json");
    assert_contains(&error, "no/such/plans.json");
}
