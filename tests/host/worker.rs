//! A worker: one VM with the filter in it, and how a test uses it.

use super::abi::Level;
use super::exchange::{Exchange, Request};
use super::shared::Shared;
use std::fmt;
use std::sync::Arc;

/// A worker thread's VM. What is written for any `W: Worker` runs on both bindings.
pub trait Worker: Sized + Send + 'static {
    /// Loads the filter into a new VM, which has no configuration yet.
    fn boot(shared: &Arc<Shared>) -> Self;

    /// Hands over a document: a new root context is started with it, and if it accepts the document it takes over from
    /// the one there was. `false` when it refuses, and the old one stays in force.
    ///
    /// Envoy tries a document on a VM of its own first, and does not show the workers one that is refused there: that is
    /// `W::boot(&shared).configure(document)`.
    fn try_configure(&mut self, document: &[u8]) -> Result<bool, Failure>;

    /// Sends a request through the filter, and through to an upstream if the filter lets it.
    fn try_request(&mut self, request: Request) -> Result<Exchange, Failure>;

    /// A new VM with a document in force. Fails when the document is refused.
    fn start(shared: &Arc<Shared>, document: impl AsRef<[u8]>) -> Self {
        let mut worker = Self::boot(shared);
        assert!(worker.configure(document), "the document is refused:\n{}", complaints(shared));
        worker
    }

    /// [`Worker::try_configure`] by a filter that does not die of it.
    fn configure(&mut self, document: impl AsRef<[u8]>) -> bool {
        self.try_configure(document.as_ref()).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// [`Worker::try_request`] by a filter that does not die of it.
    fn request(&mut self, request: Request) -> Exchange {
        self.try_request(request).unwrap_or_else(|failure| panic!("{failure}"))
    }
}

fn complaints(shared: &Shared) -> String {
    let grave = shared.logs().into_iter().filter(|(level, _)| *level >= Level::Warn);
    grave.map(|(level, line)| format!("{level:?}: {line}\n")).collect()
}

/// Why a worker has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The VM died, and serves no more. Says where, of what, and what its panic said. Only in wasm: natively the process
    /// dies with it.
    Died(String),
    /// The filter did what no filter should, or what this emulator does not know.
    Misused(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Died(how) => write!(f, "the VM died {how}"),
            Self::Misused(how) => write!(f, "the filter misused its host: {how}"),
        }
    }
}
