//! Envoy's clock and store, in the terms of the core.

use proxy_wasm::hostcalls;

use usage_plan_core::limit::{Conflict, Store, Version};
use usage_plan_core::timestamp::Timestamp;

/// The wall clock; if the host fails to read it, a time that no signed date is near.
pub(super) fn now() -> Timestamp {
    hostcalls::get_current_time().map(Timestamp::from).unwrap_or_default()
}

/// Shared data: one store for all workers of an Envoy process and all VMs of the same `vm_id`.
pub(super) struct SharedData;

// === impl SharedData ===

impl Store for SharedData {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        let (cell, version) = hostcalls::get_shared_data(key).ok()?;
        // An empty cell is handed over as none, with its version.
        version.map(|version| (cell.unwrap_or_default(), version))
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<(), Conflict> {
        hostcalls::set_shared_data(key, Some(cell), Some(version)).map_err(|_| Conflict)
    }
}
