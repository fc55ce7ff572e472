//! Requests over HTTP/2, each on a new connection.

use testbed::{Envoy, Http2Client, Request, Response};

/// The answer to `request`.
pub(super) fn send(envoy: &Envoy, request: &Request) -> Response {
    try_send(envoy, request).unwrap_or_else(|| panic!("Envoy resets {request:?}"))
}

/// The answer to `request`, unless Envoy resets its stream. Names are sent in lower case, as HTTP/2 has them.
pub(super) fn try_send(envoy: &Envoy, request: &Request) -> Option<Response> {
    let mut request = request.clone();
    request.headers.iter_mut().for_each(|(name, _)| name.make_ascii_lowercase());
    Http2Client::new(envoy.ingress()).send(&request).expect("Envoy listens, and speaks HTTP/2")
}
