//! What the log has of an edit, also of one that a crash ends and of one that is made outside.

use std::process::{Command, abort};
use std::{env, thread};

use serde_json::Value;

use super::super::locked::Step;
use super::*;
use crate::audit::Kind;

const CHILD: &str = "file::tests::log::in_a_process_of_its_own_that_crashes_after_a_step";
const STEPS: [Step; 3] = [Step::Prepared, Step::Logged, Step::Replaced];

fn author(what: &str) -> Author {
    Author { who: "ada".to_owned(), from: "a test".to_owned(), what: what.to_owned() }
}

/// The document's file, edited by somebody.
fn logged() -> (TempDir, DocumentFile) {
    let (directory, file) = file(Some(DOCUMENT));
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(file.path(), private).expect("set");
    (directory, file.edited_by(author("set")))
}

fn set_status(file: &DocumentFile, status: &str) -> Change {
    set_member(file, Mode::Write, "status", status).expect("edited")
}

/// What each entry is, and whether it happened.
fn told(file: &DocumentFile) -> Vec<(&'static str, bool)> {
    let history = file.history().expect("a log");
    assert!(!history.is_changed_since && history.unreadable == 0, "{history:?}");
    history.entries.iter().map(|found| (found.entry.kind.word(), found.happened)).collect()
}

fn log_text(file: &DocumentFile) -> String {
    fs::read_to_string(file.path().with_extension("json.log")).expect("a log")
}

fn changes(file: &DocumentFile, index: usize) -> Value {
    let history = file.history().expect("a log");
    history.entries[index].entry.changes().iter().map(audit::Change::to_json).collect()
}

/// The child process of the test below, which sets the file and the step in the environment. Without them it
/// has nothing to do.
#[test]
fn in_a_process_of_its_own_that_crashes_after_a_step() {
    let Some((path, step)) = env::var_os("CRASH_ON").zip(env::var("CRASH_AFTER").ok()) else { return };
    let file = DocumentFile::new(path.into()).edited_by(author("crash"));
    let locked = file.lock().expect("no one else holds it");
    let before = file.bytes().expect("there");
    let mut draft = file.parse(&before).expect("valid");
    set(draft.find_mut(KEYS, "AKIDacme0001").expect("there"), "status", Some("disabled".into()));
    let crash = |taken| {
        if format!("{taken:?}") == step {
            abort();
        }
    };
    locked.write_stepwise(&before, draft.text().as_bytes(), &draft, false, crash).expect("written");
}

#[test]
fn after_a_crash_at_any_step_the_log_has_each_edit_that_happened_and_says_which_did_not() {
    for is_first in [true, false] {
        for step in STEPS {
            let (directory, file) = logged();
            let mut expected = vec![("begins", true)];
            if !is_first {
                set_member(&file, Mode::Write, "remark", "one").expect("edited");
                expected.push(("edit", true));
            }
            let child = Command::new(env::current_exe().expect("this test"))
                .args(["--exact", CHILD])
                .env("CRASH_ON", file.path())
                .env("CRASH_AFTER", format!("{step:?}"))
                .output()
                .expect("run");
            assert!(!child.status.success(), "{step:?} did not crash");
            let happened = fs::read_to_string(file.path()).expect("there").contains("disabled");
            assert_eq!(happened, step == Step::Replaced);
            if step != Step::Prepared {
                expected.push(("edit", happened));
            } else if is_first {
                // The log does not even begin.
                expected.clear();
            }
            // Before anybody edits again, and after.
            assert_eq!(told(&file), expected, "{step:?}");
            set_member(&file, Mode::Write, "remark", "two").expect("edited");
            if expected.is_empty() {
                expected.push(("begins", true));
            }
            expected.push(("edit", true));
            assert_eq!(told(&file), expected, "{step:?}");
            let names = fs::read_dir(directory.path()).expect("listed").count();
            assert_eq!(names, 3, "{step:?}: the document, its log and the log's key");
        }
    }
}

#[test]
fn a_document_that_was_changed_outside_is_an_entry_of_its_own() {
    let (_directory, file) = logged();
    set_status(&file, "disabled");
    let text = fs::read_to_string(file.path()).expect("there");
    let outside = text.replace("disabled", "enabled").replace("acme-secret-key", "another-secret-key");
    fs::write(file.path(), outside).expect("written");
    assert!(file.history().expect("a log").is_changed_since);
    set_member(&file, Mode::Write, "remark", "x").expect("edited");
    assert_eq!(told(&file), [("begins", true), ("edit", true), ("outside", true), ("edit", true)]);
    let outside = changes(&file, 2);
    let members = &outside[0]["members"];
    assert_eq!(members["status"], serde_json::json!({"before": "disabled", "after": "enabled"}));
    let secret = &members["secret_key"];
    assert!(secret["before"] != secret["after"], "{outside}");
    assert!(!log_text(&file).contains("secret-key\""), "{}", log_text(&file));
    // Where the last edit is missing, too, a process may have ended before it.
    let text = fs::read_to_string(file.path()).expect("there");
    set_status(&file, "disabled");
    fs::write(file.path(), text.replace("\"x\"", "\"y\"")).expect("written");
    set_status(&file, "disabled");
    assert_eq!(&told(&file)[4..], [("edit", true), ("outside", true), ("edit", true)]);
    let history = file.history().expect("a log");
    let [missing, outside] = [4, 5].map(|index| &history.entries[index].entry);
    let expected = format!("changed outside ({} did not happen, or was taken back by hand)", missing.id);
    assert_eq!(outside.author.what, expected);
}

#[test]
fn the_log_may_be_moved_away_emptied_or_cut_at_any_time() {
    let (_directory, file) = logged();
    let log = file.path().with_extension("json.log");
    set_status(&file, "disabled");
    fs::rename(&log, log.with_extension("1")).expect("moved");
    set_status(&file, "enabled");
    assert_eq!(told(&file), [("begins", true), ("edit", true)]);
    fs::write(&log, "").expect("emptied");
    set_status(&file, "disabled");
    assert_eq!(told(&file), [("begins", true), ("edit", true)]);
    // Without its beginning, what changed outside is not known.
    let lines: Vec<String> = log_text(&file).lines().map(str::to_owned).collect();
    fs::write(&log, format!("{}\n", lines[1])).expect("cut");
    fs::write(file.path(), DOCUMENT).expect("written");
    set_status(&file, "disabled");
    assert_eq!(told(&file), [("edit", true), ("begins", true), ("edit", true)]);
    // With another key, nothing can be compared.
    fs::remove_file(file.path().with_file_name(".usage-plans.json.log-key")).expect("removed");
    set_status(&file, "enabled");
    let entries = told(&file);
    assert_eq!(&entries[3..], [("begins", true), ("edit", true)]);
}

#[test]
fn an_edit_that_cannot_be_logged_is_made_and_said_and_the_next_one_has_its_difference() {
    let (_directory, file) = logged();
    set_status(&file, "disabled");
    let unlogged = file.logged_in(Place::At("/no/such/directory/log".into()));
    let change = set_status(&unlogged, "enabled");
    let Change::Written { notes } = change else { panic!("{change:?}") };
    let [FileNote::NotLogged { path, why }] = &notes[..] else { panic!("{notes:?}") };
    assert_eq!(path, Path::new("/no/such/directory/log"));
    assert!(why.contains("No such file"), "{why}");
    set_member(&file, Mode::Write, "remark", "x").expect("edited");
    assert_eq!(told(&file), [("begins", true), ("edit", true), ("outside", true), ("edit", true)]);
    assert_eq!(changes(&file, 2)[0]["members"]["status"]["after"], "enabled");
    let without = file.logged_in(Place::Nowhere);
    assert_eq!(set_status(&without, "disabled"), Change::Written { notes: Vec::new() });
    assert!(without.history().expect("none").entries.is_empty());
}

#[test]
fn a_document_that_cannot_be_replaced_leaves_an_entry_that_says_so() {
    let (directory, file) = logged();
    set_status(&file, "disabled");
    let locked = file.lock().expect("locked");
    let before = file.bytes().expect("there");
    let mut draft = file.parse(&before).expect("valid");
    set(draft.find_mut(KEYS, "AKIDacme0001").expect("there"), "status", Some("enabled".into()));
    // Nobody can rename a file that is gone.
    let remove = |step| {
        if step == Step::Logged {
            let files =
                fs::read_dir(directory.path()).expect("listed").map(|entry| entry.expect("one").path());
            files.filter(|path| path.extension().is_some_and(|end| end == "tmp")).for_each(|path| {
                fs::remove_file(path).expect("removed");
            });
        }
    };
    locked.write_stepwise(&before, draft.text().as_bytes(), &draft, false, remove).expect_err("gone");
    drop(locked);
    assert!(log_text(&file).contains("did not happen"));
    assert_eq!(told(&file), [("begins", true), ("edit", true), ("edit", false)]);
}

#[test]
fn edits_at_once_are_all_in_the_log_in_their_order() {
    let (_directory, file) = logged();
    thread::scope(|scope| {
        for i in 0..20 {
            let file = &file;
            scope.spawn(move || {
                let file = file.edited_by(author(&format!("edit {i}")));
                set_member(&file, Mode::Write, "remark", &i.to_string()).expect("edited");
            });
        }
    });
    let history = file.history().expect("a log");
    assert!(history.entries.iter().all(|found| found.happened));
    let kinds = history.entries.iter().filter(|found| matches!(found.entry.kind, Kind::Edit { .. })).count();
    assert_eq!(kinds, 20);
    let last = changes(&file, 20);
    let document: Value = serde_json::from_slice(&file.bytes().expect("there")).expect("JSON");
    assert_eq!(last[0]["members"]["remark"]["after"], document["keys"][0]["remark"]);
}
