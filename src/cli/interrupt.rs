//! Ctrl-C and SIGTERM, for a command that runs until then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};

use super::error::{Error, Result};

/// Whether the user wants an end.
#[derive(Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

// === impl Interrupt ===

impl Interrupt {
    /// From now on the signals end nothing by themselves. Without it they end the process, which is right for a command
    /// that is about to end anyway.
    pub(super) fn watch() -> Result<Self> {
        let seen = Self::default();
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&seen.0))
                .map_err(|error| Error::unreachable("watching for Ctrl-C", error))?;
        }
        Ok(seen)
    }

    /// Whether one has come.
    pub(super) fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sleeps, no longer than until one comes.
    pub(super) fn sleep(&self, time: Duration) {
        if !self.came() {
            // A signal ends no sleep; the naps are short enough.
            std::thread::sleep(time);
        }
    }
}
