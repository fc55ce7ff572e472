//! The streams: ECDS, and aggregated discovery (ADS), which carries the same messages.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::http::{Request, Response};
use tokio::select;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::server::{Grpc, StreamingService};
use tonic::{Status, Streaming};
use tonic_prost::ProstCodec;

use super::fleet::Fleet;
use super::message::{DiscoveryRequest, DiscoveryResponse};
use crate::token::Token;

/// The path of ECDS.
pub const EXTENSION_CONFIGS: &str =
    "/envoy.service.extension.v3.ExtensionConfigDiscoveryService/StreamExtensionConfigs";
/// The path of ADS.
pub const AGGREGATED: &str =
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";

/// How many bytes a request may have. Its first one names every extension that Envoy was built with.
const MAX_REQUEST: usize = 1 << 20;

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
    let mut grpc = Grpc::new(ProstCodec::default()).max_decoding_message_size(MAX_REQUEST);
    Ok(grpc.streaming(Discovery { fleet, address }, request).await)
}

/// One stream.
struct Discovery {
    fleet: Arc<Fleet>,
    address: SocketAddr,
}

impl StreamingService<DiscoveryRequest> for Discovery {
    type Response = DiscoveryResponse;
    type ResponseStream = ReceiverStream<Result<DiscoveryResponse, Status>>;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<Self::ResponseStream>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<Streaming<DiscoveryRequest>>) -> Self::Future {
        let (sender, responses) = mpsc::channel(1);
        tokio::spawn(follow(Arc::clone(&self.fleet), self.address, request.into_inner(), sender));
        Box::pin(async { Ok(tonic::Response::new(ReceiverStream::new(responses))) })
    }
}

/// Gives one Envoy what it is to have, until it leaves or all streams end.
async fn follow(
    fleet: Arc<Fleet>,
    address: SocketAddr,
    mut requests: Streaming<DiscoveryRequest>,
    responses: mpsc::Sender<Result<DiscoveryResponse, Status>>,
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
        if let Some(response) = place.next()
            && responses.send(Ok(response)).await.is_err()
        {
            return;
        }
    }
}
