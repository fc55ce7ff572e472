//! Usage plans: the operator's document, and everything from a request to its verdict.
//!
//! | room | question |
//! |---|---|
//! | [`document`] | what does the operator's document say? |
//! | [`lookup`] | which service, environment, key and plan does it name? |
//! | [`auth`] | who calls? |
//! | [`limit`] | may the call proceed? |
//! | [`gate`] | what happens to a request? Asks the rooms above in their order |
//! | [`reply`] | what do the caller and the upstream see? |
//! | [`telemetry`] | what does the operator see? |
//! | [`timestamp`] | points in time |
//!
//! Nothing here knows proxy-wasm, a clock, a store, a file or a terminal: time, cells and headers come in as
//! arguments.
#![forbid(unsafe_code)]
#![deny(
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
pub mod document;
pub mod gate;
pub mod limit;
pub mod lookup;
pub mod path;
pub mod reply;
pub mod request;
pub mod telemetry;
pub mod timestamp;
