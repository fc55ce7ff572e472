//! One HTTP exchange from outside: what goes in, what comes out.

use super::headers::Headers;
use std::collections::BTreeMap;

/// A request, and what the upstream will answer if it gets there.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) pseudo: Headers,
    pub(super) headers: Headers,
    pub(super) has_body: bool,
    pub(super) response: Headers,
    pub(super) properties: BTreeMap<String, Vec<u8>>,
}

/// `GET` of that path.
pub fn get(path: &str) -> Request {
    Request::new("GET", path)
}

impl Request {
    /// A request without a body, over plain HTTP, that names no host yet.
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            pseudo: Headers::from_iter([(":path", path), (":method", method), (":scheme", "http")]),
            headers: Headers::default(),
            has_body: false,
            response: Headers::from_iter([(":status", "200")]),
            properties: BTreeMap::new(),
        }
    }

    /// Sets `:authority`, first of all headers, as over HTTP/1.
    pub fn host(mut self, authority: impl AsRef<[u8]>) -> Self {
        self.pseudo.remove(":authority");
        let authority = (":authority", authority.as_ref());
        self.pseudo = std::iter::once(authority).chain(self.pseudo.iter()).collect();
        self
    }

    /// Adds a header after those there are. Its name is handed over in lower case, its value as it is; where Envoy joins
    /// headers of one name, they are joined.
    pub fn header(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.headers.add(name, value);
        self
    }

    /// Leaves a header out, e.g. `:path` as in `CONNECT`.
    pub fn without(mut self, name: &str) -> Self {
        self.pseudo.remove(name);
        self.headers.remove(name);
        self
    }

    /// A body follows the headers.
    pub fn with_body(mut self) -> Self {
        self.has_body = true;
        self
    }

    /// What the upstream answers instead of a bare 200. Start with `:status`.
    pub fn answered_with(mut self, headers: &[(&str, &str)]) -> Self {
        self.response = headers.iter().copied().collect();
        self
    }

    /// Lets the filter read a property of Envoy's, e.g. `["source", "address"]`.
    pub fn property(mut self, path: &[&str], value: impl AsRef<[u8]>) -> Self {
        self.properties.insert(path.join("\0"), value.as_ref().to_vec());
        self
    }
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The filter's refusal, as the filter gave it.
    pub reply: Option<LocalReply>,
    /// The headers that went upstream, if the request did.
    pub upstream: Option<Headers>,
    /// The headers the caller got, of the upstream's response or of the filter's own.
    pub response: Headers,
    /// Filter state by its full name, e.g. `wasm.usage_plan`. A path of several elements has zero bytes between them, as
    /// in Envoy, where no access log finds it (observed).
    pub filter_state: BTreeMap<String, Vec<u8>>,
    /// Whether the filter called `clear_route_cache`.
    pub route_cache_cleared: bool,
    /// What all callbacks of this exchange cost, where the binding can tell.
    pub fuel: Option<u64>,
}

impl Exchange {
    /// The status the caller got.
    pub fn status(&self) -> u16 {
        let status = self.response.text(":status").expect("every response has a :status");
        status.parse().expect("a :status is a number")
    }

    /// A header of the response, as text.
    pub fn response_header(&self, name: &str) -> Option<String> {
        self.response.text(name)
    }

    /// A header as the upstream got it, as text. Fails when the request did not go upstream.
    pub fn upstream_header(&self, name: &str) -> Option<String> {
        let upstream = self.upstream.as_ref();
        upstream.unwrap_or_else(|| panic!("the request did not go upstream: {self:?}")).text(name)
    }

    /// A value of the filter state, as text.
    pub fn state(&self, name: &str) -> Option<String> {
        self.filter_state.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The body of the filter's refusal, as text. Fails when the filter did not refuse.
    pub fn body(&self) -> String {
        let reply = self.reply.as_ref().unwrap_or_else(|| panic!("the filter did not refuse: {self:?}"));
        String::from_utf8_lossy(&reply.body).into_owned()
    }
}

/// What the filter answers in the upstream's stead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalReply {
    /// The HTTP status.
    pub status: u32,
    /// The headers the filter gave; Envoy adds its own.
    pub headers: Headers,
    /// The body, which Envoy leaves out for `HEAD`.
    pub body: Vec<u8>,
    /// The gRPC status; the SDK's -1 means none.
    pub grpc_status: Option<u32>,
}

const GRPC_CONTENT_TYPE: &[u8] = b"application/grpc";

impl LocalReply {
    /// The response headers Envoy makes of it, in Envoy's order (observed).
    pub(super) fn response(&self, grpc_request: bool) -> Headers {
        let status = if grpc_request { 200 } else { self.status };
        let mut response = Headers::from_iter([(":status", status.to_string())]);
        for (name, value) in self.headers.iter() {
            let theirs = grpc_request && name == "content-type";
            response.add(name, if theirs { GRPC_CONTENT_TYPE } else { value });
        }
        if grpc_request {
            if response.get("content-type").is_none() {
                response.add("content-type", GRPC_CONTENT_TYPE);
            }
            let status = self.grpc_status.unwrap_or_else(|| grpc_status(self.status));
            response.add("grpc-status", status.to_string());
            if !self.body.is_empty() {
                response.add("grpc-message", percent_encoded(&self.body));
            }
        } else if !self.body.is_empty() {
            response.replace("content-length", self.body.len().to_string());
            if response.get("content-type").is_none() {
                response.add("content-type", "text/plain");
            }
        }
        response
    }
}

/// The gRPC status of an HTTP one, by gRPC's own table.
fn grpc_status(http: u32) -> u32 {
    match http {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 | 502..=504 => 14,
        _ => 2,
    }
}

fn percent_encoded(bytes: &[u8]) -> String {
    let encode = |&byte: &u8| match byte {
        b' '..=b'~' if byte != b'%' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    bytes.iter().map(encode).collect()
}
