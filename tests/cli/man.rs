//! `usage-plan man`: a page for each command.

use std::fs;

use crate::cli::{Cli, assert_contains, parse_json};

#[test]
fn every_command_has_a_page() {
    let cli = Cli::empty();
    let written = parse_json(&cli.done("man new/man1 --output json"));
    let pages = written["pages"].as_array().expect("a list");
    for page in ["usage-plan.1", "usage-plan-key.1", "usage-plan-key-create.1", "usage-plan-import-kong.1"] {
        assert!(pages.iter().any(|written| written == page), "{page} of {pages:?}");
    }
    assert_eq!(fs::read_dir(cli.path("new/man1")).expect("a directory").count(), pages.len());
    // What the first page refers to is there.
    let first = fs::read_to_string(cli.path("new/man1/usage-plan.1")).expect("read");
    let referred: Vec<&str> =
        first.lines().filter_map(|line| line.strip_prefix("usage\\-plan\\-")?.strip_suffix("(1)")).collect();
    assert!(referred.len() > 10, "{first}");
    for name in referred {
        assert!(cli.path(format!("new/man1/usage-plan-{name}.1")).exists(), "{name}");
    }
}

#[test]
fn examples_are_lines_that_can_be_copied() {
    let cli = Cli::empty();
    cli.done("man pages");
    let page = fs::read_to_string(cli.path("pages/usage-plan-key-create.1")).expect("read");
    assert_contains(&page, ".SH EXAMPLES\n.nf\nusage\\-plan key create \\-\\-name acme\n");
}

#[test]
fn a_directory_that_cannot_be_made_is_an_error() {
    let cli = Cli::empty();
    cli.write("file", "");
    assert_contains(&cli.fails(3, "man file"), "error: file: ");
}
