//! The file of samples: what it keeps, what it forgets, and what it refuses.

use std::os::unix::fs::MetadataExt;

use tempfile::TempDir;

use super::super::slot::{Amount, Kind, Series};
use super::*;

const START: u64 = 1_700_000_000 - 1_700_000_000 % 900;

fn slot(calls: u64) -> Slot {
    let amount = Amount { calls, peak: calls };
    let series = Series::new(Kind::All, "", "allowed");
    Slot { answers: 1, misses: 0, restarts: 0, amounts: [(series, amount)].into() }
}

fn store() -> (TempDir, PathBuf, Store) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("usage-plans.json.samples");
    let store = Store::open(&path).expect("a store");
    (directory, path, store)
}

/// The steps of a ring: when each begins, and what was admitted in it in all and at once.
fn steps(store: &Store, ring: Ring) -> Vec<(u64, u64, u64)> {
    let mut steps = Vec::new();
    let each = |start, view: &View<'_>| {
        let amount = view.amounts.first().map(|(.., amount)| *amount).unwrap_or_default();
        steps.push((start, amount.calls, amount.peak));
    };
    store.visit(ring, 0, u64::MAX, each).expect("steps");
    steps
}

#[test]
fn a_step_is_in_every_ring_and_outlasts_the_process() {
    let (_directory, path, store) = store();
    for (second, calls) in [(5, 3), (15, 4), (65, 5)] {
        store.record(START + second, &slot(calls), &["AKIDacme"]).expect("kept");
    }
    drop(store);
    let store = Store::open(&path).expect("a store");
    store.record(START + 75, &slot(1), &[]).expect("kept");
    assert_eq!(
        steps(&store, FINE),
        [(START, 3, 3), (START + 10, 4, 4), (START + 60, 5, 5), (START + 70, 1, 1)]
    );
    assert_eq!(steps(&store, MINUTES), [(START, 7, 4), (START + 60, 6, 5)]);
    assert_eq!(steps(&store, QUARTERS), [(START, 13, 5)]);
    assert_eq!(store.seen("AKIDacme"), Ok(Some(START + 65)));
    assert_eq!(store.seen("AKIDnone"), Ok(None));
    assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
}

#[test]
fn a_ring_keeps_its_newest_steps_and_a_clock_that_was_wrong_for_a_moment_loses_none() {
    let (_directory, _path, store) = store();
    let second = |n: u64| START + n * FINE.step;
    for n in 0..FINE.slots + 3 {
        store.record(second(n), &slot(n), &[]).expect("kept");
    }
    let kept = steps(&store, FINE);
    assert_eq!(kept.len() as u64, FINE.slots);
    assert_eq!((kept[0], kept[kept.len() - 1].1), ((second(3), 3, 3), FINE.slots + 2));
    store.record(second(1_000_000), &slot(1), &[]).expect("kept");
    let kept = steps(&store, FINE);
    assert_eq!((kept.len() as u64, kept[0].0), (FINE.slots, second(4)));
}

#[test]
fn keys_are_remembered_up_to_a_number_the_last_ones_seen() {
    let (_directory, _path, store) = store();
    let names: Vec<String> = (0..MAX_SEEN + 5).map(|n| format!("AKID{n:06}")).collect();
    for (index, names) in names.chunks(5).enumerate() {
        if index < 2 || names.len() < 5 || index == names.len() {
            store
                .record(START + index as u64, &slot(0), &names.iter().map(String::as_str).collect::<Vec<_>>())
                .expect("kept");
        }
    }
    let rest: Vec<&str> = names[5..].iter().map(String::as_str).collect();
    store.record(START + 100, &slot(0), &rest).expect("kept");
    assert_eq!(store.seen("AKID000000"), Ok(None));
    assert_eq!(store.seen("AKID000005"), Ok(Some(START + 100)));
    assert_eq!(store.seen(&names[MAX_SEEN + 4]), Ok(Some(START + 100)));
}

#[test]
fn what_is_no_file_of_samples_is_refused_in_words_and_left_as_it_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("file");
    let foreign = vec![b'x'; 100_000];
    fs::write(&path, &foreign).expect("a file");
    let problem = Store::open(&path).expect_err("refused");
    assert!(
        problem.contains("is no file of samples, or is damaged") && problem.ends_with("move it away"),
        "{problem}"
    );
    assert_eq!(fs::read(&path).expect("a file"), foreign);
    // The engine's store, say.
    let path = directory.path().join("engine");
    let other = TableDefinition::<&str, u64>::new("about");
    let database = Database::create(&path).expect("a database");
    let transaction = database.begin_write().expect("a transaction");
    transaction.open_table(other).expect("a table").insert("format", 1).expect("written");
    transaction.commit().expect("committed");
    drop(database);
    let problem = Store::open(&path).expect_err("refused");
    assert!(problem.ends_with("engine is no file of samples: move it away"), "{problem}");
    let problem = Store::open(directory.path()).expect_err("refused");
    assert!(problem.contains(&directory.path().display().to_string()), "{problem}");
}

#[test]
fn a_file_that_was_damaged_or_written_by_a_later_version_is_refused_in_words() {
    let (directory, path, store) = store();
    assert!(Store::open(&path).expect_err("in use").ends_with("is open in another process"));
    for n in 0..200 {
        store.record(START + n * 10, &slot(n), &[]).expect("kept");
    }
    drop(store);
    let whole = fs::read(&path).expect("a file");
    fs::write(&path, &whole[..whole.len() / 2]).expect("a file");
    let problem = Store::open(&path).expect_err("refused");
    assert!(problem.contains("damaged"), "{problem}");
    let path = directory.path().join("later");
    drop(Store::open(&path).expect("a store"));
    let database = Database::create(&path).expect("a database");
    let transaction = database.begin_write().expect("a transaction");
    transaction.open_table(ABOUT).expect("a table").insert(FORMAT, 2).expect("written");
    transaction.commit().expect("committed");
    drop(database);
    let problem = Store::open(&path).expect_err("refused");
    assert!(problem.contains("written by a later version (format 2)"), "{problem}");
}

#[test]
fn nothing_is_kept_once_it_is_closed() {
    let (_directory, path, store) = store();
    store.record(START, &slot(1), &[]).expect("kept");
    store.close();
    store.record(START + 10, &slot(1), &[]).expect("it is no error");
    let store = Store::open(&path).expect("a store");
    assert_eq!(steps(&store, FINE).len(), 1);
}

#[test]
#[ignore = "it writes steps for 31 days: make test runs it by --include-ignored"]
fn the_file_has_a_bound() {
    let (_directory, path, store) = store();
    let mut full = Slot::default();
    for n in 0..78 {
        for word in ["admitted", "rate_limited", "quota_exceeded"] {
            let amount = Amount { calls: 1 << 40, peak: 1 << 30 };
            full.amounts.insert(Series::new(Kind::Plan, &format!("{n:050}"), word), amount);
        }
    }
    assert!(encode(full.clone()).len() > 6 << 10);
    for n in 0..QUARTERS.slots + 100 {
        store.record(START + n * QUARTERS.step, &full, &[]).expect("kept");
    }
    let bytes = fs::metadata(&path).expect("a file").len();
    println!("{bytes} bytes");
    assert!(bytes < 80 << 20, "{bytes}");
}
