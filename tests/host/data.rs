//! Shared data: the store that the workers of one process have in common, with Envoy's compare-and-swap.

use super::abi::{Answer, Status};
use std::collections::BTreeMap;

/// Values by key. Nothing can be deleted, as in Envoy.
pub(super) struct Data {
    cells: BTreeMap<String, (Vec<u8>, u32)>,
    next_cas: u32,
}

impl Default for Data {
    fn default() -> Self {
        Self { cells: BTreeMap::new(), next_cas: 1 }
    }
}

impl Data {
    pub(super) fn get(&self, key: &str) -> Answer<(Vec<u8>, u32)> {
        self.cells.get(key).cloned().ok_or(Status::NotFound)
    }

    /// `cas` 0 overwrites whatever is there; on a missing key any `cas` inserts.
    pub(super) fn set(&mut self, key: &str, value: &[u8], cas: u32) -> Answer {
        match self.cells.get(key) {
            Some((_, current)) if cas != 0 && cas != *current => Err(Status::CasMismatch),
            _ => {
                self.cells.insert(key.to_owned(), (value.to_vec(), self.next_cas));
                // One sequence for all keys, which leaves out the 0 that means "blindly".
                self.next_cas = self.next_cas.checked_add(1).unwrap_or(1);
                Ok(())
            }
        }
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.cells.keys().cloned().collect()
    }
}
