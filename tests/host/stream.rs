//! One HTTP exchange from inside: what the filter may touch at each moment of it.

use super::abi::{Answer, Status};
use super::exchange::{Exchange, LocalReply, Request};
use super::headers::Headers;
use std::collections::BTreeMap;

/// What Envoy puts before the name of a filter's state.
const STATE_PREFIX: &str = "wasm.";

const REQUEST_HEADERS: u32 = 0;
const RESPONSE_HEADERS: u32 = 2;
/// The last of the ABI's map types.
const MAX_MAP: u32 = 7;

/// Which callback a stream has come to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Request,
    Response,
    Log,
    Done,
}

/// An exchange under way.
pub(super) struct Stream {
    pub(super) id: u32,
    phase: Phase,
    request: Headers,
    has_body: bool,
    response: Headers,
    properties: BTreeMap<String, Vec<u8>>,
    exchange: Exchange,
}

impl Stream {
    pub(super) fn new(id: u32, request: Request) -> Self {
        Self {
            id,
            phase: Phase::Request,
            request: request.pseudo.iter().chain(request.headers.iter()).collect(),
            has_body: request.has_body,
            response: request.response,
            properties: request.properties,
            exchange: Exchange {
                reply: None,
                upstream: None,
                response: Headers::default(),
                filter_state: BTreeMap::new(),
                route_cache_cleared: false,
                fuel: None,
            },
        }
    }

    /// How many headers the request has, and whether it ends with them.
    pub(super) fn request_size(&self) -> (usize, bool) {
        (self.request.len(), !self.has_body)
    }

    /// Ends the request phase: on to the upstream, or back with the filter's reply. Gives the size of the response's
    /// headers and whether it ends with them.
    pub(super) fn respond(&mut self) -> (usize, bool) {
        self.phase = Phase::Response;
        let mut ends = false;
        if let Some(reply) = &self.exchange.reply {
            let content_type = self.request.text("content-type").unwrap_or_default();
            let grpc = content_type == "application/grpc" || content_type.starts_with("application/grpc+");
            self.response = reply.response(grpc);
            ends = grpc || reply.body.is_empty() || self.request.get(":method") == Some(b"HEAD");
        } else {
            self.exchange.upstream = Some(self.request.clone());
        }
        (self.response.len(), ends)
    }

    /// Ends the response phase.
    pub(super) fn finish(&mut self) {
        self.phase = Phase::Log;
        self.exchange.response = self.response.clone();
    }

    /// The log is written.
    pub(super) fn done(&mut self) {
        self.phase = Phase::Done;
    }

    pub(super) fn into_exchange(self, fuel: Option<u64>) -> Exchange {
        Exchange { fuel, ..self.exchange }
    }

    pub(super) fn refused(&self) -> bool {
        self.exchange.reply.is_some()
    }

    /// A map to read. A map that the moment does not offer reads as none at all.
    pub(super) fn map(&self, kind: u32) -> Answer<Option<&Headers>> {
        let logged = self.phase == Phase::Log;
        match kind {
            REQUEST_HEADERS if logged || self.request_open() => Ok(Some(&self.request)),
            RESPONSE_HEADERS if logged || self.phase == Phase::Response => Ok(Some(&self.response)),
            0..=MAX_MAP => Ok(None),
            _ => Err(Status::BadArgument),
        }
    }

    /// A map to change: nothing can be changed any more once it is logged.
    pub(super) fn map_mut(&mut self, kind: u32) -> Answer<&mut Headers> {
        match kind {
            REQUEST_HEADERS if self.request_open() => Ok(&mut self.request),
            RESPONSE_HEADERS if self.phase == Phase::Response => Ok(&mut self.response),
            _ => Err(Status::BadArgument),
        }
    }

    /// Envoy takes the request's headers away once they are let go upstream, but not when the filter has stopped them
    /// (observed: a filter sees them in `on_http_response_headers` of its own reply only).
    fn request_open(&self) -> bool {
        self.phase == Phase::Request || (self.phase == Phase::Response && self.refused())
    }

    /// Takes the filter's reply, once and before the response.
    pub(super) fn reply(&mut self, reply: LocalReply) -> Result<(), &'static str> {
        if self.phase != Phase::Request {
            return Err("a local reply outside the request's headers is not emulated");
        }
        if self.refused() {
            return Err("a second local reply to one request");
        }
        self.exchange.reply = Some(reply);
        Ok(())
    }

    pub(super) fn clear_route_cache(&mut self) {
        self.exchange.route_cache_cleared = true;
    }

    pub(super) fn set_state(&mut self, path: &str, value: &[u8]) {
        self.exchange.filter_state.insert(format!("{STATE_PREFIX}{path}"), value.to_vec());
    }

    /// A property: one that a test has given, or a filter's own state.
    pub(super) fn property(&self, path: &str) -> Option<&Vec<u8>> {
        let state = || self.exchange.filter_state.get(&format!("{STATE_PREFIX}{path}"));
        self.properties.get(path).or_else(state)
    }
}
