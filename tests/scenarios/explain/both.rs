//! The explanation, the filter and the dynamic module, asked about the same request.

use std::sync::Arc;

use emulator::{Dynamic, Exchange, Native, Shared, Worker};
use testbed::Request;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::explain::{Captured, Conclusion, Step, explain};
use usage_plan_manage::secrets::LocalDocument;

use crate::UsagePlan;
use crate::document::{Document, RATE};

/// The headers that say who calls.
const IDENTITY: [&str; 4] = ["x-usage-plan-id", "x-usage-plan-environment", "x-secret-id", "x-service-id"];

/// `usage_plan_manage::explain` and the filter, with the same document and the same clock; and the dynamic
/// module, which does what the filter does.
pub(super) struct Both {
    local: LocalDocument,
    shared: Arc<Shared>,
    worker: Native<UsagePlan>,
    of_module: Arc<Shared>,
    module: Dynamic<UsagePlan>,
}

// === impl Both ===

impl Both {
    pub(super) fn start(document: Document) -> Self {
        // An explanation does not know one thing: whether a plan is used up. Without a limit, none is.
        let document = document.with(RATE, -1);
        let (shared, of_module) = (Shared::new(), Shared::new());
        let worker = Native::start(&shared, &document);
        let module = Dynamic::start(&of_module, &document);
        let local = LocalDocument::parse(document.text().as_bytes(), &|_| None).expect("a valid document");
        Self { local, shared, worker, of_module, module }
    }

    /// Sets the clock of both to a number of nanoseconds since 1970.
    pub(super) fn set_clock(&self, nanos: u64) {
        self.shared.clock().set(nanos);
        self.of_module.clock().set(nanos);
    }

    /// The outcome of the request. The explanation and the filter agree on it, and on what both show.
    pub(super) fn outcome(&mut self, request: &Request) -> String {
        let captured = Captured::parse(&request.bytes()).expect("a request");
        let now = Timestamp::from_nanos(self.shared.clock().now());
        let explanation = explain(&self.local, &captured, now);
        let exchange = self.worker.request(request);
        let outcome = exchange.state("wasm.usage_plan_outcome").expect("every request has one");
        let context = format!("{}\n{explanation:#?}", String::from_utf8_lossy(&request.bytes()));
        assert_eq!(shown(&self.module.request(request)), shown(&exchange), "{context}");
        let mut refused = explanation.steps.iter().filter(|step| step.passed == Some(false));
        let refused = refused.next().map(|step| step.name);
        let expected = match (&exchange.upstream, outcome.strip_prefix("would_")) {
            (None, _) if outcome == "usage_shown" => None,
            (None, _) => Some(step_of(&outcome)),
            (Some(_), Some(observed)) => Some(step_of(observed)),
            (Some(_), None) => None,
        };
        assert_eq!(refused, expected, "{context}");
        match &explanation.conclusion {
            Conclusion::Refused { outcome: explained, status, body } => {
                assert_eq!(explained.as_str(), outcome, "{context}");
                assert_eq!((*status, body.as_str()), (exchange.status(), &*exchange.body()), "{context}");
            }
            Conclusion::UsageShown { body } => {
                assert_eq!((200, body.as_str()), (exchange.status(), &*exchange.body()), "{context}");
            }
            Conclusion::Observed(explained) => assert_eq!(explained.would(), outcome, "{context}"),
            Conclusion::Anonymous => assert_eq!(outcome, "anonymous", "{context}"),
            Conclusion::Allowed { .. } => assert_eq!(outcome, "allowed", "{context}"),
            Conclusion::Unknown(missing) => panic!("the document has every secret: {missing}\n{context}"),
        }
        assert_eq!(explanation.conclusion.is_forwarded(), exchange.upstream.is_some(), "{context}");
        if let Some(upstream) = &exchange.upstream {
            let step =
                explanation.steps.iter().find(|step| step.name == "upstream").expect("it is forwarded");
            let detail = step.detail.to_string();
            let path = detail.split(',').next().map(str::to_owned);
            assert_eq!(path, upstream.text(":path"), "{context}");
            let identity = upstream.iter().filter(|(name, _)| IDENTITY.contains(name));
            let identity =
                identity.map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)));
            assert_eq!(lines(step, "adds"), identity.collect::<Vec<_>>(), "{context}");
            // What an identity adds takes the place of what the caller sent.
            let is_gone = |name: &String| IDENTITY.contains(&name.as_str()) || upstream.get(name).is_none();
            let mut gone: Vec<String> = request.headers.iter().map(|(name, _)| lower_case(name)).collect();
            gone.retain(|name| name != "host" && is_gone(name));
            gone.sort();
            gone.dedup();
            let mut removes = lines(step, "removes");
            removes.sort_unstable();
            assert_eq!(removes, gone, "{context}");
        }
        outcome
    }
}

/// What everybody sees of a request: its caller, the upstream and the operator.
fn shown(exchange: &Exchange) -> impl PartialEq + std::fmt::Debug {
    let Exchange { reply, upstream, upstream_trailers, response, filter_state, .. } = exchange.clone();
    (reply, upstream, upstream_trailers, response, filter_state)
}

/// The lines of a step that have this label.
fn lines(step: &Step, label: &str) -> Vec<String> {
    step.more.iter().filter(|line| line.label == label).map(|line| line.text.to_string()).collect()
}

fn lower_case(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

/// The step at which a request is refused.
fn step_of(outcome: &str) -> &str {
    match outcome {
        "service_not_found" => "service",
        "environment_not_found" => "environment",
        "no_usage_plan" => "usage plans",
        "credential_missing" | "credential_malformed" | "credential_incomplete" | "credential_empty" => {
            "credential"
        }
        "algorithm_not_supported" => "algorithm",
        "date_not_signed" | "header_not_signed" | "signed_header_missing" | "signed_header_repeated" => {
            "signed headers"
        }
        "date_invalid" | "date_out_of_range" => "date",
        "key_unknown" | "key_disabled" | "key_expired" => "key",
        "key_not_bound" => "plan",
        "signature_mismatch" => "signature",
        other => panic!("{other} is no refusal before a plan is known"),
    }
}
