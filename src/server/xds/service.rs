//! The streams: ECDS, and aggregated discovery (ADS), which carries the same messages.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::http::{Request, Response};
use prost::bytes::Bytes;
use tokio::select;
use tokio::sync::mpsc;
use tonic::body::Body;
use tonic::metadata::GRPC_CONTENT_TYPE;
use tonic::{Status, Streaming};
use tonic_prost::ProstDecoder;

use super::fleet::Fleet;
use super::frame;
use super::message::DiscoveryRequest;
use crate::token::Token;

/// The path of ECDS.
pub const EXTENSION_CONFIGS: &str =
    "/envoy.service.extension.v3.ExtensionConfigDiscoveryService/StreamExtensionConfigs";
/// The path of ADS.
pub const AGGREGATED: &str =
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";

/// How many bytes a request may have. Its first one names every extension that Envoy was built with.
const MAX_REQUEST: usize = 1 << 20;

/// How many pieces of a response wait to be sent. It has no more, and is the only one until it is answered,
/// so that a slow Envoy does not keep the server from hearing it.
const PIECES: usize = 8;

/// Serves one stream. Who sends it must know the `token`, if there is one.
pub async fn answer(
    fleet: Arc<Fleet>,
    token: Option<Arc<Token>>,
    address: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    if token.is_some_and(|token| !token.is_in(request.headers())) {
        return Ok(Status::unauthenticated("the token is missing, or is another one").into_http());
    }
    let path = request.uri().path();
    if ![EXTENSION_CONFIGS, AGGREGATED].contains(&path) {
        let message = format!("there is no {path}: this server has {EXTENSION_CONFIGS} and {AGGREGATED}");
        return Ok(Status::unimplemented(message).into_http());
    }
    let requests =
        Streaming::new_request(ProstDecoder::default(), request.into_body(), None, Some(MAX_REQUEST));
    let (sender, pieces) = mpsc::channel(PIECES);
    tokio::spawn(follow(fleet, address, requests, sender));
    let mut response = Response::new(frame::body(pieces));
    response.headers_mut().insert(CONTENT_TYPE, GRPC_CONTENT_TYPE);
    Ok(response)
}

/// Gives one Envoy what it is to have, until it leaves or all streams end.
async fn follow(
    fleet: Arc<Fleet>,
    address: SocketAddr,
    mut requests: Streaming<DiscoveryRequest>,
    pieces: mpsc::Sender<Bytes>,
) {
    let mut offered = fleet.offered();
    let place = fleet.join(address);
    loop {
        select! {
            request = requests.message() => match request {
                Ok(Some(request)) => place.hear(request),
                Ok(None) | Err(_) => return,
            },
            changed = offered.changed() => if changed.is_err() { return },
        }
        if offered.borrow_and_update().is_none() {
            return;
        }
        for piece in place.next().and_then(frame::pieces).into_iter().flatten() {
            if pieces.send(piece).await.is_err() {
                return;
            }
        }
    }
}
