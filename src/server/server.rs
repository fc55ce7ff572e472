//! Runs the server: listens, serves connections, and on SIGTERM answers what is in flight and ends.

use std::fmt;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use usage_plan_manage::file::DocumentFile;

use crate::desk::Desk;
use crate::publishing::Publishing;

/// How many connections there may be.
const MAX_CONNECTIONS: usize = 1024;
/// How long the headers of a request may take to arrive.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long requests in flight may take after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait after a connection could not be accepted, most likely for a file descriptor.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// How a server is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where operators reach it.
    pub listen: SocketAddr,
    /// The document's file, with the place of its log.
    pub file: DocumentFile,
}

/// Why a server does not run.
#[derive(Debug)]
pub enum Error {
    /// It cannot listen there.
    Listen(SocketAddr, io::Error),
    /// Its document cannot be read.
    Document(usage_plan_manage::Error),
    /// The system refuses threads or signals.
    System(io::Error),
}

/// Runs a server until SIGTERM or SIGINT, and calls `started` with its address when it serves.
///
/// # Errors
///
/// It cannot be started.
pub fn run(options: Options, started: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    options.file.read().map_err(Error::Document)?;
    let desk = Arc::new(Desk::new(options.file, Publishing::nowhere()));
    let runtime = Runtime::new().map_err(Error::System)?;
    runtime.block_on(serve(options.listen, desk, started))
}

async fn serve(listen: SocketAddr, desk: Arc<Desk>, started: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::System)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::System)?;
    let listener = TcpListener::bind(listen).await.map_err(|error| Error::Listen(listen, error))?;
    let address = listener.local_addr().map_err(Error::System)?;
    let graceful = GracefulShutdown::new();
    started(address);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = serve_connections(listener, router(desk), &graceful) => {}
    }
    let _ = timeout(GRACE, graceful.shutdown()).await;
    Ok(())
}

/// Everything that can be asked of the server.
fn router(desk: Arc<Desk>) -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" })).with_state(desk)
}

async fn serve_connections(listener: TcpListener, router: Router, graceful: &GracefulShutdown) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let (stream, place) = accept(&listener, &places).await;
        let service = TowerToHyperService::new(router.clone());
        let connection = server.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // An error is the client's: it has left, or does not speak HTTP.
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
            Self::Document(error) => write!(f, "{error:?}"),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}
