//! What is published, when, and for whom.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use usage_plan_manage::render::FilterOptions;

use super::*;

fn ways(directory: Option<&TempDir>) -> Ways {
    let published = |directory: &TempDir| Directory {
        path: directory.path().to_owned(),
        mode: 0o600,
        admins: Vec::new(),
    };
    Ways {
        directory: directory.map(published),
        xds: directory.is_none(),
        resolve: false,
        options: FilterOptions::default(),
        timeout: Duration::from_secs(60),
    }
}

fn document(directory: &TempDir, text: &str) -> DocumentFile {
    let path = directory.path().join("usage-plans.json");
    let next = directory.path().join("next");
    fs::write(&next, text).and_then(|()| fs::rename(&next, &path)).expect("written");
    DocumentFile::new(path)
}

const ONE: &str = r#"{"keys": [{"secret_id": "AKIDone00001", "secret_key": "secret-key-0001"}]}"#;
const TWO: &str = r#"{"keys": [{"secret_id": "AKIDtwo00001", "secret_key": "secret-key-0001"}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ordered_is_published_and_those_who_wait_together_share_it() {
    let (directory, published) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
    let file = document(&directory, ONE);
    let times = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&times);
    let report = Box::new(move |_: &Delivery| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let publishing = Arc::new(Publishing::start(&file, ways(Some(&published)), report));
    let first = publishing.publish().await;
    assert_eq!(first.problem, None);
    document(&directory, TWO);
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let publishing = Arc::clone(&publishing);
            tokio::spawn(async move { publishing.publish().await })
        })
        .collect();
    for wait in waiting {
        assert_ne!(wait.await.expect("published").version, first.version);
    }
    let text = fs::read_to_string(published.path().join("usage-plan.yaml")).expect("published");
    assert!(text.contains("AKIDtwo00001"));
    assert_eq!(times.load(Ordering::Relaxed), 2, "each document once");
    publishing.end();
    assert_eq!(publishing.publish().await.version, publishing.last().version, "no more");
}

#[test]
fn nothing_is_published_before_it_is_asked_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = document(&directory, ONE);
    for (is_asked_for, expected) in [(false, 0), (true, 1)] {
        let times = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&times);
        let report = Box::new(move |_: &Delivery| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let publishing = Publishing::start(&file, ways(None), report);
        if is_asked_for {
            publishing.begin();
        } else {
            thread::sleep(Duration::from_millis(100));
        }
        publishing.end();
        assert_eq!(times.load(Ordering::Relaxed), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_from_outside_is_noticed() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = document(&directory, ONE);
    let publishing = Publishing::start(&file, ways(None), Box::new(|_| {}));
    let first = publishing.publish().await;
    document(&directory, TWO);
    let mut done = publishing.done.clone();
    let is_other = |done: &(u64, Arc<Delivery>)| done.1.version != first.version;
    done.wait_for(is_other).await.expect("published");
    publishing.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_published_is_said() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = document(&directory, r#"{"keys": [{"secret_id": "AKIDone00001", "secret_key_file": "x"}]}"#);
    let publishing = Publishing::start(&file, ways(None), Box::new(|_| {}));
    let delivery = publishing.publish().await;
    assert!(delivery.trouble().expect("trouble").contains("secret_key_file"), "{delivery:?}");
    publishing.end();
}
