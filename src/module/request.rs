//! One request: passes its headers to the gate, and carries out the verdict.

use std::cell::Cell;

use usage_plan_core::auth::Claimed;
use usage_plan_core::gate::{Action, Forward, Verdict};
use usage_plan_core::reply::{Header, Identity};
use usage_plan_core::request::{self, Field, Headers};
use usage_plan_core::telemetry::Outcome;
use usage_plan_core::telemetry::filter_state::prefixed;

use crate::abi::{self, HeaderType, LogLevel, Status, Stream};
use crate::grpc;
use crate::host::Host;
use crate::plugin::Plugin;

/// What the module keeps of a request.
pub(crate) struct Request<H: Host> {
    /// The configuration that was in force when the request came in.
    plugin: &'static Plugin<H>,
    /// The headers that are added to the response of a request that went upstream.
    response_headers: Cell<Vec<Header>>,
}

/// What does not go upstream of a request. The names are copied, because the first header that is removed
/// changes the map that they are in.
#[derive(Default)]
struct Removed {
    identity: Vec<String>,
    credential: bool,
}

/// Removes the identity headers that a caller sent as trailers.
pub(crate) fn on_request_trailers(stream: &mut Stream<'_>) {
    // Some upstreams merge trailers into the headers, so a forged identity there would be believed.
    let forged = |fields: &[Field<'_>]| owned(Identity::names_in(Headers::new(fields)));
    let forged = stream.with_fields(HeaderType::RequestTrailer, forged);
    forged.iter().for_each(|name| stream.remove_header(HeaderType::RequestTrailer, name));
}

// === impl Removed ===

impl Removed {
    fn of(forward: &Forward, headers: Headers<'_>) -> Self {
        let credential = forward.removes_credential(headers);
        Self { identity: owned(Identity::names_in(headers)), credential }
    }
}

// === impl Request ===

impl<H: Host> Request<H> {
    pub(crate) fn new(plugin: &'static Plugin<H>) -> Self {
        Self { plugin, response_headers: Cell::default() }
    }

    pub(crate) fn on_request_headers(&self, stream: &mut Stream<'_>) -> Status {
        let host = &self.plugin.host;
        let worker = stream.worker();
        let (verdict, removed) = stream.with_fields(HeaderType::RequestHeader, |fields| {
            let request = request::Request::new(fields);
            let mut verdict = self.plugin.gate(worker, |gate| gate.decide(&request, host.now(), host));
            let removed = match &mut verdict.action {
                Action::Forward(forward) => Removed::of(forward, request.headers),
                Action::Reply(reply) => {
                    if grpc::is_call(request.headers) {
                        reply.headers.push(grpc::status(reply.status));
                    }
                    Removed::default()
                }
            };
            (verdict, removed)
        });
        self.report(stream, &verdict);
        match verdict.action {
            Action::Forward(forward) => {
                self.forward(stream, &forward, &removed);
                self.response_headers.set(forward.response_headers);
                Status::Continue
            }
            Action::Reply(reply) => {
                stream.reply(reply.status, &reply.headers, &reply.body, "usage_plan");
                Status::Stop
            }
        }
    }

    pub(crate) fn on_response_headers(&self, stream: &mut Stream<'_>) {
        let headers = self.response_headers.take();
        for (name, value) in &headers {
            stream.set_header(HeaderType::ResponseHeader, name, value.as_bytes());
        }
        // Envoy asks again when a later filter replaces the response.
        self.response_headers.set(headers);
    }

    /// Counts a panic.
    pub(crate) fn count_panic(&self, stream: &mut Stream<'_>) {
        self.plugin.metrics.count_panic(stream);
    }

    /// Answers a request about which nothing was decided, because deciding panicked.
    pub(crate) fn answer_for_a_panic(&self, stream: &mut Stream<'_>) {
        let is_call = |fields: &[Field<'_>]| grpc::is_call(Headers::new(fields));
        let is_call = stream.with_fields(HeaderType::RequestHeader, is_call);
        let headers = Vec::from_iter(is_call.then(|| grpc::status(503)));
        stream.reply(503, &headers, "", "usage_plan_panic");
    }

    fn forward(&self, stream: &mut Stream<'_>, forward: &Forward, removed: &Removed) {
        removed.identity.iter().for_each(|name| stream.remove_header(HeaderType::RequestHeader, name));
        if removed.credential {
            stream.remove_header(HeaderType::RequestHeader, "authorization");
        }
        self.plugin.gate(stream.worker(), |gate| {
            forward.show_identity(gate.config(), gate.joined_headers(), |name, value| {
                stream.add_header(HeaderType::RequestHeader, name, value);
            });
        });
        if let Some(path) = &forward.path {
            stream.set_header(HeaderType::RequestHeader, ":path", path);
        }
        // Routes may be chosen by any of these headers.
        stream.clear_route_cache();
    }

    /// Shows the operator the verdict: filter state for access logs, and metrics (`docs/rules.md#telemetry`).
    fn report(&self, stream: &Stream<'_>, verdict: &Verdict) {
        let (config, metrics) = (self.plugin.config(), &self.plugin.metrics);
        let plan = verdict
            .caller
            .map(|caller| (caller.usage_plan.position(), config.usage_plan(caller.usage_plan).id()));
        let plan_id = plan.map_or("", |(_, id)| id);
        if plan.is_some() {
            set_filter_state(stream, prefixed::USAGE_PLAN, plan_id);
        }
        let word = verdict.word();
        set_filter_state(stream, prefixed::OUTCOME, &word);
        if verdict.outcome != Outcome::Allowed {
            match verdict.key() {
                Some(key) => set_filter_state(stream, prefixed::KEY, config.key(key).secret_id()),
                None if verdict.claimed == Claimed::Unknown => {
                    set_filter_state(stream, prefixed::NO_KEY, "");
                }
                None => {}
            }
        }
        metrics.count_request(stream, plan, verdict);
        if config.options().metrics_per_key {
            match verdict.key() {
                Some(key) => metrics.count_key(stream, config.key(key).secret_id(), plan_id, &word),
                None if verdict.claimed == Claimed::Unknown => metrics.count_no_key(stream),
                None => {}
            }
        }
        if let Some(caller) = verdict.caller
            && let Some(secret) = caller.secret
        {
            set_filter_state(stream, prefixed::SECRET, secret.as_str());
            metrics.count_secret(stream, config.key(caller.key).secret_id(), secret.as_str());
        }
        if verdict.counter_restarted {
            metrics.count_restart(stream, plan_id);
        }
        for warning in &verdict.warnings {
            metrics.count_warning(stream, plan_id, &warning.limit, warning.percent);
        }
        if verdict.has_unchecked_date() {
            metrics.count_unchecked_date(stream, plan_id);
        }
    }
}

fn owned<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    names.map(str::to_owned).collect()
}

fn set_filter_state(stream: &Stream<'_>, name: &str, value: &str) {
    if !stream.set_filter_state(name, value) {
        abi::log(LogLevel::Error, &format!("cannot set the filter state {name}"));
    }
}
