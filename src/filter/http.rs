//! One request: its headers in, the verdict carried out.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action as Flow;

use super::abi::{HeaderMap, set_filter_state};
use super::host::{self, SharedData};
use super::metrics::{Event, Metrics};
use super::root::Installed;
use usage_plan_core::auth::{Field, Headers};
use usage_plan_core::gate::{Action, Forward, Verdict};
use usage_plan_core::reply::{Header, Identity, Reply};

/// The context of one request.
pub(super) struct Http {
    /// Until the request's headers are here.
    installed: Option<Rc<Installed>>,
    /// For the response of a request that went upstream.
    response_headers: Vec<Header>,
}

// === impl Http ===

impl Context for Http {}

impl HttpContext for Http {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Flow {
        let Some(installed) = self.installed.take() else {
            // Envoy does not route through a plugin whose configuration was refused. Should it, nothing passes.
            self.send_http_response(503, Vec::new(), None);
            return Flow::Pause;
        };
        let map = HeaderMap::of_request();
        let fields = map.fields();
        let verdict = installed.policy.decide(Headers::new(&fields), host::now(), &SharedData);
        Self::tell_operator(&installed.metrics, &verdict);
        match verdict.action {
            Action::Forward(forward) => {
                self.forward(&forward, &fields);
                self.response_headers = forward.response_headers;
                Flow::Continue
            }
            Action::Reply(reply) => {
                self.reply(&reply);
                Flow::Pause
            }
        }
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

    /// Filter state for access logs (`wasm.usage_plan`, `wasm.usage_plan_outcome`, `wasm.usage_plan_secret`), and metrics.
    fn tell_operator(metrics: &Metrics, verdict: &Verdict<'_>) {
        let plan = verdict.plan.map(|(place, plan)| (place, plan.id()));
        if let Some((_, id)) = plan {
            set_filter_state("usage_plan", id);
        }
        set_filter_state("usage_plan_outcome", &verdict.word());
        metrics.count(Event::Request { outcome: verdict.outcome, observed: verdict.observed }, plan);
        if let Some((place, key, secret)) = verdict.secret {
            set_filter_state("usage_plan_secret", secret.as_str());
            metrics.count(Event::SecretUse(secret), Some((place, key.secret_id())));
        }
        if verdict.counter_restarted {
            metrics.count(Event::CounterRestart, plan);
        }
        if verdict.date_unchecked {
            metrics.count(Event::UncheckedDate, plan);
        }
    }

    fn forward(&self, forward: &Forward<'_>, fields: &[Field<'_>]) {
        for (name, _) in fields.iter().filter(|(name, _)| Identity::has_field(name)) {
            if let Ok(name) = std::str::from_utf8(name) {
                self.set_http_request_header(name, None);
            }
        }
        if forward.remove_authorization {
            self.set_http_request_header("authorization", None);
        }
        for (name, value) in forward.identity.map(Identity::fields).into_iter().flatten() {
            self.add_http_request_header(name, value);
        }
        if let Some(path) = &forward.path {
            // Envoy then chooses the route again: a module of ABI 0.2.1 need not ask for it.
            self.set_http_request_header_bytes(":path", Some(path));
        }
    }

    fn reply(&self, reply: &Reply) {
        let headers = reply.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.send_http_response(reply.status.into(), headers, Some(reply.body.as_bytes()));
    }
}
