//! One request: passes its headers to the gate, and carries out the verdict.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action as Flow, MapType};
use usage_plan_core::gate::{Action, Counted, Step, Verdict, Waiting};
use usage_plan_core::limit::Clock;
use usage_plan_core::reply::{Header, Identity, Reply};
use usage_plan_core::request::{Headers, Request};

use crate::abi::{self, HeaderMap};
use crate::fleet::Waiter;
use crate::host::Envoy;
use crate::installed::Installed;
use crate::stream::Stream;

/// The context of one request.
pub(super) struct Http {
    id: u32,
    /// The configuration in force; taken when the request's headers arrive, or when it no longer waits.
    installed: Option<Rc<Installed>>,
    /// The headers that are added to the response of a request that went upstream.
    response_headers: Vec<Header>,
    /// What the root context has of a request that waits or has waited.
    waiter: Option<Rc<Waiter>>,
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
        let now = Envoy.now();
        // Each verdict is carried out where it is made: it is large, and to move it costs a request.
        match installed.gate.begin(&request, now) {
            Step::Done(ref mut verdict) => self.carry_out(&installed, verdict, &request),
            Step::Count(call) => match installed.gate.count(call, now, &Envoy) {
                Counted::Decided(ref mut verdict) => {
                    installed.kick_if_needed(now);
                    self.carry_out(&installed, verdict, &request)
                }
                Counted::Waits(waiting) => match self.wait(&installed, waiting) {
                    None => Flow::Pause,
                    Some(mut verdict) => self.carry_out(&installed, &mut verdict, &request),
                },
            },
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
        if let Some(waiter) = self.waiter.take() {
            self.response_headers = waiter.response_headers.take();
            self.installed = None;
        }
        for (name, value) in &self.response_headers {
            self.set_http_response_header(name, Some(value));
        }
        Flow::Continue
    }
}

impl Http {
    pub(super) fn new(id: u32, installed: Option<Rc<Installed>>) -> Self {
        Self { id, installed, response_headers: Vec::new(), waiter: None }
    }

    #[inline(never)]
    fn carry_out(&mut self, installed: &Installed, verdict: &mut Verdict, request: &Request<'_>) -> Flow {
        installed.report(verdict);
        match &mut verdict.action {
            Action::Forward(forward) => {
                Stream.forward(forward, &installed.gate, request.headers);
                self.response_headers = std::mem::take(&mut forward.response_headers);
                Flow::Continue
            }
            Action::Reply(reply) => {
                abi::reply(reply);
                Flow::Pause
            }
        }
    }

    /// Has the request wait for the engine, or decides on it where it may not wait.
    #[cold]
    fn wait(&mut self, installed: &Rc<Installed>, waiting: Waiting) -> Option<Box<Verdict>> {
        match installed.wait(self.id, waiting) {
            Ok(waiter) => {
                self.waiter = Some(waiter);
                self.installed = Some(Rc::clone(installed));
                None
            }
            Err(verdict) => Some(verdict),
        }
    }
}

impl Drop for Http {
    /// A request that ends while it waits has been left by its caller.
    fn drop(&mut self) {
        if let (Some(waiter), Some(installed)) = (&self.waiter, &self.installed) {
            installed.leave(waiter);
        }
    }
}
