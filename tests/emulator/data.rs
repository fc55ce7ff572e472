//! Shared data: the store that all workers of one process have in common, with Envoy's compare-and-swap.

use std::collections::BTreeMap;

use crate::abi::{Answer, Status};

/// Values by key. No key can be deleted, as in Envoy.
pub(crate) struct Data {
    cells: BTreeMap<String, (Vec<u8>, u32)>,
    next_cas: u32,
}

impl Default for Data {
    fn default() -> Self {
        Self { cells: BTreeMap::new(), next_cas: 1 }
    }
}

impl Data {
    pub(crate) fn get(&self, key: &str) -> Answer<(Vec<u8>, u32)> {
        self.cells.get(key).cloned().ok_or(Status::NotFound)
    }

    /// Writes a value, and returns its number. A `cas` of 0 overwrites whatever is there; when there is no
    /// such key, every `cas` inserts it.
    pub(crate) fn set(&mut self, key: &str, value: &[u8], cas: u32) -> Answer<u32> {
        match self.cells.get(key) {
            Some((_, current)) if cas != 0 && cas != *current => Err(Status::CasMismatch),
            _ => {
                let written = self.next_cas;
                self.cells.insert(key.to_owned(), (value.to_vec(), written));
                // All keys share one sequence. It leaves out 0, which means "overwrite".
                self.next_cas = self.next_cas.checked_add(1).unwrap_or(1);
                Ok(written)
            }
        }
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.cells.keys().cloned().collect()
    }
}
