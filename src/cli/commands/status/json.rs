//! The status of an Envoy for programs.

use serde_json::{Map, Value, json};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::admin::{self, Admin};
use usage_plan_manage::status::{EnvoyStatus, Problem, Refused};
use usage_plan_manage::usage::{FleetCounts, Outcomes};

use super::report::Report;
use super::words::{refused_keys, sentence};

/// An Envoy's status, or why it is not known.
pub(super) fn envoy(report: &Report<'_>, admin: &Admin, status: &admin::Result<EnvoyStatus>) -> Value {
    let status = match status {
        Ok(status) => status,
        Err(error) => return json!({"admin": admin.address(), "ok": false, "error": error.to_string()}),
    };
    let snapshot = &status.snapshot;
    let problems: Vec<Value> = status
        .problems
        .iter()
        .map(|problem| json!({"problem": word(problem), "message": sentence(report, admin, status, problem)}))
        .collect();
    let warnings: Vec<Value> = snapshot
        .counts
        .quota_warnings()
        .iter()
        .map(|warning| {
            json!({"usage_plan": warning.plan_id, "name": report.plan(warning.plan_id),
                "limit": warning.limit, "percent": warning.percent, "times": warning.times})
        })
        .collect();
    let keys = refused_keys(status).into_iter();
    let keys: Vec<Value> = keys.map(|(id, calls)| json!({"secret_id": id, "refused": calls})).collect();
    let discovery = snapshot.discovery.as_ref();
    json!({
        "admin": admin.address(),
        "ok": status.problems.is_empty(),
        "error": null,
        "version": snapshot.server.version,
        "state": snapshot.server.state,
        "workers": snapshot.server.workers,
        "started_at": snapshot.server.started_at().to_rfc3339(),
        "document": {
            "in_force": snapshot.has_document(),
            "digest": status.digest.map(|digest| digest.to_string()),
            "is_here": status.is_here,
            "version": discovery.map(|discovery| &discovery.version),
            "accepted_at": discovery.and_then(|discovery| discovery.updated_at).map(Timestamp::to_rfc3339),
            "files_refused": discovery.map(|discovery| discovery.rejections),
            "files_not_read": discovery.map(|discovery| discovery.failures),
        },
        "refused": status.refused.as_ref().map(refused),
        "vms": {"replaced": snapshot.reloads.replaced, "not_replaced": snapshot.reloads.failed,
            "calls_without": snapshot.reloads.postponed},
        "panics": snapshot.panics,
        "guard_refusals": snapshot.guard_refusals,
        "engine": fleet(&snapshot.fleet),
        "quota_warnings": warnings,
        "keys_refused_most": keys,
        "problems": problems,
    })
}

/// What is counted of the engine; null if the Envoy is of no fleet.
fn fleet(counts: &FleetCounts) -> Option<Value> {
    let numbers = |outcomes: &Outcomes, names: &[&str]| -> Value {
        names.iter().map(|name| ((*name).to_owned(), json!(outcomes.of(name)))).collect::<Map<_, _>>().into()
    };
    (!counts.is_empty()).then(|| {
        json!({
            "asked": !counts.is_away(),
            "calls": numbers(&counts.calls, &["granted", "refused", "late", "failed"]),
            "tokens": numbers(&counts.tokens, &["granted", "used", "lost"]),
            "waits": numbers(&counts.waits, &["woken", "refused", "left", "policy"]),
            "times_away": counts.breaker.of("open"),
            "decided_without": numbers(&counts.policy, &["local_share", "grace", "allow", "deny"]),
            "debt": numbers(&counts.debt, &["taken", "reported", "written_off"]),
        })
    })
}

fn refused(refused: &Refused) -> Value {
    let Refused { digest, version, is_here, is_published, rules, variables, withheld, module } = refused;
    let rules = rules.iter().flat_map(usage_plan_core::document::Errors::iter);
    let rules: Vec<Value> = rules.map(|error| json!({"path": error.path(), "rule": error.rule()})).collect();
    json!({"digest": digest.to_string(), "version": version, "is_here": is_here,
        "is_published": is_published, "rules": rules, "variables": variables,
        "variables_withheld": withheld, "module": module})
}

fn word(problem: &Problem) -> &'static str {
    match problem {
        Problem::NotReady => "not_ready",
        Problem::NoFilter => "no_filter",
        Problem::NoDocument => "no_document",
        Problem::Refused => "refused",
        Problem::Differs => "differs",
        Problem::FileDiffers => "file_differs",
        Problem::GuardRefuses { .. } => "guard_refuses",
        Problem::VmsFail { .. } => "vms_fail",
        Problem::EngineAway => "engine_away",
        Problem::Panics { .. } => "panics",
    }
}
