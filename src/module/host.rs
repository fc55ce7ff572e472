//! A clock and the cells of a filter as the clock and the store of the core.

use usage_plan_core::limit::{Clock, Conflict, Store, Version};
use usage_plan_core::timestamp::Timestamp;

use crate::cells::Cells;

/// What all workers share.
pub(crate) struct Host<'h, C> {
    pub(crate) clock: &'h C,
    pub(crate) cells: &'h Cells,
}

// === impl Host ===

impl<C: Clock> Clock for Host<'_, C> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl<C> Store for Host<'_, C> {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        self.cells.get(key)
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<(), Conflict> {
        self.cells.set(key, cell, version)
    }
}
