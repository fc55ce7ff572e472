//! Usage plans for Envoy as a dynamic module: what the proxy-wasm filter does, in a library that Envoy loads
//! into its own process.
//!
//! This crate is the only one that knows Envoy's ABI for dynamic modules. It turns Envoy's calls into calls
//! of [`usage_plan_core::gate`], and verdicts into calls of Envoy.
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

pub mod abi;
mod cells;
mod counted;
mod grpc;
mod host;
mod metrics;
mod panics;
mod plugin;
mod request;

pub use self::counted::Counted;
pub use self::host::{Host, Process};

#[cfg(feature = "entry-point")]
export!(Process);
