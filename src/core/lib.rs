//! The core of the usage plans: reads the operator's document, and decides what happens to a request.
//!
//! | module | question |
//! |---|---|
//! | [`document`] | What does the operator's document say? |
//! | [`lookup`] | Which service, environment, key and plan does a request name? |
//! | [`auth`] | Who sends the request? |
//! | [`limit`] | Is the request within its limits? |
//! | [`gate`] | What happens to the request? The gate asks the modules above. |
//! | [`reply`] | What do the caller and the upstream see? |
//! | [`telemetry`] | What does the operator see? |
//!
//! [`request`], [`host`], [`path`] and [`timestamp`] are the values that these modules share.
//!
//! This crate knows no proxy-wasm, clock, store, file or terminal. Times and headers are arguments, and a
//! host brings its clock and its store: [`limit::Clock`] and [`limit::Store`].
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
        clippy::indexing_slicing,
        clippy::string_slice,
        reason = "a test that panics fails, which is what it is for"
    )
)]

pub mod auth;
pub mod document;
pub mod fleet;
pub mod gate;
pub mod host;
pub mod limit;
pub mod lookup;
pub mod path;
pub mod reply;
pub mod request;
pub mod sentence;
pub mod telemetry;
pub mod timestamp;
