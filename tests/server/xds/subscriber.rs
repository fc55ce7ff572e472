//! A client of Envoy's discovery protocol: gRPC over HTTP/2, byte by byte.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, StreamBody};
use hyper::Request;
use hyper::body::{Bytes, Frame, Incoming};
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use usage_plan_server::xds::message::{
    DiscoveryRequest, DiscoveryResponse, EXTENSION_CONFIG, Node, RESOURCE,
};
use usage_plan_server::xds::service::EXTENSION_CONFIGS;

/// A subscriber, which accepts whatever it is given.
pub(crate) struct Subscriber {
    node: Node,
    version: Mutex<Option<String>>,
}

type Requests = mpsc::UnboundedSender<Result<Frame<Bytes>, std::convert::Infallible>>;

impl Subscriber {
    /// Subscribes, and shows `token`. None if the server does not let it in.
    pub(crate) async fn start(server: SocketAddr, id: &str, token: Option<&str>) -> Option<Arc<Self>> {
        let stream = TcpStream::connect(server).await.expect("the server listens");
        let (mut sender, connection) =
            handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
        tokio::spawn(connection);
        let (requests, body) = mpsc::unbounded_channel();
        let mut request = Request::post(format!("http://server{EXTENSION_CONFIGS}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let node = Node { id: id.to_owned(), cluster: "clients".to_owned() };
        let subscriber = Arc::new(Self { node, version: Mutex::default() });
        subscriber.say(&requests, DiscoveryResponse::default());
        let body = StreamBody::new(UnboundedReceiverStream::new(body));
        let response = sender.send_request(request.body(body).expect("a request")).await.expect("an answer");
        if response.headers().contains_key("grpc-status") {
            return None;
        }
        tokio::spawn(follow(Arc::clone(&subscriber), requests, response.into_body()));
        Some(subscriber)
    }

    /// The version that it was given last.
    pub(crate) fn version(&self) -> Option<String> {
        self.version.lock().expect("no panic").clone()
    }

    /// Accepts a response.
    fn say(&self, requests: &Requests, response: DiscoveryResponse) {
        let request = DiscoveryRequest {
            version_info: response.version_info,
            node: Some(self.node.clone()),
            resource_names: vec![RESOURCE.to_owned()],
            type_url: EXTENSION_CONFIG.to_owned(),
            response_nonce: response.nonce,
            error_detail: None,
        };
        let message = request.encode_to_vec();
        let length = u32::try_from(message.len()).expect("a short message").to_be_bytes();
        let frame = [&[0], &length[..], &message].concat();
        let _ = requests.send(Ok(Frame::data(frame.into())));
    }
}

/// Accepts every response until the stream ends.
async fn follow(subscriber: Arc<Subscriber>, requests: Requests, mut body: Incoming) {
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        bytes.extend(frame.into_data().unwrap_or_default());
        while let Some(length) =
            bytes.get(1..5).map(|length| u32::from_be_bytes(length.try_into().expect("four")))
        {
            let end = 5 + usize::try_from(length).expect("it fits");
            let Some(message) = bytes.get(5..end) else { break };
            let response = DiscoveryResponse::decode(message).expect("a response");
            bytes.drain(..end);
            *subscriber.version.lock().expect("no panic") = Some(response.version_info.clone());
            subscriber.say(&requests, response);
        }
    }
}
