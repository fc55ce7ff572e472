//! The filter under test, and one worker that runs it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use proxy_wasm::traits::RootContext;
use testbed::Request;

use crate::abi::Level;
use crate::exchange::Exchange;
use crate::shared::Shared;

/// A filter, in both of its forms.
pub trait Filter: 'static {
    /// Makes a root context, as the filter's entry point registers it with `proxy_wasm::set_root_context`.
    fn root_context(id: u32) -> Box<dyn RootContext>;

    /// The file with the filter's module.
    fn module() -> PathBuf;
}

/// A worker thread's VM. A test that is generic over `W: Worker` runs on both bindings.
pub trait Worker: Sized + Send + 'static {
    /// Loads the filter into a new VM, which has no configuration at first.
    fn boot(shared: &Arc<Shared>) -> Self;

    /// Hands a document over: a new root context starts with it and, if it accepts the document, replaces the
    /// previous root context. Returns `false` when it refuses; then the previous one stays in force.
    ///
    /// Envoy tries a document on a VM of its main thread first, and the workers never see a document that is
    /// refused there. In a test that is `W::boot(&shared).configure(document)`.
    ///
    /// # Errors
    /// The VM has died, or the filter misused the proxy.
    fn try_configure(&mut self, document: &[u8]) -> Result<bool, Failure>;

    /// Sends a request through the filter and, if the filter lets it, to an upstream.
    ///
    /// The request is handed over as Envoy receives it over HTTP/2: `host` is `:authority`, names are in
    /// lower case, and white space around a value is kept.
    ///
    /// # Errors
    /// The VM has died, or the filter misused the proxy.
    fn try_request(&mut self, request: &Request) -> Result<Exchange, Failure>;

    /// A new VM with a document in force.
    ///
    /// # Panics
    /// The filter refuses the document.
    fn start(shared: &Arc<Shared>, document: impl AsRef<[u8]>) -> Self {
        let mut worker = Self::boot(shared);
        assert!(worker.configure(document), "the document is refused:\n{}", complaints(shared));
        worker
    }

    /// [`Worker::try_configure`] for a filter that survives it.
    ///
    /// # Panics
    /// There is a [`Failure`].
    fn configure(&mut self, document: impl AsRef<[u8]>) -> bool {
        self.try_configure(document.as_ref()).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// [`Worker::try_request`] for a filter that survives it.
    ///
    /// # Panics
    /// There is a [`Failure`].
    fn request(&mut self, request: &Request) -> Exchange {
        self.try_request(request).unwrap_or_else(|failure| panic!("{failure}"))
    }
}

fn complaints(shared: &Shared) -> String {
    let severe = shared.logs().into_iter().filter(|(level, _)| *level >= Level::Warn);
    severe.map(|(level, line)| format!("{level:?}: {line}\n")).collect()
}

/// Why a worker has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The VM died and serves no further request. The text names the callback, the trap and the panic's
    /// message. Only the wasm binding can report this: natively the process dies.
    Died(String),
    /// The filter did what no filter should do, or what is not emulated.
    Misused(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Died(how) => write!(f, "the VM died {how}"),
            Self::Misused(how) => write!(f, "the filter misused the proxy: {how}"),
        }
    }
}
