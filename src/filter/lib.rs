//! Usage plans for Envoy: a proxy-wasm filter that verifies HMAC-signed requests, finds the usage plan bound
//! to the caller's key in the environment of the service called, and enforces the plan's limits with counters
//! in shared data.
//!
//! This crate is the only one that knows proxy-wasm. It turns Envoy's callbacks into calls of
//! [`usage_plan_core::gate`], which decides what happens to a request, and verdicts into host calls.
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
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod abi;
pub mod fleet;
pub mod header_map;
mod host;
mod http;
mod installed;
mod metrics;
mod metrics_per_key;
mod root;
mod stream;
mod worker;

pub use self::root::Root;

/// The functions of the module that Envoy calls first.
#[cfg(feature = "entry-point")]
#[allow(missing_docs, reason = "the macro generates a public function without a comment")]
mod entry_point {
    use proxy_wasm::types::LogLevel;

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(LogLevel::Info);
        proxy_wasm::set_root_context(|id| Box::new(super::Root::new(id)));
    }}
}
