//! What readers see, and what an edit leaves.

mod kills;

use std::fs;

use tokio::time::Instant;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::draft::Members;
use usage_plan_manage::operations::{NewObject, service};

use super::*;

fn desk(directory: &tempfile::TempDir) -> Arc<Desk> {
    let path = directory.path().join("usage-plans.json");
    fs::write(&path, r#"{"services": []}"#).expect("a file");
    Arc::new(Desk::new(DocumentFile::new(path), Publishing::nowhere()))
}

fn author(what: &str) -> Author {
    Author { who: "ada".to_owned(), from: "here".to_owned(), what: what.to_owned() }
}

/// Waits until the file is old enough to be known by its stamp.
async fn grow_old(desk: &Arc<Desk>) {
    let start = Instant::now();
    while start.elapsed() < YOUNG * 2 {
        desk.read().await.expect("a document");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_document_is_read_once_until_it_changes() {
    let directory = tempfile::tempdir().expect("a directory");
    let desk = desk(&directory);
    grow_old(&desk).await;
    let first = desk.read().await.expect("a document");
    assert!(Arc::ptr_eq(&first, &desk.read().await.expect("a document")), "it is shared");
    fs::write(desk.path(), r#"{"services": [], "keys": []}"#).expect("a file");
    let second = desk.read().await.expect("a document");
    assert!(!Arc::ptr_eq(&first, &second), "it is read anew");
    assert!(second.draft.text().contains("keys"));
}

#[tokio::test]
async fn a_document_that_is_not_there_is_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = DocumentFile::new(directory.path().join("none.json"));
    let desk = Arc::new(Desk::new(file, Publishing::nowhere()));
    assert!(matches!(desk.read().await, Err(Error::NoDocument { .. })));
}

#[tokio::test]
async fn an_edit_is_seen_by_the_next_reader_and_is_in_the_log() {
    let directory = tempfile::tempdir().expect("a directory");
    let desk = desk(&directory);
    for number in 0..3 {
        let done = desk.edit(author("a service"), move |draft| {
            let members = Members::new()
                .with_list("domains", &[format!("{number}.example.com")])
                .with_list("environments", &["release"]);
            let (id, name) = (format!("service-{number}"), format!("name-{number}"));
            let new = NewObject { id, name, members, created_at: Timestamp::from_nanos(0) };
            service::create(draft, new).map_err(Error::from)
        });
        let done = done.await.expect("an edit");
        assert!(matches!(done.change, Change::Written { .. }));
        let read = desk.read().await.expect("a document");
        assert_eq!(read.draft.document().services.len(), number + 1);
    }
    assert_eq!(desk.history().await.expect("a log").entries.len(), 4, "with the log's beginning");
    desk.undo(author("undo"), None).await.expect("undone");
    assert_eq!(desk.read().await.expect("a document").draft.document().services.len(), 2);
}
