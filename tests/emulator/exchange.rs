//! The result of one HTTP exchange, as seen from outside the filter.

use std::collections::BTreeMap;

use crate::headers::Headers;

/// The result of a request.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The filter's own reply, as the filter gave it.
    pub reply: Option<LocalReply>,
    /// The headers that went upstream, if the request did.
    pub upstream: Option<Headers>,
    /// The trailers that went upstream after them.
    pub upstream_trailers: Headers,
    /// The headers that the caller got, of the upstream's response or of the filter's own.
    pub response: Headers,
    /// Filter state by its full name, for example `wasm.usage_plan`.
    pub filter_state: BTreeMap<String, Vec<u8>>,
    /// What all callbacks of this exchange cost, where the binding can measure it.
    pub fuel: Option<u64>,
}

impl Exchange {
    /// The status that the caller got.
    ///
    /// # Panics
    /// The upstream's response has no `:status`, or one that is not a number.
    pub fn status(&self) -> u16 {
        let status = self.response.text(":status").expect("every response has a :status");
        status.parse().expect("a :status is a number")
    }

    /// A header of the response, as text.
    pub fn response_header(&self, name: &str) -> Option<String> {
        self.response.text(name)
    }

    /// A header as the upstream got it, as text.
    ///
    /// # Panics
    /// The request did not go upstream.
    pub fn upstream_header(&self, name: &str) -> Option<String> {
        let upstream = self.upstream.as_ref();
        upstream.unwrap_or_else(|| panic!("the request did not go upstream: {self:?}")).text(name)
    }

    /// A value of the filter state, as text.
    pub fn state(&self, name: &str) -> Option<String> {
        self.filter_state.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The body of the filter's own reply, as text.
    ///
    /// # Panics
    /// The filter did not reply.
    pub fn body(&self) -> String {
        let reply = self.reply.as_ref().unwrap_or_else(|| panic!("the filter did not reply: {self:?}"));
        String::from_utf8_lossy(&reply.body).into_owned()
    }
}

/// What the filter answers instead of the upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalReply {
    /// The HTTP status.
    pub status: u32,
    /// The headers that the filter gave; Envoy adds its own.
    pub headers: Headers,
    /// The body, which Envoy leaves out for `HEAD`.
    pub body: Vec<u8>,
}

impl LocalReply {
    /// The response headers that Envoy makes of it, in Envoy's order.
    pub(crate) fn response(&self) -> Headers {
        let mut response = Headers::from_iter([(":status", self.status.to_string())]);
        for (name, value) in self.headers.iter() {
            response.add(name, value);
        }
        if !self.body.is_empty() {
            response.overwrite("content-length", self.body.len().to_string());
            if response.get("content-type").is_none() {
                response.add("content-type", "text/plain");
            }
        }
        response
    }
}
