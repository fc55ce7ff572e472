//! What is in the store, who may open it, and what happens when the disk fails.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use redb::StorageBackend;
use tempfile::TempDir;
use usage_plan_core::timestamp::Timestamp;

use super::*;
use crate::counter::Counter;

pub(crate) fn quota(plan: &str, period: &str, id: &str) -> QuotaCounter {
    let entries = [("plan", plan), ("w", period), ("p", id)];
    let entries = entries.map(|(key, value)| (key.to_owned(), value.to_owned()));
    Counter::new("d", entries).and_then(Counter::quota).expect("a name").expect("a quota's")
}

fn day(plan: &str) -> QuotaCounter {
    quota(plan, "day", "2026-11-24+0800")
}

fn at(time: &str) -> Timestamp {
    Timestamp::from_rfc3339(time).expect("a time")
}

fn noon() -> Timestamp {
    at("2026-11-24T04:00:00Z")
}

/// Debits a quota of ten: what is left, or None when it is over.
fn debit(store: &Store, counter: &QuotaCounter, hits: u64) -> Option<u64> {
    let decision = store.write(|counters| counters.debit(counter, 10, hits, noon())).expect("it is written");
    decision.granted.then_some(decision.remaining)
}

fn all(store: &Store) -> Vec<(QuotaCounter, Spent)> {
    store.list(&[], usize::MAX, |_| true).expect("it is read").counters
}

fn file() -> (TempDir, PathBuf) {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("engine.redb");
    (directory, path)
}

#[test]
fn a_quota_is_granted_once_and_never_more_also_by_the_next_process() {
    let (_directory, path) = file();
    let store = Store::open(&path).expect("a store");
    assert_eq!(debit(&store, &day("a"), 7), Some(3));
    assert_eq!(debit(&store, &day("a"), 4), None);
    assert_eq!(debit(&store, &day("a"), 0), Some(3));
    assert_eq!(debit(&store, &day("b"), 10), Some(0));
    drop(store);
    let store = Store::open(&path).expect("the store");
    assert_eq!(debit(&store, &day("a"), 4), None);
    assert_eq!(debit(&store, &day("a"), 3), Some(0));
    assert_eq!(debit(&store, &day("a"), 1), None);
    assert_eq!(debit(&store, &day("a"), u64::MAX), None);
    assert_eq!(debit(&store, &quota("a", "day", "2026-11-25+0800"), 10), Some(0));
    assert_eq!(store.count().expect("it is read"), 3);
}

#[test]
fn what_changes_nothing_is_not_written() {
    let (_directory, path) = file();
    let store = Store::open(&path).expect("a store");
    assert_eq!(debit(&store, &day("a"), 0), Some(10));
    assert_eq!(debit(&store, &day("a"), 11), None);
    assert!(all(&store).is_empty());
}

#[test]
fn an_amount_from_elsewhere_is_there_once_however_often_it_is_brought_in() {
    let (_directory, path) = file();
    let store = Store::open(&path).expect("a store");
    assert_eq!(debit(&store, &day("a"), 2), Some(8));
    let carry = |amount| store.write(|counters| counters.carry(&day("a"), amount)).expect("it is written");
    assert_eq!(carry(5), Spent { granted: 2, carried: 0, limit: 10 });
    assert_eq!(carry(6), Spent { granted: 2, carried: 5, limit: 10 });
    assert_eq!(carry(6), Spent { granted: 2, carried: 6, limit: 10 });
    assert_eq!(debit(&store, &day("a"), 3), None);
    assert_eq!(debit(&store, &day("a"), 2), Some(0));
    // More was spent elsewhere than is left: nothing is granted, and nothing overflows.
    carry(u64::MAX);
    assert_eq!(debit(&store, &day("a"), 1), None);
    let before = store.write(|counters| counters.correct(&day("a"), 1)).expect("it is written");
    assert_eq!(before, Spent { granted: 4, carried: u64::MAX, limit: 10 });
    assert_eq!(all(&store), [(day("a"), Spent { granted: 1, carried: 0, limit: 10 })]);
}

#[test]
fn a_reset_forgets_what_is_wanted_of_the_present_period_alone() {
    let (_directory, path) = file();
    let store = Store::open(&path).expect("a store");
    let past = quota("a", "day", "2026-11-23+0800");
    for counter in [&past, &day("a"), &day("b"), &quota("a", "total", "total")] {
        debit(&store, counter, 1);
    }
    let of_a = |counter: &QuotaCounter| counter.counter.get("plan") == Some("a");
    assert_eq!(store.write(|counters| counters.reset(noon(), of_a)).expect("it is written"), 2);
    let left: Vec<QuotaCounter> = all(&store).into_iter().map(|(counter, _)| counter).collect();
    assert_eq!(left, [past, day("b")]);
}

#[test]
fn a_sweep_forgets_what_is_over_for_a_period_and_nothing_else() {
    let (_directory, path) = file();
    let store = Store::open(&path).expect("a store");
    let total = quota("a", "total", "total");
    let minute = quota("a", "minute", "2026-11-24T12:00+0800");
    for counter in [&day("a"), &day("b"), &total, &minute] {
        debit(&store, counter, 1);
    }
    let sweep = |now, most| store.write(|counters| counters.sweep(at(now), most)).expect("it is written");
    assert_eq!(sweep("2026-11-24T04:01:59.999999999Z", 10), 0);
    assert_eq!(sweep("2026-11-24T04:02:00Z", 10), 0);
    assert_eq!(sweep("2026-11-24T04:02:00.000000001Z", 10), 1);
    assert_eq!(sweep("2026-11-25T16:00:00Z", 10), 0);
    assert_eq!(sweep("2026-11-26T00:00:00Z", 1), 1);
    assert_eq!(sweep("2026-11-26T00:00:00Z", 1), 1);
    assert_eq!(sweep("2500-01-01T00:00:00Z", 1), 0);
    assert_eq!(all(&store).len(), 1);
}

#[test]
fn a_list_goes_on_where_it_ended() {
    let (_directory, path) = file();
    let store = Store::open(&path).expect("a store");
    let counters: Vec<QuotaCounter> = (0..5).map(|number| day(&number.to_string())).collect();
    counters.iter().for_each(|counter| _ = debit(&store, counter, 1));
    drop(store);
    let mut found = Vec::new();
    let mut next = Some(Vec::new());
    while let Some(after) = next {
        let page = list_closed(&path, &after, 2, |_| true).expect("it is read");
        assert!(page.counters.len() <= 2);
        found.extend(page.counters.into_iter().map(|(counter, _)| counter));
        next = page.next;
    }
    assert_eq!(found, counters);
}

#[test]
fn a_store_is_opened_by_one_and_what_is_no_store_by_nobody() {
    let (directory, path) = file();
    let store = Store::open(&path).expect("a store");
    assert!(matches!(Store::open(&path), Err(Error::InUse(_))));
    assert!(matches!(list_closed(&path, &[], 1, |_| true), Err(Error::InUse(_))));
    drop(store);
    let other = directory.path().join("other");
    std::fs::write(&other, [b'x'; 5000]).expect("it is written");
    assert!(matches!(Store::open(&other), Err(Error::Failed(_))));
    assert!(matches!(Store::open(&directory.path().join("no/engine.redb")), Err(Error::Failed(_))));
    let database = Database::create(&path).expect("the database");
    let transaction = database.begin_write().expect("a transaction");
    transaction.open_table(ABOUT).expect("a table").insert(FORMAT, 2).expect("it is written");
    transaction.commit().expect("it is committed");
    drop(database);
    assert!(matches!(Store::open(&path), Err(Error::Format(2))));
}

/// A disk that can fail.
#[derive(Clone, Debug, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    fails: Arc<AtomicBool>,
    syncs: Arc<AtomicU64>,
}

impl Disk {
    fn open(&self) -> Result<Database> {
        let opened = Builder::new().create_with_backend(self.clone());
        let database = opened.map_err(|error| Error::Failed(error.to_string()))?;
        prepare(&database)?;
        Ok(database)
    }

    fn check(&self) -> io::Result<()> {
        if self.fails.load(Ordering::Relaxed) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().expect("the bytes").len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).expect("an offset");
        out.copy_from_slice(&self.bytes.lock().expect("the bytes")[start..start + out.len()]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.check()?;
        self.bytes.lock().expect("the bytes").resize(usize::try_from(length).expect("a length"), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.check()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check()?;
        let start = usize::try_from(offset).expect("an offset");
        self.bytes.lock().expect("the bytes")[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}

#[test]
fn a_disk_that_fails_grants_nothing_and_one_that_works_again_does() {
    let disk = Disk::default();
    let opened = disk.clone();
    let store = Store::opened_by(Box::new(move || opened.open())).expect("a store");
    assert_eq!(debit(&store, &day("a"), 3), Some(7));
    disk.fails.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        let failed = store.write(|counters| counters.debit(&day("a"), 10, 3, noon()));
        assert!(matches!(failed, Err(Error::Failed(_))), "{failed:?}");
    }
    disk.fails.store(false, Ordering::Relaxed);
    assert_eq!(debit(&store, &day("a"), 0), Some(7));
    assert_eq!(debit(&store, &day("a"), 7), Some(0));
}

#[test]
fn what_is_granted_is_synced_to_the_disk_before_it_is_answered() {
    let disk = Disk::default();
    let opened = disk.clone();
    let store = Store::opened_by(Box::new(move || opened.open())).expect("a store");
    for left in (0..10).rev() {
        let before = disk.syncs.load(Ordering::Relaxed);
        assert_eq!(debit(&store, &day("a"), 1), Some(left));
        assert!(disk.syncs.load(Ordering::Relaxed) > before, "nothing was synced");
    }
}
