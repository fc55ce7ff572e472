//! The server as a process: asked by the official clients, by Terraform's calls, by attackers, and by Envoys.
#![allow(
    clippy::disallowed_methods,
    reason = "these tests wait for processes, and sign with the present time"
)]

mod xds;
