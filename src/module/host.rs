//! What a configuration shares with all workers: a clock and a store.

use std::sync::Arc;
use std::time::SystemTime;

use usage_plan_core::limit::{Clock, Conflict, Store, Version};
use usage_plan_core::timestamp::Timestamp;

use crate::cells::Cells;
use crate::counted::Counted;

/// A clock and a store that all workers share.
pub trait Host: Clock + Store + Send + Sync + 'static {
    /// The host of the filters with this name.
    fn of(filter: &[u8]) -> Self;

    /// The labels that metrics were counted with before. Without a memory, there are none.
    fn counted(&self) -> Arc<Counted> {
        Arc::default()
    }
}

/// The process that the module is loaded into: the machine's clock, and cells in memory.
pub struct Process {
    cells: Arc<Cells>,
}

// === impl Process ===

impl Host for Process {
    fn of(filter: &[u8]) -> Self {
        Self { cells: Cells::of(filter) }
    }

    fn counted(&self) -> Arc<Counted> {
        Counted::of_process()
    }
}

impl Clock for Process {
    #[expect(clippy::disallowed_methods, reason = "the core gets its times from here")]
    fn now(&self) -> Timestamp {
        Timestamp::from(SystemTime::now())
    }
}

impl Store for Process {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        self.cells.get(key)
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        self.cells.set(key, cell, version)
    }
}
