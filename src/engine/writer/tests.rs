//! Nothing is answered that is not on disk, and all that waits is one transaction.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc as std_mpsc;

use rustix::process::{Signal, getpid, kill_process};
use tempfile::TempDir;
use tokio::runtime::Builder;

use super::*;
use crate::store::tests::quota;

fn debit(limit: u32, hits: u64) -> Work {
    let counter = quota("a", "total", "total");
    Work::Debit { counter, limit, hits, now: Timestamp::default() }
}

/// Whether so many hits are granted, and what is left.
async fn ask(writer: &Writer, limit: u32, hits: u64) -> (bool, u64) {
    match writer.ask(debit(limit, hits)).await {
        Ok(Done::Decided(decision)) => (decision.granted, decision.remaining),
        other => panic!("{other:?}"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn start(path: &Path, committed: impl FnMut() + Send + 'static) -> (Writer, Arc<Metrics>) {
    let metrics = Arc::new(Metrics::new(Timestamp::default()));
    let store = Arc::new(Store::open(path).expect("a store"));
    (Writer::start_stepwise(store, Arc::clone(&metrics), committed), metrics)
}

fn metric(metrics: &Metrics, name: &str) -> String {
    let text = metrics.to_text(0, None, None, 0);
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("usage_plan_engine_{name} ")));
    line.expect(name).to_owned()
}

/// In a process of its own: asks for ten three times, and is killed between the third commit and its answer.
/// Each answer is a line.
fn asks_until_it_is_killed(path: &Path) {
    let mut commits = 0;
    let committed = move || {
        commits += 1;
        if commits == 3 {
            kill_process(getpid(), Signal::KILL).expect("it is killed");
        }
    };
    let (writer, _) = start(path, committed);
    for _ in 0..3 {
        let (granted, left) = runtime().block_on(ask(&writer, 100, 10));
        println!("answer: {granted} {left}");
    }
}

#[test]
fn what_was_committed_and_not_answered_is_counted_when_the_process_is_killed_in_between() {
    const STORE: &str = "USAGE_PLAN_ENGINE_TEST_STORE";
    if let Some(path) = std::env::var_os(STORE) {
        return asks_until_it_is_killed(Path::new(&path));
    }
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("engine.redb");
    let name = thread::current().name().expect("the test's name").to_owned();
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    let killed = child.args([&name, "--exact", "--nocapture"]).env(STORE, &path).output().expect("it runs");
    assert_eq!(killed.status.signal(), Some(9), "{killed:?}");
    let printed = String::from_utf8(killed.stdout).expect("UTF-8");
    let answers: Vec<&str> =
        printed.lines().filter_map(|line| line.split_once("answer: ")).map(|(_, rest)| rest).collect();
    assert_eq!(answers, ["true 90", "true 80"]);
    let (writer, _) = start(&path, || {});
    assert_eq!(runtime().block_on(ask(&writer, 100, 0)), (true, 70));
    assert_eq!(runtime().block_on(ask(&writer, 100, 71)), (false, 70));
    assert_eq!(runtime().block_on(ask(&writer, 100, 70)), (true, 0));
    writer.finish();
}

#[test]
fn the_calls_of_64_clients_that_wait_are_one_transaction() {
    let directory = TempDir::new().expect("a directory");
    let (go_on, held) = std_mpsc::channel::<()>();
    // The first commit is held until all others wait.
    let mut is_first = true;
    let committed = move || {
        if std::mem::take(&mut is_first) {
            held.recv().expect("it goes on");
        }
    };
    let (writer, metrics) = start(&directory.path().join("engine.redb"), committed);
    let writer = Arc::new(writer);
    runtime().block_on(async {
        let spawn = || {
            let writer = Arc::clone(&writer);
            tokio::spawn(async move { ask(&writer, 60, 1).await })
        };
        let first = spawn();
        while metric(&metrics, "commit_seconds_count") != "1" {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (0..64).map(|_| spawn()).collect();
        while writer.waiting() < 64 {
            tokio::task::yield_now().await;
        }
        go_on.send(()).expect("the writer waits");
        let mut granted = usize::from(first.await.expect("an answer").0);
        for other in others {
            granted += usize::from(other.await.expect("an answer").0);
        }
        assert_eq!(granted, 60);
    });
    assert_eq!(metric(&metrics, "commit_seconds_count"), "2");
    assert_eq!(metric(&metrics, "committed_calls_total"), "65");
}

#[test]
fn a_caller_that_leaves_before_its_turn_is_not_counted() {
    let directory = TempDir::new().expect("a directory");
    let (go_on, held) = std_mpsc::channel::<()>();
    let committed = move || _ = held.recv();
    let (writer, metrics) = start(&directory.path().join("engine.redb"), committed);
    runtime().block_on(async {
        let left = async {
            let mut leaves = Box::pin(writer.ask(debit(10, 5)));
            tokio::select! {
                biased;
                _ = &mut leaves => panic!("it is answered"),
                () = std::future::ready(()) => {}
            }
        };
        let first = writer.ask(debit(10, 1));
        let first = async {
            let answer = first.await;
            assert!(answer.is_ok(), "{answer:?}");
        };
        let then = async {
            while metric(&metrics, "commit_seconds_count") != "1" {
                tokio::task::yield_now().await;
            }
            left.await;
            drop(go_on);
        };
        tokio::join!(first, then);
        assert_eq!(ask(&writer, 10, 0).await, (true, 9));
    });
}

#[test]
fn what_waits_is_done_before_the_writer_ends() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("engine.redb");
    let (writer, _) = start(&path, || {});
    let mut asked = Box::pin(writer.ask(debit(10, 4)));
    runtime().block_on(async {
        tokio::select! {
            biased;
            _ = &mut asked => {}
            () = std::future::ready(()) => {}
        }
    });
    drop(asked);
    assert!(runtime().block_on(ask(&writer, 10, 1)).0);
    writer.finish();
    let (writer, _) = start(&path, || {});
    // The call that nobody waits for may have been counted or not; the one that was answered was.
    let (_, left) = runtime().block_on(ask(&writer, 10, 0));
    assert!([5, 9].contains(&left), "{left}");
    writer.finish();
}
