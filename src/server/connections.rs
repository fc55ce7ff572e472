//! Connections: accepted while there is a place, encrypted, and ended when they are slow.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use crate::management;
use crate::peer::Peer;
use crate::token::Token;
use crate::xds::fleet::Fleet;
use crate::xds::service;

/// How many connections operators may have, and how many Envoys.
const MAX_CONNECTIONS: usize = 256;
const MAX_ENVOYS: usize = 4096;
/// How many streams a connection of an Envoy may have: one for each listener with the filter.
const MAX_STREAMS: u32 = 64;
/// How many bytes the headers of a request may have.
const MAX_HEADERS: usize = 32 << 10;
/// How many bytes the body of an operator's request may have.
const MAX_BODY: usize = 1 << 20;
/// How long a handshake, the headers and the body of a request may take to arrive, each.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a silent Envoy is asked whether it is still there, and how long it may take to say so.
const KEEP_ALIVE: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(10)];
/// How long to wait after a connection could not be accepted, most likely for a file descriptor.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Where connections come in.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) encryption: Option<TlsAcceptor>,
}

/// A connection, encrypted or not.
trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Serves operators: HTTP/1.1.
pub(crate) async fn serve_operators(listener: Listener, router: Router, graceful: &GracefulShutdown) {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(MAX_HEADERS);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let (stream, address, place) = accept(&listener.socket, &places).await;
        let (server, router, watcher) = (server.clone(), router.clone(), graceful.watcher());
        let encryption = listener.encryption.clone();
        tokio::spawn(async move {
            let Some(stream) = encrypt(stream, encryption).await else { return };
            let service = service_fn(move |request| answer(router.clone(), Peer(address), request));
            // An error is the client's: it has left, was too slow, or does not speak HTTP.
            let _ = watcher.watch(server.serve_connection(TokioIo::new(stream), service)).await;
            drop(place);
        });
    }
}

/// Serves Envoys: gRPC over HTTP/2.
pub(crate) async fn serve_envoys(
    listener: Listener,
    fleet: &Arc<Fleet>,
    token: Option<Arc<Token>>,
    graceful: &GracefulShutdown,
) {
    let mut server = http2::Builder::new(TokioExecutor::new());
    let [asked, patience] = KEEP_ALIVE;
    server
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEADERS).unwrap_or(u32::MAX))
        .keep_alive_interval(asked)
        .keep_alive_timeout(patience);
    let places = Arc::new(Semaphore::new(MAX_ENVOYS));
    loop {
        let (stream, address, place) = accept(&listener.socket, &places).await;
        let (server, watcher, encryption) = (server.clone(), graceful.watcher(), listener.encryption.clone());
        let (fleet, token) = (Arc::clone(fleet), token.clone());
        tokio::spawn(async move {
            let Some(stream) = encrypt(stream, encryption).await else { return };
            let service = service_fn(move |request| {
                service::answer(Arc::clone(&fleet), token.clone(), address, request)
            });
            let _ = watcher.watch(server.serve_connection(TokioIo::new(stream), service)).await;
            drop(place);
        });
    }
}

/// Answers one request of an operator, whose body has to arrive in time.
async fn answer(
    mut router: Router,
    peer: Peer,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let (mut parts, body) = request.into_parts();
    let body = match timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() && parts.uri.path() == management::PATH => {
            return Ok(management::too_long());
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Ok((StatusCode::PAYLOAD_TOO_LARGE, "the body has more than 1 MiB\n").into_response());
        }
        Ok(Err(_)) => return Ok((StatusCode::BAD_REQUEST, "the body is broken off\n").into_response()),
        Err(_) => {
            return Ok((StatusCode::REQUEST_TIMEOUT, "the body took more than 10 s\n").into_response());
        }
    };
    parts.extensions.insert(peer);
    router.call(Request::from_parts(parts, Body::from(body))).await
}

/// The connection after the handshake, if that succeeds in time.
async fn encrypt(stream: TcpStream, encryption: Option<TlsAcceptor>) -> Option<Box<dyn Io>> {
    match encryption {
        None => Some(Box::new(stream)),
        Some(encryption) => match timeout(HANDSHAKE_TIMEOUT, encryption.accept(stream)).await {
            Ok(Ok(stream)) => Some(Box::new(stream)),
            // The client has left, is slow, or has no certificate.
            Ok(Err(_)) | Err(_) => None,
        },
    }
}

/// The next connection, when there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let Ok(place) = Arc::clone(places).acquire_owned().await else { return pending().await };
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                // An answer is small, and must not wait for the next one.
                let _ = stream.set_nodelay(true);
                return (stream, address, place);
            }
            Err(_) => sleep(ACCEPT_AGAIN).await,
        }
    }
}
