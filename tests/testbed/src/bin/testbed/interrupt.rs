//! Ctrl-C and SIGTERM, which must not leave an Envoy behind.

use std::io::Error as IoError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use testbed::{Error, Result};

/// Whether the user wants an end.
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on the signals end nothing by themselves.
    pub(crate) fn watch() -> Result<Self> {
        let seen = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            let told = |error: IoError| Error::new(format!("watching for Ctrl-C: {error}"));
            signal_hook::flag::register(signal, Arc::clone(&seen)).map_err(told)?;
        }
        Ok(Self(seen))
    }

    /// Whether one has come.
    pub(crate) fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
