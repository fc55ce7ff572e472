//! The document's file: never half written, nobody's edit lost, nobody's business.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::cli::{Cli, EXAMPLE};

#[test]
fn two_hundred_edits_at_once_all_land() {
    let cli = Cli::with(EXAMPLE);
    let names: Vec<String> = (0..50).map(|i| format!("bound-{i}")).collect();
    for name in &names {
        cli.done(&["key", "create", "--name", name]);
    }
    thread::scope(|scope| {
        for i in 0..100 {
            let cli = &cli;
            scope.spawn(move || cli.done(&["key", "create", "--name", &format!("key-{i}")]));
        }
        for (i, name) in names.iter().enumerate() {
            let cli = &cli;
            scope.spawn(move || cli.done(&["plan", "create", "--name", &format!("plan_{i}")]));
            scope.spawn(move || cli.done(&["plan", "bind-key", "gold", name]));
        }
    });
    let document = cli.document();
    let count = |list: &Value| list.as_array().map(Vec::len);
    assert_eq!(count(&document["keys"]), Some(2 + 50 + 100));
    assert_eq!(count(&document["usage_plans"]), Some(1 + 50));
    assert_eq!(count(&document["usage_plans"][0]["keys"]), Some(2 + 50));
}

#[test]
fn a_command_that_is_killed_at_any_moment_leaves_the_old_document_or_the_new_one() {
    let cli = Cli::with(EXAMPLE);
    let mut before = 2;
    for i in 0..60 {
        let name = format!("key-{i}");
        let mut command = cli.command(&["key", "create", "--name", &name]);
        let mut child = command.stdout(Stdio::null()).spawn().expect("started");
        // A whole run takes some 8 ms.
        thread::sleep(Duration::from_micros(200 * i));
        child.kill().expect("killed, or ended");
        child.wait().expect("ended");
        let keys = cli.document()["keys"].as_array().map(Vec::len).expect("keys");
        assert!(keys == before || keys == before + 1, "{before} keys became {keys}");
        before = keys;
    }
    cli.done(&["key", "create", "--name", "last"]);
    assert_eq!(fs::read_dir(cli.path("")).expect("listed").count(), 1, "something was left behind");
}

#[test]
fn the_file_is_its_owners_alone() {
    let cli = Cli::with(EXAMPLE);
    fs::set_permissions(cli.path("usage-plans.json"), fs::Permissions::from_mode(0o644)).expect("set");
    cli.done(&["key", "disable", "acme"]);
    let mode = cli.path("usage-plans.json").metadata().expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_is_not_touched_stays_as_it_was_written() {
    let written = EXAMPLE.replace("\"max_requests_per_second\": 1000", "\"max_requests_per_second\": -1");
    let cli = Cli::with(&written);
    cli.done(&["key", "disable", "acme"]);
    let mut expected: Value = serde_json::from_str(&written).expect("JSON");
    expected["keys"][0]["status"] = "disabled".into();
    // As text, for the order of the members is a person's too.
    assert_eq!(cli.text(), format!("{expected:#}\n"));
}

#[test]
fn an_unchanged_document_is_not_rewritten() {
    let cli = Cli::with(EXAMPLE);
    let inode = || cli.path("usage-plans.json").metadata().expect("there").ino();
    let before = inode();
    let told = cli.done(&["key", "enable", "acme"]);
    assert_eq!(told, "key acme (AKIDacme0001) is enabled; nothing changed\n");
    assert_eq!((inode(), cli.text().as_str()), (before, EXAMPLE));
}

#[test]
fn a_dry_run_shows_the_difference_and_writes_nothing() {
    let cli = Cli::with(EXAMPLE);
    let difference = cli.done(&["plan", "edit", "gold", "--max-requests-per-second", "5", "--dry-run"]);
    assert!(
        difference.contains(
            "\n-      \"max_requests_per_second\": 1000,\n+      \"max_requests_per_second\": 5,\n"
        )
    );
    assert_eq!(cli.text(), EXAMPLE);
    assert_eq!(cli.done(&["key", "enable", "acme", "--dry-run"]), "Nothing would change.\n");
    let empty = Cli::empty();
    empty.done(&["key", "create", "--name", "acme", "--dry-run"]);
    assert!(!empty.path("usage-plans.json").exists());
    let ran = cli.run(&["key", "create", "--name", "x", "--secret-key", "0123456789", "--dry-run"]);
    assert!(ran.status == 0 && ran.stderr.starts_with("warning: a secret on the command line"), "{ran:?}");
    // What would not be valid is an error also when it is only tried.
    cli.refused(&["plan", "edit", "gold", "--max-requests-per-second", "0", "--dry-run"]);
}

#[test]
fn a_document_that_is_not_valid_is_neither_shown_nor_edited() {
    let broken = EXAMPLE.replace("\"AKIDbeta0001\"]", "\"AKIDnobody01\"]").replace("1000", "0");
    let cli = Cli::with(&broken);
    for arguments in
        [["key", "list"].as_slice(), &["key", "disable", "acme"], &["plan", "create", "--name", "x"]]
    {
        assert_eq!(
            cli.refused(arguments),
            "error: ./usage-plans.json breaks these rules; correct it first:\n  \
             usage_plans[0].max_requests_per_second: must be -1 (no limit) or 1 to 999999999999999\n  \
             usage_plans[0].keys[1]: no key has secret_id \"AKIDnobody01\"\n"
        );
    }
    let ran = cli.run(&["key", "list", "--output", "json"]);
    let error: Value = serde_json::from_str(&ran.stderr).expect("JSON");
    assert_eq!(error["error"]["exit_code"], 1);
    assert_eq!(error["error"]["rules"][1]["path"], "usage_plans[0].keys[1]");
}

#[test]
fn a_link_to_the_document_stays_one() {
    let cli = Cli::empty();
    fs::create_dir(cli.path("etc")).expect("made");
    fs::write(cli.path("etc/plans.json"), EXAMPLE).expect("written");
    symlink("etc/plans.json", cli.path("usage-plans.json")).expect("linked");
    cli.done(&["key", "disable", "acme"]);
    assert!(cli.path("usage-plans.json").is_symlink());
    let text = fs::read_to_string(cli.path("etc/plans.json")).expect("there");
    assert_eq!((text.as_str(), text.contains("\"disabled\"")), (cli.text().as_str(), true));
}

#[test]
fn a_link_to_nothing_and_what_is_no_regular_file_are_not_edited() {
    let cli = Cli::empty();
    symlink("nothing.json", cli.path("usage-plans.json")).expect("linked");
    let create = ["key", "create", "--name", "acme"];
    assert!(cli.fails(3, &create).contains("is a link to a file that is not there"));
    assert!(cli.path("usage-plans.json").is_symlink());
    let error = cli.fails(3, &[&create[..], &["--file", "/dev/null"]].concat());
    assert_eq!(error, "error: /dev/null: is not a regular file, so it cannot be edited\n");
}

#[test]
fn a_file_stays_its_owners_when_root_edits_it() {
    let cli = Cli::with(EXAMPLE);
    let path = cli.path("usage-plans.json");
    if chown(&path, Some(65534), Some(65534)).is_err() {
        return testbed::skip("only root can give a file away");
    }
    cli.done(&["key", "disable", "acme"]);
    let metadata = path.metadata().expect("there");
    assert_eq!((metadata.uid(), metadata.gid()), (65534, 65534));
}

#[test]
fn the_file_is_named_by_a_flag_or_a_variable_and_its_absence_is_said() {
    let cli = Cli::empty();
    cli.done(&["key", "create", "--name", "acme", "--file", "other.json"]);
    let mut command = cli.command(&["key", "list"]);
    command.env("USAGE_PLAN_FILE", "other.json");
    assert!(crate::cli::run(command, "").stdout.contains("acme"));
    let error = cli.fails(3, &["key", "list"]);
    assert!(error.starts_with("error: ./usage-plans.json: No such file or directory"), "{error}");
    assert!(error.contains("any `create` command begins one"), "{error}");
    cli.fails(3, &["key", "disable", "acme"]);
    assert!(
        cli.fails(3, &["key", "create", "--name", "x", "--file", "no/such/plans.json"])
            .contains("no/such/plans.json")
    );
    assert!(cli.fails(3, &["key", "create", "--name", "x", "--file", "."]).contains("is not a regular file"));
}
