//! What is in the file stays, whatever a crash or somebody else did to it.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use serde_json::{Map, json};
use tempfile::TempDir;

use super::*;
use crate::audit::{Author, Kind};

fn lines() -> (TempDir, Lines, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let (log, document) = (directory.path().join("a.json.log"), directory.path().join("a.json"));
    (directory, Lines::new(log), document)
}

fn entry(id: &str, length: usize) -> Entry {
    let author = Author { who: "ada".to_owned(), from: "here".to_owned(), what: "x".repeat(length) };
    let kind = Kind::Begins(Map::from_iter([("keys".to_owned(), json!([]))]));
    Entry {
        id: id.to_owned(),
        time: "2026-11-24T19:02:54Z".to_owned(),
        author,
        kind,
        before: String::new(),
        after: "00".to_owned(),
    }
}

fn ids(lines: &Lines) -> Vec<String> {
    lines.read().expect("read").0.into_iter().map(|entry| entry.id).collect()
}

#[test]
fn the_last_entry_is_found_however_long_it_is() {
    let (_directory, lines, document) = lines();
    assert_eq!(lines.last().expect("read"), None);
    for (id, length) in [("a", 10), ("b", 3 * 64 * 1024), ("c", 1), ("d", 700_000), ("e", 64 * 1024)] {
        lines.append(&document, &[entry(id, length)]).expect("appended");
        assert_eq!(lines.last().expect("read").map(|entry| entry.id), Some(id.to_owned()));
    }
    assert_eq!(ids(&lines), ["a", "b", "c", "d", "e"]);
}

#[test]
fn a_part_of_a_line_is_passed_over_and_spoils_no_other() {
    let (_directory, lines, document) = lines();
    lines.append(&document, &[entry("a", 1), entry("b", 1)]).expect("appended");
    let whole = fs::read(lines.path()).expect("there");
    for length in 0..=whole.len() {
        fs::write(lines.path(), &whole[..length]).expect("cut");
        lines.append(&document, &[entry("c", 1)]).expect("appended");
        let found = ids(&lines);
        assert_eq!(found.last().map(String::as_str), Some("c"), "{length}");
        let is_cut = !whole[..length].is_empty() && whole.get(length.saturating_sub(1)) != Some(&b'\n');
        let unreadable = lines.read().expect("read").1;
        // A line may lack its line feed alone.
        assert!(unreadable <= usize::from(is_cut), "{length}: {unreadable}");
        let ended = whole[..length].iter().filter(|byte| **byte == b'\n').count();
        assert!(
            found.len() == ended + 1 || (found.len() == ended + 2 && unreadable == 0),
            "{length}: {found:?}"
        );
    }
}

#[test]
fn a_new_file_is_for_its_owner_and_for_the_group_that_may_edit_the_document() {
    for (mode, expected) in [(None, 0o600), (Some(0o600), 0o600), (Some(0o664), 0o660), (Some(0o444), 0o640)]
    {
        let (_directory, lines, document) = lines();
        if let Some(mode) = mode {
            fs::write(&document, "{}").expect("written");
            let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
            fs::set_permissions(&document, permissions).expect("set");
        }
        lines.append(&document, &[entry("a", 1)]).expect("appended");
        assert_eq!(lines.path().metadata().expect("there").mode() & 0o777, expected, "{mode:?}");
    }
}

#[test]
fn a_link_and_what_is_no_file_are_not_written_to() {
    let (directory, lines, document) = lines();
    let other = directory.path().join("other");
    fs::write(&other, "").expect("written");
    symlink(&other, lines.path()).expect("linked");
    lines.append(&document, &[entry("a", 1)]).expect_err("a link");
    assert_eq!(fs::read(&other).expect("there"), b"");
    let lines = Lines::new(PathBuf::from("/dev/null"));
    lines.append(&document, &[entry("a", 1)]).expect_err("a device");
}
