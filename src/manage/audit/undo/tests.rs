//! What is taken back, and what stands in the way.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::super::phrases;
use super::*;
use crate::audit::Author;
use crate::audit::change::difference;
use crate::draft::{KEYS, Members, NAME};
use crate::file::{DocumentFile, Missing, Mode};
use crate::operations::apply::{Part, apply};
use crate::operations::{key, plan};

struct Fixture {
    _directory: TempDir,
    file: DocumentFile,
}

impl Fixture {
    fn new() -> Self {
        let document = json!({
            "services": [{"id": "service-orders", "domains": ["orders.example.com"]}],
            "keys": [{"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-1"},
                     {"name": "beta", "secret_id": "AKIDbeta0001", "secret_key_env": "BETA", "status": "disabled"}],
            "usage_plans": [{"id": "usagePlan-gold", "name": "gold", "max_requests_per_second": 10,
                             "environments": [{"service": "service-orders", "environment": "release"}]}],
        });
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("usage-plans.json");
        fs::write(&path, document.to_string()).expect("written");
        Self { file: DocumentFile::new(path), _directory: directory }
    }

    fn edit<T>(&self, what: &str, edit: impl FnOnce(&mut Draft) -> Result<T, Refusal>) -> String {
        let author = Author { who: "ada".to_owned(), from: "a test".to_owned(), what: what.to_owned() };
        let file = self.file.edited_by(author);
        file.edit(Mode::Write, Missing::IsAnError, |draft| edit(draft).map_err(Error::from)).expect(what);
        let history = file.history().expect("a log");
        history.entries.last().expect("an entry").entry.id.clone()
    }

    fn undo(&self, id: Option<&str>) -> Result<Undone, UndoError> {
        let author = Author { who: "ada".to_owned(), from: "a test".to_owned(), what: "undo".to_owned() };
        self.file.edited_by(author).undo(Mode::Write, id).map(|edited| edited.value)
    }

    fn document(&self) -> Value {
        serde_json::from_slice(&self.file.bytes().expect("there")).expect("JSON")
    }
}

/// Whether two documents differ in nothing that the log would record.
fn is_equal(one: &Value, other: &Value) -> bool {
    let [one, other] = [one, other].map(|document| document.as_object().cloned().expect("an object"));
    difference(&one, &other).is_empty()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn each_kind_of_edit_is_taken_back_and_the_undo_too() {
    type Edit = fn(&mut Draft) -> Result<(), Refusal>;
    let edits: [(&str, Edit); 6] = [
        ("edit", |draft| plan::edit(draft, "gold", Members::new().with("burst", Some(5))).map(drop)),
        ("bind", |draft| plan::bind_keys(draft, "gold", &names(&["acme"])).map(drop)),
        ("delete", |draft| key::delete(draft, &names(&["beta"])).map(drop)),
        ("rename", |draft| key::edit(draft, "acme", Members::new().with(NAME, Some("alpha"))).map(drop)),
        ("unbind", |draft| {
            plan::unbind_environments(draft, "gold", "service-orders", &names(&["release"])).map(drop)
        }),
        ("apply", |draft| {
            let part = json!({"keys": [{"name": "delta", "secret_key_env": "DELTA"}], "options": {"metrics_per_key": true}});
            let part = Part::read(part.to_string().as_bytes(), "part").expect("a part");
            apply(draft, part, crate::dates::now()).expect("applied");
            Ok(())
        }),
    ];
    for (what, edit) in edits {
        let fixture = Fixture::new();
        let before = fixture.document();
        let id = fixture.edit(what, edit);
        let after = fixture.document();
        assert_ne!(before, after, "{what}");
        let undone = fixture.undo(None).expect(what);
        assert_eq!((undone.id.as_str(), undone.what.as_str()), (id.as_str(), what));
        assert!(is_equal(&fixture.document(), &before), "{what}");
        let history = fixture.file.history().expect("a log");
        assert_eq!(history.entries.last().and_then(|last| last.entry.undo_of()), Some(id.as_str()));
        // The last edit is the undo now.
        fixture.undo(None).expect(what);
        assert!(is_equal(&fixture.document(), &after), "{what}");
    }
}

#[test]
fn what_was_changed_again_is_not_taken_back_and_the_later_edits_are_named() {
    let fixture = Fixture::new();
    let burst = |value: i32| Members::new().with("burst", Some(value));
    let first = fixture.edit("first", |draft| plan::edit(draft, "gold", burst(5)));
    let second = fixture.edit("second", |draft| plan::edit(draft, "gold", burst(6)));
    fixture.edit("other", |draft| key::edit(draft, "acme", Members::new().with("remark", Some("x"))));
    let Err(UndoError::Changed { id, obstacles }) = fixture.undo(Some(&first)) else { panic!("taken back") };
    let expected = Obstacle {
        object: phrases::USAGE_PLAN.put("gold (usagePlan-gold)"),
        members: names(&["burst"]),
        by: vec![Later { id: second.clone(), what: "second".to_owned() }],
    };
    assert_eq!((id, obstacles), (first.clone(), vec![expected]));
    // Once the later one is taken back, the document is as the first one left it.
    fixture.undo(Some(&second[..5])).expect("taken back");
    fixture.undo(Some(&first)).expect("taken back");
    assert_eq!(fixture.document()["usage_plans"][0].get("burst"), None);
    let Err(UndoError::Changed { obstacles, .. }) = fixture.undo(Some(&first)) else { panic!("taken back") };
    assert_eq!(obstacles[0].by.len(), 3, "{obstacles:?}");
}

#[test]
fn what_was_changed_outside_is_in_the_way_of_an_undo_and_nobody_is_named() {
    let fixture = Fixture::new();
    fixture.edit("edit", |draft| plan::edit(draft, "gold", Members::new().with("burst", Some(5))));
    let text = fixture.document().to_string().replace("\"burst\":5", "\"burst\":7");
    fs::write(fixture.file.path(), text).expect("written");
    let Err(UndoError::Changed { obstacles, .. }) = fixture.undo(None) else { panic!("taken back") };
    assert_eq!((&obstacles[0].members, &obstacles[0].by), (&names(&["burst"]), &Vec::new()));
}

#[test]
fn what_was_changed_outside_is_taken_back_like_an_edit() {
    let fixture = Fixture::new();
    fixture.edit("one", |draft| plan::edit(draft, "gold", Members::new().with("burst", Some(5))));
    let before = fixture.document();
    fs::write(fixture.file.path(), before.to_string().replace("\"BETA\"", "\"GAMMA\"")).expect("written");
    fixture.edit("two", |draft| plan::edit(draft, "gold", Members::new().with("burst", Some(6))));
    let history = fixture.file.history().expect("a log");
    let outside = history.entries.iter().find(|found| matches!(found.entry.kind, Kind::Outside(_)));
    fixture.undo(Some(&outside.expect("an entry").entry.id)).expect("taken back");
    fixture.undo(Some(&history.entries[3].entry.id)).expect("taken back");
    assert!(is_equal(&fixture.document(), &before));
}

#[test]
fn keys_that_were_bound_later_stay_bound() {
    let fixture = Fixture::new();
    let first = fixture.edit("bind acme", |draft| plan::bind_keys(draft, "gold", &names(&["acme"])));
    fixture.edit("enable", |draft| {
        key::set_status(draft, &names(&["beta"]), usage_plan_core::document::KeyStatus::Enabled)
    });
    fixture.edit("bind beta", |draft| plan::bind_keys(draft, "gold", &names(&["beta"])));
    fixture.undo(Some(&first)).expect("taken back");
    assert_eq!(fixture.document()["usage_plans"][0]["keys"], json!(["AKIDbeta0001"]));
}

#[test]
fn a_key_that_is_bound_since_it_was_made_is_not_deleted() {
    let fixture = Fixture::new();
    let made = fixture.edit("create", |draft| {
        let part =
            json!({"keys": [{"secret_id": "AKIDdelta001", "name": "delta", "secret_key_env": "DELTA"}]});
        let part = Part::read(part.to_string().as_bytes(), "part").expect("a part");
        apply(draft, part, crate::dates::now()).expect("applied");
        Ok(())
    });
    let bound = fixture.edit("bind", |draft| plan::bind_keys(draft, "gold", &names(&["delta"])));
    let Err(UndoError::Rule { errors, by, .. }) = fixture.undo(Some(&made)) else { panic!("taken back") };
    assert!(errors.to_string().contains("AKIDdelta001"), "{errors}");
    assert_eq!(by, [Later { id: bound, what: "bind".to_owned() }]);
}

#[test]
fn a_secret_comes_back_from_the_document_or_not_at_all() {
    let rotation = |secret: &str, overlap: u64| {
        let secret = key::NewSecret::Given(usage_plan_core::document::SecretSource::Document(
            usage_plan_core::document::Secret::new(secret),
        ));
        move |draft: &mut Draft| {
            let overlap = std::time::Duration::from_secs(overlap);
            let now = crate::dates::now();
            key::rotate(draft, "acme", &key::Rotation { secret: &secret, overlap, force: true, now })
        }
    };
    let fixture = Fixture::new();
    let before = fixture.document();
    fixture.edit("rotate", rotation("acme-secret-key-2", 3600));
    fixture.undo(None).expect("the document has the old secret");
    assert_eq!(fixture.document(), before);
    // The new one is gone now.
    let Err(UndoError::SecretIsGone { key, member, is_deleted, .. }) = fixture.undo(None) else {
        panic!("taken back")
    };
    assert_eq!((key.id.as_str(), member.as_str(), is_deleted), ("AKIDacme0001", "secret_key", false));

    let fixture = Fixture::new();
    fixture.edit("rotate", rotation("acme-secret-key-2", 0));
    assert!(matches!(fixture.undo(None), Err(UndoError::SecretIsGone { .. })));

    let fixture = Fixture::new();
    fixture.edit("delete", |draft| draft.remove(KEYS, "acme"));
    let Err(UndoError::SecretIsGone { is_deleted, .. }) = fixture.undo(None) else { panic!("taken back") };
    assert!(is_deleted);
}

#[test]
fn an_entry_is_named_by_its_id_or_the_beginning_of_it() {
    let fixture = Fixture::new();
    assert!(matches!(fixture.undo(None), Err(UndoError::Unknown(Unknown::Empty))));
    let id = fixture.edit("edit", |draft| plan::edit(draft, "gold", Members::new().with("burst", Some(5))));
    assert!(matches!(fixture.undo(Some("no-such")), Err(UndoError::Unknown(Unknown::NotFound))));
    let ambiguous = fixture.undo(Some(""));
    assert!(matches!(ambiguous, Err(UndoError::Unknown(Unknown::Ambiguous(ids))) if ids.contains(&id)));
    let begins = fixture.file.history().expect("a log").entries[0].entry.id.clone();
    assert!(matches!(fixture.undo(Some(&begins)), Err(UndoError::Begins(_))));
}
