//! Runs the server: listens, serves connections, and on SIGTERM answers what is in flight and ends.

mod running_engine;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use usage_plan_engine as engine;
use usage_plan_manage::admin::Admin;
use usage_plan_manage::file::DocumentFile;

use self::running_engine::RunningEngine;
use crate::connections::{Listener, serve_envoys, serve_operators};
use crate::console::{self, Console};
use crate::desk::Desk;
use crate::management::{self, Management};
use crate::operators::{self, Operators};
use crate::publishing::{Publishing, Report, Ways};
use crate::routes;
use crate::samples::{self, Sampler, Samples};
use crate::tls::{self, Protocol};
use crate::token::Token;
use crate::used::{Counted, EngineHere, Envoys};

/// How long the requests of operators may take after SIGTERM, besides what Envoys may take to answer.
const GRACE: Duration = Duration::from_secs(10);
/// How long the streams of Envoys may take to end after that.
const ENVOYS_GRACE: Duration = Duration::from_secs(2);

/// How a server is run.
pub struct Options {
    /// Where operators reach it.
    pub listen: SocketAddr,
    /// The document's file, with the place of its log.
    pub file: DocumentFile,
    /// The file of operators. Without one, nobody manages the document here.
    pub credentials: Option<PathBuf>,
    /// How the console is run.
    pub console: console::Options,
    /// How the document is brought to Envoys.
    pub ways: Ways,
    /// Where Envoys subscribe to it.
    pub xds: Option<Xds>,
    /// The Envoys whose metrics are read.
    pub admins: Vec<Admin>,
    /// The certificate of both listeners.
    pub tls: Option<tls::Files>,
    /// The engine that runs in the same process.
    pub engine: Option<engine::server::Options>,
    /// How the management API is run.
    pub management: management::Options,
}

/// Where Envoys subscribe to the document, and what they must show.
pub struct Xds {
    /// Where they reach the server.
    pub listen: SocketAddr,
    /// The authorities of their certificates.
    pub authorities: Option<PathBuf>,
    /// The token that they must know.
    pub token: Option<Token>,
}

/// A server that serves.
#[derive(Clone, Debug)]
pub struct Started {
    /// Where operators reach it.
    pub listen: SocketAddr,
    /// The path of a link that signs in to the console, once.
    pub link: String,
    /// Where Envoys subscribe.
    pub xds: Option<SocketAddr>,
    /// Where the engine is reached.
    pub engine: Option<engine::server::Started>,
    /// Why what Envoys count is not kept.
    pub no_samples: Option<String>,
}

/// Why a server does not run.
#[derive(Debug)]
pub enum Error {
    /// Other machines could reach it there, and what they send could be read on the way, or anybody could
    /// come.
    Open(SocketAddr, Lacking),
    /// It cannot listen there.
    Listen(SocketAddr, io::Error),
    /// Its document cannot be read.
    Document(usage_plan_manage::Error),
    /// Its operators are not known.
    Operators(operators::Error),
    /// Its certificates cannot be used.
    Tls(tls::Error),
    /// Its engine does not run.
    Engine(engine::server::Error),
    /// The system refuses threads or signals.
    System(io::Error),
}

/// What a listener lacks that other machines can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// Encryption.
    Encryption,
    /// A certificate or a token of whoever may have the document.
    Identity,
}

/// Runs a server until SIGTERM or SIGINT, calls `started` when it serves, and `report` at each publication.
///
/// # Errors
///
/// It cannot be started.
pub fn run(options: Options, started: impl FnOnce(Started), report: Report) -> Result<(), Error> {
    options.check()?;
    options.file.read().map_err(Error::Document)?;
    let runtime = Runtime::new().map_err(Error::System)?;
    let engine = runtime.block_on(serve(options, started, report))?;
    // Edits that were begun are finished, and connections that are still open end here.
    drop(runtime);
    if let Some(engine) = engine {
        engine::server::close(engine);
    }
    Ok(())
}

async fn serve(
    options: Options,
    started: impl FnOnce(Started),
    report: Report,
) -> Result<Option<Arc<engine::engine::Engine>>, Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::System)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::System)?;
    let Options { listen, file, ways, xds, admins, tls, engine, credentials, console, management } = options;
    let operators = credentials.map(Operators::open).transpose().map_err(Error::Operators)?.map(Arc::new);
    let listener = bind(listen, tls.as_ref(), None, Protocol::Http1).await?;
    let envoys = match &xds {
        Some(xds) => {
            let authorities = xds.authorities.as_deref();
            Some(bind(xds.listen, tls.as_ref(), authorities, Protocol::Http2).await?)
        }
        None => None,
    };
    let address = |listener: &Listener| listener.socket.local_addr().map_err(Error::System);
    let (stop, stopped) = watch::channel(());
    let engine = match engine {
        Some(options) => Some(RunningEngine::start(options, stopped).await.map_err(Error::Engine)?),
        None => None,
    };
    let grace = ways.timeout.saturating_add(GRACE);
    let samples = Arc::new(match admins.len() {
        0 if engine.is_none() => Samples::default(),
        envoys => Samples::open(&samples::beside(file.path()), envoys),
    });
    let publishing = Publishing::start(&file, ways, report);
    let fleet = publishing.fleet().cloned();
    let desk = Arc::new(Desk::new(file, publishing));
    let console = Arc::new(Console::new(Arc::clone(&desk), operators.clone(), Arc::clone(&samples), console));
    let addresses = Started {
        listen: address(&listener)?,
        link: console.one_time_path().map_err(Error::Document)?,
        xds: envoys.as_ref().map(address).transpose()?,
        engine: engine.as_ref().map(|engine| engine.started),
        no_samples: samples.problem(),
    };
    let counters = engine.as_ref().and_then(|engine| engine.started.admin.to_string().parse().ok());
    let sampler = Sampler::start(admins.clone(), counters, samples);
    let engine_here = engine.as_ref().map(|engine| EngineHere::new(engine.engine.clone()));
    let used = Arc::new(Counted { engine: engine_here, envoys: Envoys::new(admins) });
    let management =
        operators.map(|known| Management::new(Arc::clone(&desk), known, Arc::default(), used, management));
    let router = routes::router(Arc::clone(&desk), management, console);
    let (graceful, graceful_to_envoys) = (GracefulShutdown::new(), GracefulShutdown::new());
    let envoys = async {
        match (envoys, &fleet) {
            (Some(listener), Some(fleet)) => {
                let token = xds.and_then(|xds| xds.token).map(Arc::new);
                serve_envoys(listener, fleet, token, &graceful_to_envoys).await;
            }
            _ => std::future::pending().await,
        }
    };
    started(addresses);
    // Who reads what the server reports reads first where it is reached.
    desk.publishing().begin();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = serve_operators(listener, router, &graceful) => {}
        () = envoys => {}
    }
    // Both listeners are closed now. What operators wait for is answered while Envoys still listen.
    let _ = timeout(grace, graceful.shutdown()).await;
    let _ = spawn_blocking(move || desk.publishing().end()).await;
    if let Some(fleet) = fleet {
        fleet.close();
    }
    let _ = timeout(ENVOYS_GRACE, graceful_to_envoys.shutdown()).await;
    drop((stop, sampler));
    match engine {
        Some(engine) => engine.end().await.map(Some).map_err(Error::Engine),
        None => Ok(None),
    }
}

async fn bind(
    address: SocketAddr,
    tls: Option<&tls::Files>,
    authorities: Option<&std::path::Path>,
    protocol: Protocol,
) -> Result<Listener, Error> {
    let encryption = tls.map(|files| tls::acceptor(files, authorities, protocol));
    let encryption = encryption.transpose().map_err(Error::Tls)?;
    let socket = TcpListener::bind(address).await.map_err(|error| Error::Listen(address, error))?;
    Ok(Listener { socket, encryption })
}

// === impl Options ===

impl Options {
    /// Refuses what would let others in.
    fn check(&self) -> Result<(), Error> {
        let is_encrypted = self.tls.is_some();
        let xds = self.xds.as_ref();
        let listeners = [Some(self.listen), xds.map(|xds| xds.listen)];
        let open = listeners.into_iter().flatten().find(|address| !address.ip().is_loopback());
        if let Some(open) = open.filter(|_| !is_encrypted) {
            return Err(Error::Open(open, Lacking::Encryption));
        }
        match xds {
            Some(Xds { listen, authorities: None, token: None }) if !listen.ip().is_loopback() => {
                Err(Error::Open(*listen, Lacking::Identity))
            }
            _ => Ok(()),
        }
    }
}

// === impl Error ===

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(address, Lacking::Encryption) => {
                write!(f, "{address}: other machines can reach it, and nothing would be encrypted")
            }
            Self::Open(address, Lacking::Identity) => {
                write!(
                    f,
                    "{address}: other machines can reach it, and anybody would get the document's secrets"
                )
            }
            Self::Listen(address, error) => write!(f, "{address}: {error}"),
            Self::Document(error) => write!(f, "{error:?}"),
            Self::Operators(error) => error.fmt(f),
            Self::Tls(error) => error.fmt(f),
            Self::Engine(error) => error.fmt(f),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}
