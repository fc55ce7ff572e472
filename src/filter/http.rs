//! One request: its headers in, the verdict carried out.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action as Flow;

use super::abi::{HeaderMap, set_filter_state};
use super::host::{self, SharedData};
use super::metrics::{Event, Metrics};
use super::policy::{Action, Forward, Identity, Policy, Verdict};
use crate::auth::{Field, Headers};
use crate::reply::{Header, Reply};

/// What tells the upstream who calls. A caller's own copies are removed, whatever becomes of its credential.
const USAGE_PLAN_ID: &str = "x-usage-plan-id";
const USAGE_PLAN_ENVIRONMENT: &str = "x-usage-plan-environment";
const SECRET_ID: &str = "x-secret-id";
const SERVICE_ID: &str = "x-service-id";
const IDENTITY: [&str; 4] = [USAGE_PLAN_ID, USAGE_PLAN_ENVIRONMENT, SECRET_ID, SERVICE_ID];

/// The context of one request.
pub(super) struct Http {
    /// Until the request's headers are here.
    policy: Option<Rc<Policy>>,
    /// For the response of a request that went upstream.
    response_headers: Vec<Header>,
}

// === impl Http ===

impl Context for Http {}

impl HttpContext for Http {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Flow {
        let Some(policy) = self.policy.take() else {
            // Envoy does not route through a plugin whose configuration was refused. Should it, nothing passes.
            self.send_http_response(503, Vec::new(), None);
            return Flow::Pause;
        };
        let map = HeaderMap::of_request();
        let fields = map.fields();
        let verdict = policy.decide(Headers::new(&fields), host::now(), &SharedData);
        Self::tell_operator(policy.metrics(), &verdict);
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
    pub(super) fn new(policy: Option<Rc<Policy>>) -> Self {
        Self { policy, response_headers: Vec::new() }
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
        for (name, _) in fields.iter().filter(|(name, _)| is_identity(name)) {
            if let Ok(name) = std::str::from_utf8(name) {
                self.set_http_request_header(name, None);
            }
        }
        if forward.remove_authorization {
            self.set_http_request_header("authorization", None);
        }
        if let Some(Identity { plan, key, target }) = forward.identity {
            self.add_http_request_header(USAGE_PLAN_ID, plan.id());
            self.add_http_request_header(USAGE_PLAN_ENVIRONMENT, target.environment.name());
            self.add_http_request_header(SECRET_ID, key.secret_id());
            self.add_http_request_header(SERVICE_ID, target.service.id());
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

/// Whether `name` is one of [`IDENTITY`], or what some upstreams read as one: with `_` for `-`.
fn is_identity(name: &[u8]) -> bool {
    let same = |(a, b): (&u8, u8)| *a == b || (*a == b'_' && b == b'-');
    let spelled =
        |identity: &&'static str| identity.len() == name.len() && name.iter().zip(identity.bytes()).all(same);
    IDENTITY.iter().any(spelled)
}
