//! Names of shared queues. Whoever registers a name that another root context has gets what is meant for that
//! one, so each root context needs a name of its own.
//!
//! Queues cannot be deleted, and each document starts a root context. So the root contexts of a VM use names
//! again: as many as there were root contexts at a time.

use std::cell::{Cell, RefCell};

use usage_plan_core::limit::{Store, Version};

use crate::host::Envoy;

/// The cell that counts the VMs which have taken names.
const VMS: &str = "fleet/vms";

/// How often the cell is tried. Only as many VMs start at a time as there are workers.
const TRIES: usize = 1000;

thread_local! {
    /// The number of this VM; `None` before it takes a name.
    static VM: Cell<Option<u64>> = const { Cell::new(None) };
    /// Which of the VM's names are taken.
    static TAKEN: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
}

/// A name that no other root context has, until it is dropped.
pub(super) struct QueueName {
    name: String,
    position: usize,
}

// === impl QueueName ===

impl QueueName {
    /// Takes a name.
    pub(super) fn take() -> Self {
        let vm = VM.get().unwrap_or_else(next_vm);
        VM.set(Some(vm));
        let position = TAKEN.with_borrow_mut(|taken| {
            let position = taken.iter().position(|taken| !taken).unwrap_or(taken.len());
            match taken.get_mut(position) {
                Some(free) => *free = true,
                None => taken.push(true),
            }
            position
        });
        Self { name: format!("usage_plan/{vm}/{position}"), position }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.name
    }
}

impl Drop for QueueName {
    fn drop(&mut self) {
        TAKEN.with_borrow_mut(|taken| taken.get_mut(self.position).map(|taken| *taken = false));
    }
}

/// The number of a VM that has none yet.
fn next_vm() -> u64 {
    for _ in 0..TRIES {
        let found = Envoy.get(VMS);
        let last = found.as_ref().and_then(|(cell, _)| cell.first_chunk()).copied().map(u64::from_le_bytes);
        let next = last.unwrap_or_default().wrapping_add(1);
        // A cell that is not there is made with any version. With 0, one made meanwhile would be lost.
        let version = found.map_or(Version::MAX, |(_, version)| version);
        if Envoy.set(VMS, &next.to_le_bytes(), version).is_ok() {
            return next;
        }
    }
    // Nobody else starts so often; and without a queue of its own, a root context still has its ticks.
    0
}
