//! What an edit does to the file.

mod beside;
mod log;

use tempfile::TempDir;

use super::*;
use crate::draft::{KEYS, set};

const DOCUMENT: &str = r#"{"keys": [{"secret_id": "AKIDacme0001", "secret_key": "acme-secret-key"}]}"#;

fn file(text: Option<&str>) -> (TempDir, DocumentFile) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("usage-plans.json");
    if let Some(text) = text {
        fs::write(&path, text).expect("written");
    }
    (directory, DocumentFile::new(path))
}

fn set_member(file: &DocumentFile, mode: Mode, member: &str, value: &str) -> Result<Change> {
    let edit = |draft: &mut Draft| {
        set(draft.find_mut(KEYS, "AKIDacme0001")?, member, Some(value.into()));
        Ok(())
    };
    file.edit::<_, Error>(mode, Missing::IsAnError, edit).map(|edited| edited.change)
}

#[test]
fn an_edit_says_what_became_of_the_file() {
    let (_directory, file) = file(Some(DOCUMENT));
    let text = || fs::read_to_string(file.path()).expect("there");
    let unchanged = set_member(&file, Mode::Write, "secret_key", "acme-secret-key").expect("edited");
    assert_eq!((unchanged, text().as_str()), (Change::None, DOCUMENT));

    let dry_run = set_member(&file, Mode::DryRun, "secret_key", "another-secret-key").expect("edited");
    let Change::WouldWrite { difference } = dry_run else { panic!("{dry_run:?}") };
    assert!(difference.contains("-      \"secret_key\": \"(secret 1)\""), "{difference}");
    assert!(!difference.contains("secret-key"), "{difference}");
    assert_eq!(text(), DOCUMENT);

    let written = set_member(&file, Mode::Write, "status", "disabled").expect("edited");
    assert!(matches!(written, Change::Written { .. }) && text().contains("\"disabled\""), "{written:?}");
}

#[test]
fn a_document_that_would_break_a_rule_is_not_written() {
    let (_directory, file) = file(Some(DOCUMENT));
    let error = set_member(&file, Mode::Write, "status", "asleep").expect_err("no such status");
    assert!(matches!(&error, Error::Refused(refusal) if matches!(**refusal, Refusal::Rule(_))), "{error}");
    assert_eq!(fs::read_to_string(file.path()).expect("there"), DOCUMENT);
}

#[test]
fn a_file_that_is_not_there_or_not_valid_is_an_error_of_its_own() {
    let (_directory, missing) = file(None);
    assert!(matches!(missing.read(), Err(Error::NoDocument { .. })));
    let edited =
        missing.edit::<_, Error>(Mode::DryRun, Missing::IsEmpty, |draft| Ok(draft.items(KEYS).len()));
    assert_eq!(edited.expect("an empty document").value, 0);
    assert!(!missing.path().exists());

    let (_directory, invalid) = file(Some(r#"{"keys": 1}"#));
    assert!(matches!(invalid.read(), Err(Error::Invalid { .. })));
}

#[test]
fn a_text_replaces_the_one_that_it_was_made_from_and_no_other() {
    let (_directory, file) = file(Some(DOCUMENT));
    let text = DOCUMENT.replace("acme-secret-key", "another-secret-key");
    let broken = file.replace_text(DOCUMENT.as_bytes(), b"{\"keys\": 1}", false).expect_err("no list");
    assert!(matches!(broken, Error::Refused(_)), "{broken}");
    let stale = file.replace_text(b"{}", text.as_bytes(), false).expect_err("another text");
    assert!(matches!(stale, Error::ChangedMeanwhile(_)), "{stale}");
    assert_eq!(fs::read_to_string(file.path()).expect("there"), DOCUMENT);
    file.replace_text(DOCUMENT.as_bytes(), text.as_bytes(), false).expect("written");
    assert_eq!(fs::read_to_string(file.path()).expect("there"), text);
}
