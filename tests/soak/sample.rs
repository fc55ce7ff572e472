//! A request as its caller saw it.

use std::net::SocketAddr;
use std::time::Instant;

use crate::claim::Claim;

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// HTTP/1.1
    Http1,
    /// HTTP/2 with prior knowledge
    Http2,
}

/// A listener and what is spoken to it.
pub type Door = (SocketAddr, Protocol);

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its number, which is in its path.
    pub id: u64,
    /// What it claimed.
    pub claim: Claim,
    /// Where it was sent.
    pub door: Door,
    /// The number of the connection that it was sent on.
    pub connection: u64,
    /// Just before it was sent.
    pub sent: Instant,
    /// Just after its answer was read.
    pub answered: Instant,
    /// Its answer, or why there is none.
    pub answer: Result<Answer, String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body: what the upstream received, when the request was let through.
    pub body: String,
}

/// The path of the request of that number.
pub fn path(id: u64) -> String {
    format!("/soak/{id}")
}

/// The number of the request of that path.
pub fn id_of(path: &str) -> Option<u64> {
    path.strip_prefix("/soak/")?.parse().ok()
}
