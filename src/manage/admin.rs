//! Envoy's admin interface: what a running Envoy says of itself.

mod client;
mod discovery;
mod dump;
mod server;

pub use self::client::{Admin, Error, Reason, Result};
pub(crate) use self::client::{TIMEOUT, in_parallel};
pub use self::discovery::DiscoveryState;
pub use self::dump::ConfiguredDocument;
pub use self::server::Server;
