//! Where a request comes from.

use std::net::SocketAddr;

/// The address of the connection that a request came on. It is among the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);
