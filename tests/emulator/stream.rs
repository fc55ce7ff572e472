//! One HTTP exchange in progress, and what a filter may touch during it.

use std::collections::BTreeMap;

use testbed::Request;

use crate::exchange::{Exchange, LocalReply};
use crate::headers::Headers;

/// What Envoy puts before the name of a filter's state.
const STATE_PREFIX: &str = "wasm.";

const REQUEST_HEADERS: u32 = 0;
const REQUEST_TRAILERS: u32 = 1;
const RESPONSE_HEADERS: u32 = 2;

/// Which callback a stream is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Request,
    Trailers,
    Response,
    Ended,
}

/// An exchange in progress.
pub(crate) struct Stream {
    phase: Phase,
    /// Whether the filter holds the request.
    pub(crate) paused: bool,
    method: String,
    has_body: bool,
    request: Headers,
    trailers: Headers,
    response: Headers,
    exchange: Exchange,
}

impl Stream {
    /// A request, and what the upstream will answer if the request gets there.
    pub(crate) fn new(request: &Request, answer: Headers) -> Self {
        Self {
            phase: Phase::Request,
            paused: false,
            method: request.method.clone(),
            has_body: !request.body.is_empty(),
            request: Headers::of_request(request),
            trailers: Headers::from_iter(request.trailers.iter().cloned()),
            response: answer,
            exchange: Exchange {
                reply: None,
                upstream: None,
                upstream_trailers: Headers::default(),
                response: Headers::default(),
                filter_state: BTreeMap::new(),
                fuel: None,
            },
        }
    }

    /// How many headers the request has, and whether it ends with them.
    pub(crate) fn request_size(&self) -> (usize, bool) {
        (self.request.iter().len(), !self.has_body && self.trailers.iter().len() == 0)
    }

    /// Ends the phase of the request's headers, which go upstream unless the filter has answered. Returns how
    /// many trailers the filter is asked about, if it is.
    pub(crate) fn end_headers(&mut self) -> Option<usize> {
        if self.has_reply() {
            return None;
        }
        self.exchange.upstream = Some(self.request.clone());
        self.phase = Phase::Trailers;
        Some(self.trailers.iter().len()).filter(|count| *count > 0)
    }

    /// Ends the request: it goes to the upstream, or the filter's reply goes back. Returns how
    /// many headers the response has, and whether it ends with them.
    pub(crate) fn respond(&mut self) -> (usize, bool) {
        self.phase = Phase::Response;
        let mut ends = false;
        if let Some(reply) = &self.exchange.reply {
            self.response = reply.response();
            ends = reply.body.is_empty() || self.method == "HEAD";
        } else {
            self.exchange.upstream_trailers = self.trailers.clone();
        }
        (self.response.iter().len(), ends)
    }

    /// Ends the response phase.
    pub(crate) fn finish(&mut self) {
        self.phase = Phase::Ended;
        self.exchange.response = self.response.clone();
    }

    pub(crate) fn into_exchange(self, fuel: Option<u64>) -> Exchange {
        Exchange { fuel, ..self.exchange }
    }

    pub(crate) fn has_reply(&self) -> bool {
        self.exchange.reply.is_some()
    }

    /// The map of that type, to read or to change, while the filter is asked about it.
    pub(crate) fn map(&mut self, kind: u32) -> Result<&mut Headers, String> {
        match (kind, self.phase) {
            (REQUEST_HEADERS, Phase::Request) => Ok(&mut self.request),
            (REQUEST_TRAILERS, Phase::Trailers) => Ok(&mut self.trailers),
            (RESPONSE_HEADERS, Phase::Response) => Ok(&mut self.response),
            _ => Err(format!("header map {kind} in this callback is not emulated")),
        }
    }

    /// Takes the filter's own reply, once and before the response.
    pub(crate) fn reply(&mut self, reply: LocalReply) -> Result<(), String> {
        if self.phase != Phase::Request {
            return Err(
                "a local reply in another callback than that of the request's headers is not emulated".into(),
            );
        }
        if self.has_reply() {
            return Err("a second local reply to one request".into());
        }
        let grpc = self.request.get("content-type").is_some_and(|kind| kind.starts_with(b"application/grpc"));
        if grpc {
            return Err("a local reply to a gRPC request is not emulated".into());
        }
        self.exchange.reply = Some(reply);
        Ok(())
    }

    pub(crate) fn set_state(&mut self, name: &str, value: &[u8]) {
        self.set_full_state(format!("{STATE_PREFIX}{name}"), value);
    }

    /// Sets a value under its full name, which a dynamic module gives.
    pub(crate) fn set_full_state(&mut self, full_name: String, value: &[u8]) {
        self.exchange.filter_state.insert(full_name, value.to_vec());
    }
}
