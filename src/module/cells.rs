//! The cells of counters, in the memory of the process. They outlive configurations, as Envoy's shared data
//! does, and there is one store for each name of a filter, as there is one for each `vm_id`.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use usage_plan_core::limit::{Conflict, Version};

/// Stores by the names of their filters.
type Stores = HashMap<Box<[u8]>, Arc<Cells>>;

static STORES: Mutex<Option<Stores>> = Mutex::new(None);

/// A store of cells that all workers share.
pub(crate) struct Cells {
    hashes: DefaultHashBuilder,
    /// The cells, by a byte of their hash: counters of different plans seldom wait for each other.
    shards: [Shard; 256],
    /// The version that the last write to the store made.
    last_version: AtomicU32,
}

/// Some of the cells. No two locks are in one line of a processor's cache.
#[derive(Default)]
#[repr(align(64))]
struct Shard(Mutex<HashTable<Cell>>);

struct Cell {
    key: Box<str>,
    version: Version,
    bytes: Vec<u8>,
}

// === impl Cells ===

impl Default for Cells {
    fn default() -> Self {
        let shards = std::array::from_fn(|_| Shard::default());
        Self { hashes: DefaultHashBuilder::default(), shards, last_version: AtomicU32::new(0) }
    }
}

impl Cells {
    /// The store of all filters with this name.
    pub(crate) fn of(filter: &[u8]) -> Arc<Self> {
        let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
        let stores = stores.get_or_insert_default();
        Arc::clone(stores.entry(filter.into()).or_default())
    }

    /// The bytes of a cell and its version.
    pub(crate) fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        let hash = self.hashes.hash_one(key);
        let shard = self.lock(hash);
        let cell = shard.find(hash, |cell| *cell.key == *key)?;
        Some((cell.bytes.clone(), cell.version))
    }

    /// Replaces a cell that has this version, or makes it. Returns its new version.
    pub(crate) fn set(&self, key: &str, bytes: &[u8], version: Version) -> Result<Version, Conflict> {
        let hash = self.hashes.hash_one(key);
        let mut shard = self.lock(hash);
        if let Some(cell) = shard.find_mut(hash, |cell| *cell.key == *key) {
            if cell.version != version {
                return Err(Conflict);
            }
            cell.version = self.next_version();
            cell.bytes.clear();
            cell.bytes.extend_from_slice(bytes);
            return Ok(cell.version);
        }
        let version = self.next_version();
        let cell = Cell { key: key.into(), version, bytes: bytes.to_vec() };
        shard.insert_unique(hash, cell, |cell| self.hashes.hash_one(&*cell.key));
        Ok(version)
    }

    /// A version that no write made before, and that says neither "any version" nor "no cell".
    fn next_version(&self) -> Version {
        loop {
            let version = self.last_version.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            if !matches!(version, 0 | Version::MAX) {
                return version;
            }
        }
    }

    fn lock(&self, hash: u64) -> MutexGuard<'_, HashTable<Cell>> {
        // A table chooses a place by the first bits and by the last of a hash, so this byte is of neither.
        let [_, _, _, _, byte, ..] = hash.to_le_bytes();
        let [first, ..] = &self.shards;
        let Shard(shard) = self.shards.get(usize::from(byte)).unwrap_or(first);
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use usage_plan_core::limit::{Admission, Clock, Counter, Limits, Store};
    use usage_plan_core::timestamp::Timestamp;

    use super::*;

    /// Cells, and a clock that stands still.
    struct Still<'c>(&'c Cells);

    impl Clock for Still<'_> {
        fn now(&self) -> Timestamp {
            Timestamp::from_nanos(1_767_225_600_000_000_000)
        }
    }

    impl Store for Still<'_> {
        fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
            self.0.get(key)
        }

        fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
            self.0.set(key, cell, version)
        }
    }

    #[test]
    fn a_cell_is_replaced_only_by_who_knows_its_version() {
        let cells = Cells::default();
        assert_eq!(cells.get("a"), None);
        let first = cells.set("a", b"1", Version::MAX).expect("no cell was there");
        assert_eq!(cells.set("a", b"2", Version::MAX), Err(Conflict));
        assert_eq!(cells.set("a", b"2", first + 1), Err(Conflict));
        assert_eq!(cells.get("a"), Some((b"1".to_vec(), first)));
        let second = cells.set("a", b"22", first).expect("the version is the cell's");
        assert_eq!(cells.set("a", b"3", first), Err(Conflict));
        assert_eq!(cells.get("a"), Some((b"22".to_vec(), second)));
    }

    #[test]
    fn versions_grow_over_all_cells_and_leave_out_those_that_mean_something_else() {
        let cells = Cells::default();
        let first = cells.set("a", b"", Version::MAX).expect("new");
        assert_eq!(cells.set("b", b"", Version::MAX), Ok(first + 1));
        cells.last_version.store(Version::MAX - 2, Ordering::Relaxed);
        assert_eq!(cells.set("c", b"", Version::MAX), Ok(Version::MAX - 1));
        assert_eq!(cells.set("d", b"", Version::MAX), Ok(1));
    }

    #[test]
    fn filters_of_one_name_share_their_cells_and_others_do_not() {
        Cells::of(b"cells-shared").set("a", b"1", Version::MAX).expect("new");
        assert!(Cells::of(b"cells-shared").get("a").is_some());
        assert_eq!(Cells::of(b"cells-other").get("a"), None);
    }

    #[test]
    fn eight_threads_lose_no_write() {
        let cells = Cells::default();
        let keys: Vec<String> = (0..5).map(|key| format!("key/{key}")).collect();
        let add = |key: &str| {
            loop {
                let (bytes, version) = cells.get(key).unwrap_or((vec![0; 8], Version::MAX));
                let count = u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
                if cells.set(key, &(count + 1).to_le_bytes(), version).is_ok() {
                    return;
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| keys.iter().cycle().take(5000).for_each(|key| add(key)));
            }
        });
        for key in &keys {
            assert_eq!(cells.get(key).expect("written").0, 8000_u64.to_le_bytes());
        }
    }

    #[test]
    fn eight_workers_admit_the_limit_of_each_plan_and_not_one_more() {
        let cells = Cells::default();
        let limits = Limits::per_second(50);
        let admitted = || {
            let host = Still(&cells);
            let mut counters = ["usage_plan/a", "usage_plan/b"].map(|key| Counter::new(key.to_owned()));
            let mut admitted = [0; 2];
            for _ in 0..40 {
                for (counter, admitted) in counters.iter_mut().zip(&mut admitted) {
                    let debit = counter.debit(&host, &limits, None, host.now());
                    *admitted += usize::from(debit.admission == Admission::Granted);
                }
            }
            admitted
        };
        let of_threads: Vec<[usize; 2]> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(admitted)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(
            [0, 1].map(|plan| of_threads.iter().map(|admitted| admitted[plan]).sum::<usize>()),
            [50, 50]
        );
    }
}
