//! An Envoy for several tests, because most of what a short test takes is the start of its Envoy, which
//! compiles the module.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::config::Config;
use crate::envoy::Envoy;

/// An Envoy that the tests that run at a time share: the first of them starts it, and the last one ends it.
///
/// It is for tests whose requests do not change what another one's are answered. What Envoy has counted and
/// logged is of all of them.
pub struct Shared {
    config: fn() -> Config,
    running: Mutex<Weak<Envoy>>,
}

impl Shared {
    /// An Envoy with that configuration, which does not start yet.
    pub const fn new(config: fn() -> Config) -> Self {
        Self { config, running: Mutex::new(Weak::new()) }
    }

    /// The Envoy, which serves.
    ///
    /// # Panics
    /// Envoy does not start. The message says why.
    pub fn envoy(&self) -> Arc<Envoy> {
        // Where a start has failed, the next test tries again.
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let envoy = Arc::new(Envoy::start(&(self.config)()));
            *running = Arc::downgrade(&envoy);
            envoy
        })
    }
}
