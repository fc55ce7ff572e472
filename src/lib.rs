//! Usage plans for Envoy: a proxy-wasm filter that verifies HMAC-signed requests, finds the usage plan bound to the
//! caller's key in the environment of the service called, and enforces the plan's limits with counters in shared data.
//!
//! A request walks through the rooms in this order:
//!
//! | room | question |
//! |---|---|
//! | [`filter`] | what does Envoy hand over, and what does it get back? The only room that knows proxy-wasm |
//! | [`config`] | which service, environment, key and plan does the operator's document name? |
//! | [`auth`] | who calls? |
//! | [`limit`] | may the call proceed? |
//! | [`reply`] | what is the caller told, and what the upstream of the caller? |
//!
//! [`decision`] asks for the service, the environment and the caller in their order: all that comes before counting.
//!
//! Dependencies point one way: `filter → decision → reply → auth, limit → config`, and [`time`] is below them all. Outside
//! [`filter`] none of them knows a clock, a store or a global: time, cells and headers come in as arguments.
//!
//! Beside the filter, and not in its Wasm module, is the command line, `console`: it edits the operator's document, and asks
//! these rooms what the filter would do. It has the system's clock, files and variables.
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
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]

pub mod auth;
pub mod config;
#[cfg(not(target_family = "wasm"))]
pub mod console;
pub mod decision;
pub mod filter;
pub mod limit;
pub mod reply;
pub mod time;
