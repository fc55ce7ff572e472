//! A caller of the Rate Limit Service: gRPC over HTTP/2, byte by byte, so that it can also call wrongly.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{HeaderMap, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use testbed::Engine;
use tokio::net::TcpStream;
use usage_plan_engine::message::{
    Code, Entry, RateLimitDescriptor, RateLimitOverride, RateLimitRequest, RateLimitResponse,
    SHOULD_RATE_LIMIT,
};

/// A connection to an engine.
#[derive(Clone)]
pub(crate) struct Caller {
    sender: SendRequest<Full<Bytes>>,
}

/// Why a call has no decision.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The engine said so: the number of gRPC's status, and its message.
    Status(i32, String),
    /// The connection broke.
    Broken(String),
}

/// What the engine decided: whether all is granted, and what is left.
pub(crate) type Decision = Result<(bool, u32), Failure>;

impl Caller {
    /// Connects to an engine, which has to listen.
    pub(crate) async fn of(engine: &Engine) -> Self {
        Self::connect(engine.listen).await.expect("the engine listens")
    }

    /// Connects; `None` if nobody listens.
    pub(crate) async fn connect(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(Self { sender })
    }

    /// Asks for `hits` of a quota that never renews, of `limit`.
    pub(crate) async fn ask(&mut self, plan: &str, limit: u32, hits: u64) -> Decision {
        self.decide(&request(&[("plan", plan), ("w", "total"), ("p", "total")], (limit, 6), hits)).await
    }

    /// Sends a call.
    pub(crate) async fn decide(&mut self, request: &RateLimitRequest) -> Decision {
        let answer = self.send(SHOULD_RATE_LIMIT, &request.encode_to_vec()).await?;
        let response = RateLimitResponse::decode(answer.as_slice()).expect("a response");
        let [status] = &response.statuses[..] else { panic!("{response:?}") };
        assert_eq!(status.code, response.overall_code);
        assert!(status.current_limit.is_some(), "{response:?}");
        Ok((status.code() == Code::Ok, status.limit_remaining))
    }

    /// Sends the bytes of a message to a method; the bytes of the answer.
    pub(crate) async fn send(&mut self, path: &str, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let length = u32::try_from(message.len()).expect("a short message").to_be_bytes();
        self.send_framed(path, [&[0], &length[..], message].concat()).await
    }

    /// Sends a body to a method; the bytes of the answer.
    pub(crate) async fn send_framed(&mut self, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let request = Request::post(format!("http://engine{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Full::from(body))
            .expect("a request");
        let broken = |error: hyper::Error| Failure::Broken(format!("{error:?}"));
        self.sender.ready().await.map_err(broken)?;
        let response = self.sender.send_request(request).await.map_err(broken)?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(broken)?;
        let status = status(&head.headers).or_else(|| status(body.trailers()?));
        match status {
            Some((0, _)) => Ok(body.to_bytes()[5..].to_vec()),
            Some((code, message)) => Err(Failure::Status(code, message)),
            None => Err(Failure::Broken("there is no status".to_owned())),
        }
    }
}

/// A call for one counter.
pub(crate) fn request(
    entries: &[(&str, &str)],
    (requests_per_unit, unit): (u32, i32),
    hits: u64,
) -> RateLimitRequest {
    let entry = |(key, value): &(&str, &str)| Entry { key: (*key).to_owned(), value: (*value).to_owned() };
    let descriptor = RateLimitDescriptor {
        entries: entries.iter().map(entry).collect(),
        limit: Some(RateLimitOverride { requests_per_unit, unit }),
        hits_addend: Some(hits),
        is_negative_hits: false,
    };
    RateLimitRequest { domain: "usage-plans".to_owned(), descriptors: vec![descriptor], hits_addend: 0 }
}

fn status(headers: &HeaderMap) -> Option<(i32, String)> {
    let code = headers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
    let message = headers.get("grpc-message").and_then(|message| message.to_str().ok());
    Some((code, decoded(message.unwrap_or_default())))
}

/// A message of gRPC without its percent-encoding.
fn decoded(message: &str) -> String {
    let mut parts = message.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).expect("UTF-8")
}
