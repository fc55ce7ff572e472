//! The server as a process: asked by the official clients, by Terraform's calls, by attackers, and by Envoys.
#![allow(
    clippy::disallowed_methods,
    reason = "these tests wait for processes, and sign with the present time"
)]

mod actions;
mod attacks;
mod client;
mod edits;
mod ends;
mod fixture;
mod gateway;
mod life;
mod slow;
mod terraform;
mod traps;
mod xds;
