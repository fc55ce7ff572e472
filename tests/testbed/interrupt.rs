//! Ctrl-C and SIGTERM, which must not leave an Envoy behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};

/// Whether the user has asked for the end.
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to watch. From now on the signals end nothing by themselves.
    ///
    /// # Errors
    /// The system refuses.
    pub fn watch() -> Result<Self> {
        let seen = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&seen)).context("watching for Ctrl-C")?;
        }
        Ok(Self(seen))
    }

    /// Whether a signal has come.
    pub fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
