//! What the server that `ext_authz` asks is made of: see `authority.rs`.

#![forbid(unsafe_code)]

pub mod credential;
pub mod messages;
pub mod service;
pub mod window;
