//! Envoy's clock and shared data as the clock and the store of the core.

use proxy_wasm::hostcalls;
use usage_plan_core::limit::{Clock, Conflict, Store, Version};
use usage_plan_core::timestamp::Timestamp;

/// Envoy, which all workers share: its wall clock, and its shared data, one store for all VMs that have the
/// same `vm_id`.
pub(super) struct Envoy;

// === impl Envoy ===

impl Clock for Envoy {
    /// The wall clock's time; the Unix epoch if the host fails to read it, so that no signed date is near.
    fn now(&self) -> Timestamp {
        hostcalls::get_current_time().map(Timestamp::from).unwrap_or_default()
    }
}

impl Store for Envoy {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        let (cell, version) = hostcalls::get_shared_data(key).ok()?;
        // The SDK returns an empty cell as `None` with a version.
        version.map(|version| (cell.unwrap_or_default(), version))
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<(), Conflict> {
        hostcalls::set_shared_data(key, Some(cell), Some(version)).map_err(|_| Conflict)
    }
}
