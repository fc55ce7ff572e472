//! Envoy's clock and shared data as the clock and the store of the core.

use proxy_wasm::hostcalls;
use usage_plan_core::limit::{Clock, Conflict, Store, Version, VersionGuess};
use usage_plan_core::timestamp::Timestamp;

use crate::abi;

thread_local! {
    /// What this VM knows of the versions in Envoy's shared data. A VM has one thread, and all its listeners
    /// and documents write with what one of them has learned.
    static VERSIONS: VersionGuess = const { VersionGuess::new() };
}

/// Envoy, which all workers share: its wall clock, and its shared data, one store for all VMs that have the
/// same `vm_id`.
pub(super) struct Envoy;

// === impl Envoy ===

impl Clock for Envoy {
    /// The wall clock's time; the Unix epoch if the host fails to read it, so that no signed date is near.
    fn now(&self) -> Timestamp {
        abi::nanoseconds().map(Timestamp::from_nanos).unwrap_or_default()
    }
}

impl Store for Envoy {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        let (cell, version) = hostcalls::get_shared_data(key).ok()?;
        // The SDK returns an empty cell as `None` with a version.
        let version = version?;
        VERSIONS.with(|versions| versions.read(version));
        Some((cell.unwrap_or_default(), version))
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        hostcalls::set_shared_data(key, Some(cell), Some(version)).map_err(|_| Conflict)?;
        Ok(VERSIONS.with(|versions| versions.wrote(cell, || self.get(key))))
    }

    fn missed(&self, found: Version) {
        VERSIONS.with(|versions| versions.missed(found));
    }
}
