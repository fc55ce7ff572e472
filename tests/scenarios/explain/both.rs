//! `usage-plan explain` and the filter, asked about the same request.

use std::sync::Arc;

use emulator::{Native, Shared, Worker};
use serde_json::Value;
use testbed::Request;
use testbed::console::{self, run};

use crate::UsagePlan;
use crate::caller::http_date;
use crate::document::{Document, RATE};

/// The binary and the filter, with the same document and the same clock.
pub(super) struct Both {
    directory: tempfile::TempDir,
    shared: Arc<Shared>,
    worker: Native<UsagePlan>,
}

// === impl Both ===

impl Both {
    pub(super) fn start(document: Document) -> Self {
        // An explanation does not know one thing: whether a plan is used up. Without a limit, none is.
        let document = document.with(RATE, -1);
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("usage-plans.json"), document.text()).expect("written");
        let shared = Shared::new();
        let worker = Native::start(&shared, &document);
        Self { directory, shared, worker }
    }

    fn explained(&self, request: &Request) -> (i32, Value) {
        let at = http_date(self.shared.clock().now());
        let binary = console::UsagePlan::binary().expect("the command line is built");
        let usage_plan = console::UsagePlan::new(binary, self.directory.path());
        let command = usage_plan.command(&["explain", "--output", "json", "--at", &at]);
        let ran = run(command, &request.bytes()).expect("a command that ends by itself");
        (ran.status, serde_json::from_str(&ran.stdout).expect("JSON"))
    }

    /// The request's outcome. Both agree on it, and on everything else that both report.
    pub(super) fn outcome(&mut self, request: &Request) -> String {
        let (exit_code, explained) = self.explained(request);
        let exchange = self.worker.request(request);
        let outcome = exchange.state("wasm.usage_plan_outcome").expect("every request has one");
        let context = format!("{}\n{explained:#}", String::from_utf8_lossy(&request.bytes()));
        assert_eq!(explained["outcome"], outcome.as_str(), "{context}");
        let steps = explained["steps"].as_array().expect("steps");
        let refused = steps.iter().filter(|step| step["ok"] == false).map(|step| &step["step"]);
        let refused: Vec<&str> = refused.map(|step| step.as_str().expect("text")).collect();
        match &exchange.upstream {
            None => {
                assert_eq!((exit_code, &explained["verdict"]), (1, &"refused".into()), "{context}");
                assert_eq!(explained["status"], exchange.status(), "{context}");
                assert_eq!(explained["body"], exchange.body(), "{context}");
                assert_eq!(refused.first(), Some(&step_of(&outcome)), "{context}");
            }
            Some(upstream) => {
                assert_eq!((exit_code, &explained["status"]), (0, &Value::Null), "{context}");
                let observed = outcome.strip_prefix("would_").map(step_of);
                assert_eq!(refused.first().copied(), observed, "{context}");
                let step = steps.iter().find(|step| step["step"] == "upstream").expect("it goes upstream");
                let path = step["detail"].as_str().and_then(|detail| detail.split(',').next());
                assert_eq!(path, upstream.text(":path").as_deref(), "{context}");
                let more = step["more"].as_array().expect("a list");
                let adds = more.iter().filter_map(|line| line["adds"].as_str()).map(str::to_owned);
                let identity = upstream.iter().filter(|(name, _)| {
                    ["x-usage-plan-id", "x-usage-plan-environment", "x-secret-id", "x-service-id"]
                        .contains(name)
                });
                let identity =
                    identity.map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)));
                assert_eq!(adds.collect::<Vec<_>>(), identity.collect::<Vec<_>>(), "{context}");
                let removes = more.iter().any(|line| line["removes"] == "authorization");
                let came = request.value("authorization").is_some();
                assert_eq!(came && upstream.get("authorization").is_none(), removes, "{context}");
            }
        }
        outcome
    }
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
