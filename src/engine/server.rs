//! Runs an engine: listens, serves connections, and on SIGTERM answers what is in flight and closes.

use std::fmt;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, interval, sleep, timeout};
use usage_plan_core::limit::Clock;
use usage_plan_core::timestamp::Timestamp;

use crate::engine::Engine;
use crate::steady::Steadiness;
use crate::{admin, service, store};

/// How many connections of callers there may be. An Envoy has one for each of its workers.
const MAX_CONNECTIONS: usize = 4096;
/// How many connections the admin port may have.
const MAX_ADMIN_CONNECTIONS: usize = 32;
/// How many calls of a connection may be in flight.
const MAX_STREAMS: u32 = 1024;
/// How many bytes the headers of a call may have.
const MAX_HEADERS: u32 = 16 << 10;
/// How often a silent connection is asked whether it is still there, and how long it may take to say so.
const KEEP_ALIVE: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(10)];
/// How long a request to the admin port may take to arrive.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long calls in flight may take after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);
/// How often what is over is forgotten.
const SWEEP: Duration = Duration::from_secs(10);
/// How long to wait after a connection could not be accepted, most likely for a file descriptor.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// How an engine is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where callers reach it.
    pub listen: SocketAddr,
    /// Where operators reach it.
    pub admin: SocketAddr,
    /// The file of the store.
    pub store: PathBuf,
    /// The domains that it serves.
    pub domains: Vec<String>,
}

/// An engine that serves.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    /// Where callers reach it.
    pub listen: SocketAddr,
    /// Where operators reach it.
    pub admin: SocketAddr,
}

/// Why an engine does not run.
#[derive(Debug)]
pub enum Error {
    /// It cannot listen there.
    Listen(SocketAddr, io::Error),
    /// Its store cannot be opened.
    Store(PathBuf, store::Error),
    /// The system refuses threads or signals.
    System(io::Error),
}

/// The clock of this machine.
struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock of the engine")]
    fn now(&self) -> Timestamp {
        std::time::SystemTime::now().into()
    }
}

/// Runs an engine until SIGTERM or SIGINT, and calls `started` when it serves.
///
/// # Errors
///
/// It cannot be started.
pub fn run(options: Options, started: impl FnOnce(Started)) -> Result<(), Error> {
    let runtime = Runtime::new().map_err(Error::System)?;
    let engine = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(Error::System)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::System)?;
        let end = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        serve(options, |addresses, _| started(addresses), end).await
    })?;
    // Connections that are still open end here, and with them the last who can ask.
    drop(runtime);
    close(engine);
    Ok(())
}

/// Closes the store of an engine that [`serve`] has returned, once the runtime is gone.
pub fn close(engine: Arc<Engine>) {
    if let Some(engine) = Arc::into_inner(engine) {
        engine.close();
    }
}

/// Serves until `end`, and calls `started` with the engine when it does; then answers what is in flight.
///
/// # Errors
///
/// It cannot be started.
pub async fn serve(
    options: Options,
    started: impl FnOnce(Started, &Arc<Engine>),
    end: impl Future<Output = ()>,
) -> Result<Arc<Engine>, Error> {
    let listener = listen(options.listen).await?;
    let admin_listener = listen(options.admin).await?;
    let address = |listener: &TcpListener| listener.local_addr().map_err(Error::System);
    let addresses = Started { listen: address(&listener)?, admin: address(&admin_listener)? };
    let engine = Engine::open(&options.store, options.domains, Arc::new(WallClock))
        .map_err(|error| Error::Store(options.store, error))?;
    let engine = Arc::new(engine);
    let sweeper = tokio::spawn(sweep(Arc::clone(&engine)));
    let graceful = GracefulShutdown::new();
    started(addresses, &engine);
    tokio::select! {
        () = end => {}
        () = serve_callers(listener, &engine, &graceful) => {}
        () = serve_operators(admin_listener, &engine, &graceful) => {}
    }
    // Both listeners are closed now. Calls in flight are answered, and their connections take no others.
    sweeper.abort();
    let _ = timeout(GRACE, graceful.shutdown()).await;
    Ok(engine)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|error| Error::Listen(address, error))
}

/// Forgets from time to time what is over. When the store fails, the next time may be better.
async fn sweep(engine: Arc<Engine>) {
    let mut ticks = interval(SWEEP);
    let start = Instant::now();
    let mut clock = Steadiness::default();
    loop {
        ticks.tick().await;
        engine.sweep_rates();
        if clock.is_trusted(engine.now(), start.elapsed()) {
            let _ = engine.sweep_quotas().await;
        }
    }
}

async fn serve_callers(listener: TcpListener, engine: &Arc<Engine>, graceful: &GracefulShutdown) {
    let mut server = http2::Builder::new(TokioExecutor::new());
    let [asked, patience] = KEEP_ALIVE;
    server
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADERS)
        .keep_alive_interval(asked)
        .keep_alive_timeout(patience);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let (stream, place) = accept(&listener, &places).await;
        let engine = Arc::clone(engine);
        let counted = Arc::clone(&engine);
        let service = service_fn(move |request| service::answer(Arc::clone(&engine), request));
        let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            counted.metrics.connections.fetch_add(1, Ordering::Relaxed);
            // An error is the caller's: it has left, or does not speak HTTP/2.
            let _ = connection.await;
            counted.metrics.connections.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
    }
}

async fn serve_operators(listener: TcpListener, engine: &Arc<Engine>, graceful: &GracefulShutdown) {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let places = Arc::new(Semaphore::new(MAX_ADMIN_CONNECTIONS));
    loop {
        let (stream, place) = accept(&listener, &places).await;
        let engine = Arc::clone(engine);
        let service = service_fn(move |request| admin::answer(Arc::clone(&engine), request));
        let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            let _ = connection.await;
            drop(place);
        });
    }
}

/// The next connection, when there is a place for it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let Ok(place) = Arc::clone(places).acquire_owned().await else { return pending().await };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // An answer is small, and must not wait for the next one.
                let _ = stream.set_nodelay(true);
                return (stream, place);
            }
            Err(_) => sleep(ACCEPT_AGAIN).await,
        }
    }
}

// === impl Error ===

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) => write!(f, "{address}: {error}"),
            Self::Store(path, error) => write!(f, "{}: {error}", path.display()),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}
