//! Says that something is over, also when whoever would have said so panics.

use std::sync::atomic::{AtomicBool, Ordering};

/// Dropping it says so: a thread that a scope waits for ends then.
pub(super) struct Over<'a>(pub(super) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
