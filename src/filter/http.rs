//! One request: passes its headers to the gate, and carries out the verdict.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action as Flow, MapType};
use usage_plan_core::gate::{Action, Forward};
use usage_plan_core::limit::Clock;
use usage_plan_core::reply::{Header, Identity, Reply};
use usage_plan_core::request::{Headers, Request};

use crate::abi::{self, HeaderMap};
use crate::host::Envoy;
use crate::installed::Installed;

/// The context of one request.
pub(super) struct Http {
    /// The configuration in force; taken when the request's headers arrive.
    installed: Option<Rc<Installed>>,
    /// The headers that are added to the response of a request that went upstream.
    response_headers: Vec<Header>,
}

// === impl Http ===

impl Context for Http {}

impl HttpContext for Http {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Flow {
        let Some(installed) = self.installed.take() else {
            // Envoy does not use a plugin whose configuration was refused. If it did, no request would pass.
            abi::reply(&Reply { status: 503, headers: Vec::new(), body: String::new() });
            return Flow::Pause;
        };
        let map = HeaderMap::of_request(MapType::HttpRequestHeaders);
        let fields = map.fields();
        let request = Request::new(&fields);
        let verdict = installed.gate.decide(&request, Envoy.now(), &Envoy);
        installed.report(&verdict);
        match verdict.action {
            Action::Forward(forward) => {
                self.forward(&installed, &forward, request.headers);
                self.response_headers = forward.response_headers;
                Flow::Continue
            }
            Action::Reply(reply) => {
                abi::reply(&reply);
                Flow::Pause
            }
        }
    }

    /// Envoy calls this only when a request has trailers and the filter has not answered it.
    fn on_http_request_trailers(&mut self, _: usize) -> Flow {
        let map = HeaderMap::of_request(MapType::HttpRequestTrailers);
        let fields = map.fields();
        // Some upstreams merge trailers into the headers, so a forged identity there would be believed.
        Identity::names_in(Headers::new(&fields)).for_each(|name| self.set_http_request_trailer(name, None));
        Flow::Continue
    }

    fn on_http_response_headers(&mut self, _: usize, _: bool) -> Flow {
        for (name, value) in &self.response_headers {
            self.set_http_response_header(name, Some(value));
        }
        Flow::Continue
    }
}

impl Http {
    pub(super) fn new(installed: Option<Rc<Installed>>) -> Self {
        Self { installed, response_headers: Vec::new() }
    }

    fn forward(&self, installed: &Installed, forward: &Forward, headers: Headers<'_>) {
        // Chained and flattened iterators cost a request less with `for_each` than with a `for` loop.
        forward.removed(headers).for_each(|name| self.set_http_request_header(name, None));
        let added = forward.added(installed.gate.config());
        added.for_each(|(name, value)| self.add_http_request_header(name, &value));
        if let Some(path) = &forward.path {
            // Envoy then selects the route again. A module of ABI 0.2.1 need not request that.
            self.set_http_request_header_bytes(":path", Some(path));
        }
    }
}
