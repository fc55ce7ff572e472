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

/// A worker with what only proxy-wasm has: requests that a filter pauses, and what happens between them.
/// Nothing happens by itself. [`Worker::request`] lets everything happen until its request is over.
pub trait ProxyWasm: Worker {
    /// Sends a request, which the filter may pause. Returns its number.
    ///
    /// # Errors
    /// The VM has died, or the filter misused the proxy.
    fn try_begin(&mut self, request: &Request) -> Result<u32, Failure>;

    /// Takes the exchange with this number; `None` when it is not over, or was taken.
    fn take(&mut self, id: u32) -> Option<Exchange>;

    /// Lets the next thing happen: a queue is read, or a call of gRPC ends. Returns `false` when there is
    /// nothing; a mute server's call ends when the clock has come to its deadline.
    ///
    /// # Errors
    /// The VM has died, or the filter misused the proxy.
    fn try_step(&mut self) -> Result<bool, Failure>;

    /// Ticks, once for each root context that wants it. The clock is moved by [`Shared::clock`] alone.
    ///
    /// # Errors
    /// The VM has died, or the filter misused the proxy.
    fn try_tick(&mut self) -> Result<(), Failure>;

    /// The caller of a request that is not over hangs up.
    ///
    /// # Errors
    /// The VM has died, or the filter misused the proxy.
    fn try_hang_up(&mut self, id: u32) -> Result<(), Failure>;

    /// [`ProxyWasm::try_begin`] for a filter that survives it.
    ///
    /// # Panics
    /// There is a [`Failure`].
    fn begin(&mut self, request: &Request) -> u32 {
        self.try_begin(request).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// [`ProxyWasm::try_step`] until nothing is left to happen, for a filter that survives it.
    ///
    /// # Panics
    /// There is a [`Failure`], or it does not end.
    fn settle(&mut self) {
        for _ in 0..100_000 {
            if !self.try_step().unwrap_or_else(|failure| panic!("{failure}")) {
                return;
            }
        }
        panic!("the filter always finds something else to do");
    }

    /// [`ProxyWasm::try_tick`] for a filter that survives it, and what follows from it.
    ///
    /// # Panics
    /// There is a [`Failure`].
    fn tick(&mut self) {
        self.try_tick().unwrap_or_else(|failure| panic!("{failure}"));
        self.settle();
    }

    /// [`ProxyWasm::try_hang_up`] for a filter that survives it.
    ///
    /// # Panics
    /// There is a [`Failure`].
    fn hang_up(&mut self, id: u32) {
        self.try_hang_up(id).unwrap_or_else(|failure| panic!("{failure}"));
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
