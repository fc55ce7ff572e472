//! What is noticed of a document, and what is made of a record that is ahead of it.

use serde_json::{Value, json};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::draft::Draft;
use usage_plan_manage::file::{DocumentFile, Missing, Mode};

use super::*;

fn draft(document: &Value) -> Draft {
    Draft::parse(document.to_string().as_bytes()).expect("a valid document")
}

fn time(text: &str) -> Timestamp {
    Timestamp::from_rfc3339(text).expect("a time")
}

fn document() -> Value {
    json!({
        "services": [{"id": "service-a", "domains": ["*"], "environments": ["release"]}],
        "keys": [{"secret_id": "AKIDacme01", "secret_key": "acme-secret-key-1"}],
    })
}

#[test]
fn an_object_has_a_time_from_when_it_is_seen_and_another_when_it_changes() {
    let mut record = Record::default();
    let mut document = document();
    record.notice(&draft(&document), time("2026-01-01T00:00:00.5Z"));
    let times = |record: &Record| {
        let times = &record.keys["AKIDacme01"].times;
        [times.created.clone(), times.modified.clone()]
    };
    let first = times(&record);
    assert_eq!(first, ["2026-01-01T00:00:00Z"; 2]);
    record.notice(&draft(&document), time("2026-01-02T00:00:00Z"));
    assert_eq!(times(&record), first, "it is as it was");
    document["keys"][0]["secret_key"] = json!("acme-secret-key-2");
    record.notice(&draft(&document), time("2026-01-03T00:00:00Z"));
    assert_eq!(times(&record), ["2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"], "a new secret is a change");
    document["keys"] = json!([]);
    record.notice(&draft(&document), time("2026-01-04T00:00:00Z"));
    assert!(record.keys.is_empty());
}

#[test]
fn an_environment_that_is_published_by_other_means_has_a_version_until_it_is_not() {
    let mut record = Record::default();
    let mut document = document();
    record.notice(&draft(&document), time("2026-01-01T00:00:00Z"));
    let service = |record: &Record| record.services["service-a"].clone();
    let version = service(&record).current["release"].clone();
    assert!(version.starts_with("20260101000000") && version.len() == 50, "{version}");
    record.notice(&draft(&document), time("2026-01-02T00:00:00Z"));
    assert_eq!(service(&record).current["release"], version);
    document["services"][0].as_object_mut().expect("a service").remove("environments");
    record.notice(&draft(&document), time("2026-01-03T00:00:00Z"));
    assert_eq!(service(&record).current.len(), 3, "those that a service has which lists none");
    document["services"][0]["environments"] = json!([]);
    record.notice(&draft(&document), time("2026-01-04T00:00:00Z"));
    assert!(service(&record).current.is_empty());
    assert_eq!(service(&record).releases.len(), 3, "what was published stays told");
}

/// A process ended after it had written the record, and before it replaced the document.
#[test]
fn a_record_that_is_ahead_of_its_document_is_put_right() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("usage-plans.json");
    std::fs::write(&path, document().to_string()).expect("a file");
    let file = DocumentFile::new(path);
    let look = |ends: bool| {
        let looked = file.edit_beside(Mode::DryRun, Missing::IsAnError, |draft, beside| {
            let mut opened = Opened::read(beside).expect("a record");
            opened.record.notice(draft, time("2026-01-01T00:00:00Z"));
            if ends {
                opened.record.keys.entry("AKIDnew001".to_owned()).or_default().is_manual = true;
                let service = opened.record.services.entry("service-a".to_owned()).or_default();
                service.release("test", "20260101000000-x", "first", "2026-01-01T00:00:00Z");
            }
            opened.write(beside).expect("a file");
            Ok::<_, usage_plan_manage::Error>(opened.record)
        });
        looked.expect("a document").value
    };
    assert!(look(true).keys.contains_key("AKIDnew001"));
    let right = look(false);
    assert_eq!(right.keys.keys().collect::<Vec<_>>(), ["AKIDacme01"]);
    assert_eq!(right.services["service-a"].current.keys().collect::<Vec<_>>(), ["release"]);
    assert_eq!(look(false), right);
}

#[test]
fn a_record_is_for_its_owner_alone_and_is_written_only_when_it_changes() {
    use std::os::unix::fs::MetadataExt;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("usage-plans.json");
    std::fs::write(&path, document().to_string()).expect("a file");
    let file = DocumentFile::new(path);
    let write = || {
        let written = file.edit_beside(Mode::DryRun, Missing::IsAnError, |draft, beside| {
            let mut opened = Opened::read(beside).expect("a record");
            opened.record.notice(draft, time("2026-01-01T00:00:00Z"));
            opened.write(beside).expect("a file");
            Ok::<_, usage_plan_manage::Error>(std::fs::metadata(beside.path(ENDING)).expect("a file"))
        });
        written.expect("a document").value
    };
    let first = write();
    assert_eq!(first.mode() & 0o777, 0o600);
    assert_eq!(write().ino(), first.ino());
}
