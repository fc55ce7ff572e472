//! Usage plans for Envoy: a proxy-wasm filter that verifies HMAC-signed requests, finds the usage plan bound
//! to the caller's key in the environment of the service called, and enforces the plan's limits with counters
//! in shared data.
//!
//! This crate knows proxy-wasm: Envoy's callbacks in, host calls out. What happens to a request is decided by
//! [`usage_plan_core::gate`].
#![deny(
    unsafe_code,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing))]

mod abi;
mod host;
mod http;
mod installed;
mod metrics;
mod root;

pub use self::root::Root;

/// What Envoy calls first.
#[cfg(feature = "entry-point")]
#[allow(missing_docs, reason = "the macro makes a public function of its own")]
mod entry_point {
    use proxy_wasm::types::LogLevel;

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(LogLevel::Info);
        proxy_wasm::set_root_context(|_| Box::new(super::Root::default()));
    }}
}
