//! A lease: admissions of a window that a worker has reserved, and uses without asking the store.
//!
//! The worker counts its admissions with one write ahead. Until the lease has certainly passed, every worker
//! counts all of it, whatever was used of it. Only the worker that opened it knows how much that is, so that
//! worker alone takes it out, with its next write, and counts what was used (see
//! [`held`](super::held)). What nobody takes out leaves the window by itself.

use std::time::Duration;

use super::versions::Version;
use crate::timestamp::{SECOND, Timestamp};

/// For how long a worker may use a lease. What is left, in headers, can be so old; a shorter time costs more
/// reads at a low load, and a longer one saves none.
pub(super) const HOLD: Duration = Duration::from_millis(20);

/// The largest number of leases in a window. Each worker has one at most.
pub(super) const MOST_LEASES: usize = 64;

/// The length of a stored lease in bytes: `id` as u32, `opened` in nanoseconds since the Unix epoch as u64,
/// `count` as u32, all little-endian.
pub(super) const LEASE_LEN: usize = 16;

/// Admissions that a worker has reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    /// The version of the cell that the lease was written against. Of all writes against one version one
    /// succeeds, so no other lease has it, and its worker knows it before it writes. The number of a worker
    /// would not do: its next VM, and its next document, cannot tell what was used of the lease.
    pub(super) id: Version,
    /// The time at which it was opened, when that was the newest time of the window.
    pub(super) opened: Timestamp,
    /// The number of admissions, at least two.
    pub(super) count: u32,
}

// === impl Lease ===

impl Lease {
    pub(super) fn read(stored: &[u8; LEASE_LEN]) -> Self {
        let [a, b, c, d, opened @ .., e, f, g, h] = *stored;
        Self {
            id: Version::from_le_bytes([a, b, c, d]),
            opened: Timestamp::from_nanos(u64::from_le_bytes(opened)),
            count: u32::from_le_bytes([e, f, g, h]),
        }
    }

    pub(super) fn write(self) -> [u8; LEASE_LEN] {
        let [a, b, c, d] = self.id.to_le_bytes();
        let [e, f, g, h] = self.count.to_le_bytes();
        let [i, j, k, l, m, n, o, p] = self.opened.as_nanos().to_le_bytes();
        [a, b, c, d, i, j, k, l, m, n, o, p, e, f, g, h]
    }

    /// Whether the two are one lease. Versions come round after 2³² writes, so the time is compared, too.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.id == other.id && self.opened == other.opened
    }

    /// The time from which its worker no longer uses it.
    pub(super) fn ends_at(&self) -> Timestamp {
        self.opened.saturating_add(HOLD)
    }

    /// The time at which all of its admissions are certainly a second old.
    pub(super) fn leaves_at(&self) -> Timestamp {
        self.ends_at().saturating_add(SECOND)
    }
}
