//! `usage-plan import`

mod kong;
mod tencent;

use std::fs;

use serde_json::Value;

use crate::cli::{Cli, Ran, assert_hides, repository, shown};

/// No document, and beside it every file of `tests/vectors/import` in that format.
fn cli(format: &str) -> Cli {
    let cli = Cli::empty();
    for file in fs::read_dir(repository("tests/vectors/import").join(format)).expect("listed") {
        let file = file.expect("listed");
        fs::copy(file.path(), cli.path(file.file_name())).expect("copied");
    }
    cli
}

/// The warnings about an object, by its name.
fn warnings<'r>(ran: &'r Ran, object: &str) -> Vec<&'r str> {
    let prefix = format!("warning: {object}: ");
    ran.stderr.lines().filter_map(|line| line.strip_prefix(&prefix)).collect()
}

/// Asserts that a warning about an object contains this.
#[track_caller]
fn assert_warned(ran: &Ran, object: &str, expected: &str) {
    let found = warnings(ran, object);
    assert!(
        found.iter().any(|warning| warning.contains(expected)),
        "{object}: no {expected:?} in {found:#?}"
    );
}

/// Asserts that the only warning about an object contains this.
#[track_caller]
fn assert_warned_once(ran: &Ran, object: &str, expected: &str) {
    assert_eq!(warnings(ran, object).len(), 1, "warnings about {object} in\n{}", ran.stderr);
    assert_warned(ran, object, expected);
}

/// The object of a list that has that id.
fn object<'d>(document: &'d Value, list: &str, id: &str) -> &'d Value {
    let member = if list == "keys" { "secret_id" } else { "id" };
    let items = document[list].as_array().expect("a list");
    items.iter().find(|item| item[member] == id).unwrap_or_else(|| panic!("no {id} in {document}"))
}

/// Asserts that no prefix of a file makes the command panic or shows a secret: each is imported or refused.
fn assert_every_prefix_is_imported_or_refused(format: &str, file: &str, secrets: &[&str]) {
    let cli = cli(format);
    let text = fs::read_to_string(cli.path(file)).expect("read");
    let step = (text.len() / 40).max(1);
    for end in (0..text.len()).step_by(step).filter(|end| text.is_char_boundary(*end)) {
        cli.write("cut", &text[..end]);
        let ran = cli.run(&format!("import {format} cut --dry-run"));
        assert!(matches!(ran.status, 0 | 1), "{end}: {}", shown(&ran));
        assert_eq!(ran.status == 1, ran.stderr.contains("error: "), "{end}: {}", shown(&ran));
        for secret in secrets {
            assert_hides(&ran, secret);
        }
    }
}
