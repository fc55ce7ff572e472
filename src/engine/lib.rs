//! The engine: counters that many Envoys share, and that outlive all of them, behind Envoy's Rate Limit
//! Service (`docs/engine.md`).
//!
//! | module | question |
//! |---|---|
//! | `message` | What does the protocol say? |
//! | `call` | Which counter does a call mean, how much does it ask for, and may it? |
//! | `counter` | What is a counter called, and which period does it belong to? |
//! | `decision` | What is granted of what is left? |
//! | `rates` | How much is left of a rate? In memory. |
//! | `store` | How much is left of a quota? On disk. |
//! | `steady` | May the clock say what is forgotten? |
//! | `writer` | When is it on disk? Before it is answered. |
//! | `engine` | What is answered? The engine asks the modules above. |
//! | `listing`, `metrics` | What does the operator see? |
//! | `admin`, `service`, `codec`, `server` | How is it asked? Over HTTP and gRPC. |
//!
//! An answer that grants something is sent only when what it grants is on disk, or is a rate's.
#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod admin;
pub mod call;
mod codec;
pub mod counter;
pub mod decision;
pub mod engine;
pub mod listing;
pub mod message;
pub mod metrics;
mod rates;
pub mod server;
mod service;
mod steady;
pub mod store;
pub mod writer;
