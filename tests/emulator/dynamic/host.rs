//! The proxy as the module finds it: its clock and its store.

use std::cell::RefCell;
use std::sync::Arc;

use crate::shared::Shared;

thread_local! {
    /// The proxy that the module is called by, while it is.
    static CURRENT: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

/// The clock and the store of the proxy.
pub struct Host(Arc<Shared>);

// === impl Host ===

impl Host {
    /// The host of the proxy that calls the module.
    ///
    /// # Panics
    /// No proxy does.
    pub fn current() -> Self {
        Self(current().expect("a proxy calls the module"))
    }

    /// The time that the clock shows, in nanoseconds since 1970; 0 when it cannot be read.
    pub fn now(&self) -> u64 {
        let read = self.0.enter("proxy_get_current_time_nanoseconds");
        read.map_or(0, |()| self.0.clock().now())
    }

    /// The value of that key, and its version.
    pub fn get(&self, key: &str) -> Option<(Vec<u8>, u32)> {
        self.0.enter("proxy_get_shared_data").and_then(|()| self.0.get(key)).ok()
    }

    /// Writes a value if the key still has the version, or is new. Returns its new version if it was written.
    pub fn set(&self, key: &str, value: &[u8], version: u32) -> Option<u32> {
        self.0.enter("proxy_set_shared_data").and_then(|()| self.0.set(key, value, version)).ok()
    }
}

/// The proxy that calls the module, if one does.
pub(super) fn current() -> Option<Arc<Shared>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Calls the module, which finds this proxy as the current one meanwhile.
pub(super) fn as_current<R>(shared: &Arc<Shared>, call: impl FnOnce() -> R) -> R {
    let before = CURRENT.replace(Some(Arc::clone(shared)));
    let result = call();
    CURRENT.set(before);
    result
}
