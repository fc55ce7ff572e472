//! What becomes of a panic: a line in Envoy's log. Where it is caught, a request is answered.

use std::panic;

use crate::abi::{self, LogLevel};

/// Writes the panics of this library to Envoy's log, rather than to its standard error.
pub(crate) fn log_them() {
    panic::set_hook(Box::new(|panic| {
        abi::log(LogLevel::Error, &format!("the usage plan module panicked; please report this: {panic}"));
    }));
}
