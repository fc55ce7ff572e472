//! The engine as a process: killed, ended, asked wrongly, asked by operators, and asked by a real Envoy.
#![allow(clippy::disallowed_methods, reason = "these tests name the present period")]

mod calls;
mod client;
mod docs;
mod envoy;
mod fixture;
mod kills;
mod operators;
