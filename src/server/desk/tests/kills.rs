//! A process that edits and publishes is killed at fifty moments: what is left is the old document or the new
//! one, in the file and where Envoys read it, and the log tells which.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use usage_plan_manage::draft::{Members, SERVICES};
use usage_plan_manage::publish::{ValidDocument, published};
use usage_plan_manage::render::FilterOptions;

use super::*;
use crate::publishing::{Directory, Ways};

const CHILD: &str = "desk::tests::kills::in_a_process_of_its_own_that_is_killed_while_it_edits";
const MOMENTS: u64 = 50;

/// Where the child edits, and where it publishes.
const PLACES: [&str; 2] = ["EDIT_IN", "PUBLISH_TO"];

fn desk(directory: &Path, published: &Path) -> Arc<Desk> {
    let file = DocumentFile::new(directory.join("usage-plans.json"));
    let directory = Directory { path: published.to_owned(), mode: 0o600, admins: Vec::new() };
    let ways = Ways {
        directory: Some(directory),
        xds: true,
        resolve: false,
        options: FilterOptions::default(),
        timeout: Duration::from_secs(60),
    };
    let publishing = Publishing::start(&file, ways, Box::new(|_| {}));
    Arc::new(Desk::new(file, publishing))
}

/// Makes the remark of the only service the next number.
async fn count(desk: &Arc<Desk>) {
    let edit = |draft: &mut Draft| {
        let number: u64 = remark(draft).parse().unwrap_or_default();
        let members = Members::new().with("name", Some(format!("{}", number + 1)));
        members.apply(draft.find_mut(SERVICES, "service-count")?);
        Ok::<_, Error>(())
    };
    desk.edit(author("count"), edit).await.expect("an edit");
}

fn remark(draft: &Draft) -> String {
    draft.document().services[0].name.clone()
}

/// The child process of the test below, which sets the places in the environment. Without them it has nothing
/// to do.
#[tokio::test]
async fn in_a_process_of_its_own_that_is_killed_while_it_edits() {
    let [Some(directory), Some(published)] = PLACES.map(env::var_os) else { return };
    let desk = desk(Path::new(&directory), Path::new(&published));
    println!("begun");
    loop {
        count(&desk).await;
    }
}

fn start(directory: &Path, published: &Path) -> Child {
    let child = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", CHILD, "--nocapture"])
        .envs(PLACES.into_iter().zip([directory, published]))
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.expect("run");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("a pipe")));
    lines
        .find(|line| line.as_ref().is_ok_and(|line| line.contains("begun")))
        .expect("it begins")
        .expect("a line");
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_of_an_edit_it_leaves_the_old_document_or_the_new_one() {
    let (directory, published_to) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
    let path = directory.path().join("usage-plans.json");
    let service = r#"{"id": "service-count", "name": "0", "domains": ["a.example.com"], "environments": ["release"],
        "default_environment": "release"}"#;
    fs::write(&path, format!(r#"{{"services": [{service}]}}"#)).expect("written");
    let mut last = 0;
    for moment in 0..MOMENTS {
        let mut child = start(directory.path(), published_to.path());
        // An edit takes some milliseconds: the moments are spread over several.
        thread::sleep(Duration::from_micros(500 * moment));
        child.kill().and_then(|()| child.wait()).expect("it is killed");
        let draft = DocumentFile::new(path.clone()).read().expect("a valid document");
        let number: u64 = remark(&draft).parse().expect("a number");
        assert!(number >= last, "{number} after {last}: an edit is gone");
        if let [Some(found), ..] = published(published_to.path()).expect("a directory") {
            assert!(ValidDocument::parse(found.text.as_bytes()).is_ok(), "half a document is published");
        }
        last = number;
    }
    assert!(last > 0, "it was never alive for as long as an edit takes");
    // Whoever edits next finds a log that is whole, and each number in it once.
    let desk = desk(directory.path(), published_to.path());
    count(&desk).await;
    let history = desk.history().await.expect("a log");
    assert!(!history.is_changed_since && history.unreadable == 0);
    let made = history.entries.iter().filter(|found| found.happened && !found.entry.changes().is_empty());
    assert_eq!(u64::try_from(made.count()).expect("it fits"), last + 1);
    desk.publishing().end();
}
