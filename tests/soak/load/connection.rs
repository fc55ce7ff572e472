//! A connection to Envoy, over HTTP/1.1 or HTTP/2.

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::sample::{Door, Protocol};

/// A connection, which stays open until all its parts are dropped.
pub(super) enum Connection {
    Http1(http1::SendRequest<Empty<Bytes>>),
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl Connection {
    pub(super) async fn open((address, protocol): Door) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(text)?;
        stream.set_nodelay(true).map_err(text)?;
        let stream = TokioIo::new(stream);
        // What becomes of a connection shows in its requests.
        Ok(match protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(stream).await.map_err(text)?;
                tokio::spawn(async { drop(connection.await) });
                Self::Http1(sender)
            }
            Protocol::Http2 => {
                let (sender, connection) =
                    http2::handshake(TokioExecutor::new(), stream).await.map_err(text)?;
                tokio::spawn(async { drop(connection.await) });
                Self::Http2(sender)
            }
        })
    }

    /// Senders of that many requests at a time. HTTP/1.1 has only one.
    pub(super) fn streams(self, number: usize) -> Vec<Self> {
        match self {
            Self::Http1(_) => vec![self],
            Self::Http2(sender) => (0..number).map(|_| Self::Http2(sender.clone())).collect(),
        }
    }

    /// The status and the body of the answer.
    pub(super) async fn send(&mut self, request: &testbed::Request) -> Result<(u16, String), String> {
        let answer = match self {
            Self::Http1(sender) => {
                sender.ready().await.map_err(text)?;
                sender.send_request(convert(request, Protocol::Http1)?).await.map_err(text)?
            }
            Self::Http2(sender) => {
                sender.ready().await.map_err(text)?;
                sender.send_request(convert(request, Protocol::Http2)?).await.map_err(text)?
            }
        };
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(text)?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// HTTP/2 has the host in the target and not in a header.
fn convert(request: &testbed::Request, protocol: Protocol) -> Result<hyper::Request<Empty<Bytes>>, String> {
    let target = String::from_utf8_lossy(&request.target);
    let host = String::from_utf8_lossy(request.value("host").unwrap_or_default());
    let (uri, keep_host) = match protocol {
        Protocol::Http1 => (target.into_owned(), true),
        Protocol::Http2 => (format!("http://{host}{target}"), false),
    };
    let mut builder = hyper::Request::builder().method(request.method.as_str()).uri(uri);
    for (name, value) in request.headers.iter().filter(|(name, _)| keep_host || name != b"host") {
        builder = builder.header(name.as_slice(), value.as_slice());
    }
    builder.body(Empty::new()).map_err(text)
}

fn text(error: impl std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
