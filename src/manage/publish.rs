//! Puts a document where Envoy reads it, and asks each Envoy whether it accepted it.

mod envoy;
mod error;
mod file;
mod publisher;
mod watch;

pub use self::error::Error;
pub use self::file::{NAME, Offer, ValidDocument, published};
pub use self::publisher::{EnvoyAnswer, Published, Publisher, PutBack};
pub use self::watch::{Event, Unusable, Watched, watch};

#[cfg(test)]
mod tests;
