//! `usage-plan import`

mod kong;
mod tencent;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::cli::{Cli, Ran};

/// A file of `tests/vectors/import`.
fn vector(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../tests/vectors/import", name].iter().collect();
    path.to_str().expect("UTF-8").to_owned()
}

/// What an import came to that is done, with its warnings.
fn imported(cli: &Cli, arguments: &[&str]) -> Ran {
    let ran = cli.run(&[&["import"], arguments].concat());
    assert_eq!(ran.status, 0, "{arguments:?}: {ran:?}");
    ran
}

/// The JSON of an import that is done.
fn json(cli: &Cli, arguments: &[&str]) -> Value {
    let ran = imported(cli, &[arguments, &["--output", "json"]].concat());
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// The warnings about an object, by what it is called.
fn warnings<'r>(ran: &'r Ran, object: &str) -> Vec<&'r str> {
    let prefix = format!("warning: {object}: ");
    ran.stderr.lines().filter_map(|line| line.strip_prefix(&prefix)).collect()
}

/// The one warning about an object.
fn warning<'r>(ran: &'r Ran, object: &str) -> &'r str {
    let found = warnings(ran, object);
    assert_eq!(found.len(), 1, "{object}: {found:?} of {}", ran.stderr);
    found[0]
}

/// The object of a list that has that id.
fn object<'d>(document: &'d Value, list: &str, id: &str) -> &'d Value {
    let member = if list == "keys" { "secret_id" } else { "id" };
    let items = document[list].as_array().expect("a list");
    items.iter().find(|item| item[member] == id).unwrap_or_else(|| panic!("no {id} in {document}"))
}

/// A file of that text in the directory of `cli`, by its name.
fn write<'n>(cli: &Cli, name: &'n str, text: &str) -> &'n str {
    fs::write(cli.path(name), text).expect("written");
    name
}

/// Every prefix of a file is imported, or refused in a way that names the file: none brings the command down, and none
/// shows a secret.
fn every_prefix_is_imported_or_refused(format: &str, text: &str, secrets: &[&str]) {
    let cli = Cli::empty();
    let step = (text.len() / 40).max(1);
    for end in (0..text.len()).step_by(step).filter(|end| text.is_char_boundary(*end)) {
        let cut = write(&cli, "cut", &text[..end]);
        let ran = cli.run(&["import", format, cut, "--dry-run"]);
        assert!(matches!(ran.status, 0 | 1), "{end}: {ran:?}");
        assert_eq!(ran.status == 1, ran.stderr.contains("error: "), "{end}: {ran:?}");
        for secret in secrets {
            assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{end}: {ran:?}");
        }
    }
}
