//! The status of an Envoy for people.

use humantime::format_duration;
use usage_plan_manage::admin::{self, Admin};
use usage_plan_manage::dates::whole_seconds;
use usage_plan_manage::status::{EnvoyStatus, Problem, Refused};
use usage_plan_manage::usage::FleetCounts;

use super::report::Report;
use crate::output::answer::{Cell, Table, Tone};

/// The name of a row that says what is wrong.
const WRONG: &str = "WRONG";

/// How many of the keys are shown that are refused most.
pub(super) const KEYS: usize = 5;

/// A row for each thing that is to be known about an Envoy.
pub(super) fn table(report: &Report<'_>, admin: &Admin, status: &admin::Result<EnvoyStatus>) -> Table {
    let rows = match status {
        Ok(status) => rows(report, admin, status),
        Err(error) => vec![(WRONG, format!("it does not answer: {}", error.reason))],
    };
    let mut table = Table::untitled();
    for (name, value) in rows {
        let tone = if name == WRONG { Tone::Bad } else { Tone::Plain };
        table.row([Cell::state(format!("  {name}"), tone), value.into()]);
    }
    table
}

fn rows(report: &Report<'_>, admin: &Admin, status: &EnvoyStatus) -> Vec<(&'static str, String)> {
    let snapshot = &status.snapshot;
    let server = &snapshot.server;
    let workers = if server.workers == 1 { "worker" } else { "workers" };
    let envoy = format!(
        "{}, {}, {} {workers}, started at {}, {} ago",
        server.version,
        server.state,
        server.workers,
        server.started_at().to_rfc3339(),
        format_duration(server.uptime)
    );
    let reloads = snapshot.reloads;
    let failures = match snapshot.panics {
        Some(panics) => ("panics", format!("{panics} calls answered with 503")),
        None => (
            "VMs",
            format!(
                "{} replaced after they died, {} not replaced, {} calls met a dead one",
                reloads.replaced, reloads.failed, reloads.postponed
            ),
        ),
    };
    let mut rows = vec![("Envoy", envoy), ("document", document(status)), failures];
    rows.push(("guard", format!("{} calls refused", snapshot.guard_refusals)));
    rows.extend(engine(&snapshot.fleet).map(|text| ("engine", text)));
    let discovery = snapshot.discovery.as_ref().filter(|discovery| discovery.refusals() > 0);
    if let Some(discovery) = discovery {
        let text = format!("files refused: {}, files not read: {}", discovery.rejections, discovery.failures);
        rows.push(("published", text));
    }
    let warnings = snapshot.counts.quota_warnings();
    let warnings = warnings.iter().map(|warning| {
        let plan = report.plan(warning.plan_id);
        format!("{plan}: {}% of {} reached, {}", warning.percent, warning.limit, times(warning.times))
    });
    push_list(&mut rows, "near a quota", warnings.collect());
    let keys = refused_keys(status).into_iter();
    let keys = keys.map(|(id, calls)| format!("{}: {calls}", report.key(id))).collect();
    push_list(&mut rows, "refused most", keys);
    rows.extend(status.problems.iter().map(|problem| (WRONG, sentence(report, admin, status, problem))));
    rows
}

/// How often something was.
fn times(number: u64) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}

/// How the engine of the fleet answers; `None` if the Envoy is of no fleet.
fn engine(counts: &FleetCounts) -> Option<String> {
    if counts.is_empty() {
        return None;
    }
    let call = |result| counts.calls.of(result);
    let mut lines = vec![format!(
        "{} calls granted, {} refused, {} too late, {} failed; {} tokens lost of {}",
        call("granted"),
        call("refused"),
        call("late"),
        call("failed"),
        counts.tokens.of("lost"),
        counts.tokens.of("granted")
    )];
    if counts.breaker.of("open") > 0 {
        let decided: u64 = counts.policy.iter().map(|(_, requests)| requests).sum();
        lines.push(format!(
            "away {}, {decided} requests decided without it, {} of quotas not reported to it yet",
            times(counts.breaker.of("open")),
            counts.owed()
        ));
    }
    Some(lines.join("\n"))
}

/// Adds a row unless there is nothing to show in it.
fn push_list(rows: &mut Vec<(&'static str, String)>, name: &'static str, items: Vec<String>) {
    if !items.is_empty() {
        rows.push((name, items.join("\n")));
    }
}

/// Which document is in force.
fn document(status: &EnvoyStatus) -> String {
    let Some(digest) = status.digest else {
        let is_there = status.snapshot.has_document();
        return if is_there { "there is one; its digest is not shown" } else { "none" }.to_owned();
    };
    let is_here = match status.is_here {
        Some(true) => ", the one here",
        Some(false) => ", not the one here",
        None => "",
    };
    let updated = status.snapshot.discovery.as_ref().and_then(|discovery| discovery.updated_at);
    let updated = updated.map(|time| format!(", accepted at {}", whole_seconds(time).to_rfc3339()));
    format!("{digest}{is_here}{}", updated.unwrap_or_default())
}

/// What is wrong, and what to do about it.
pub(super) fn sentence(
    report: &Report<'_>,
    admin: &Admin,
    status: &EnvoyStatus,
    problem: &Problem,
) -> String {
    let address = admin.address();
    let publish = match report.to {
        Some(to) => format!("`usage-plan publish --to {} --admin {address}`", to.display()),
        None => format!("`usage-plan publish --to DIR --admin {address}`"),
    };
    let within = format_duration(report.watch);
    match problem {
        Problem::NotReady => format!(
            "it does not serve: its state is {}; send it no calls, and look at its log if that lasts",
            status.snapshot.server.state
        ),
        Problem::NoFilter => {
            "it shows no filter of the name usage_plan: is this the right Envoy, and is its \
             configuration one of those in envoy/?"
                .to_owned()
        }
        Problem::NoDocument => match status.refused {
            Some(_) => "no document is in force: it answers 503 to every call".to_owned(),
            None => format!("no document is in force: it answers 503 to every call; {publish} publishes one"),
        },
        Problem::Refused => {
            let Some(refused) = &status.refused else { return String::new() };
            let at_start = match report.to {
                Some(to) if refused.is_published => {
                    format!(
                        "\nit is still in {}: an Envoy that starts answers 503 to every call",
                        to.display()
                    )
                }
                _ => String::new(),
            };
            let remedy = if refused.is_here {
                format!("it is the document here: once that is mended, {publish} publishes it")
            } else {
                format!("{publish} publishes the document here in its place")
            };
            format!("{}{at_start}\n{remedy}", refusal(refused, status))
        }
        Problem::Differs => {
            let here = report.here.map(|here| here.digest().to_string()).unwrap_or_default();
            format!(
                "what is in force is not the document here ({here}): `usage-plan diff --admin {address}` shows \
                 the difference, {publish} publishes it"
            )
        }
        Problem::FileDiffers => format!(
            "the published file is not what is in force, and an Envoy that starts reads it; {publish} mends that"
        ),
        Problem::GuardRefuses { calls } => format!(
            "the guard refused {calls} calls with 503 within {within}: a worker serves without the filter; its \
             log says why there is no VM (out of memory?), a restart makes new ones"
        ),
        Problem::VmsFail { calls } => format!(
            "{calls} calls met a VM that died and is not replaced, within {within}: its log says why VMs die"
        ),
        Problem::EngineAway => {
            "the engine does not answer, so that on_engine_down decides: does it run, and does its cluster reach \
             it (/clusters of Envoy's admin interface)?"
                .to_owned()
        }
        Problem::Panics { calls } => format!(
            "{calls} calls were answered with 503 because the module panicked, within {within}: its log says \
             where; please report it"
        ),
    }
}

/// What was refused, and why that may be.
fn refusal(refused: &Refused, status: &EnvoyStatus) -> String {
    let Refused { digest, version, rules, variables, withheld, module, .. } = refused;
    let version = version.as_ref().map(|version| format!(", version {version},")).unwrap_or_default();
    let before = if status.snapshot.has_document() { " (the one before it is in force)" } else { "" };
    let what = format!("the document {digest}{version} is refused{before}");
    if let Some(rules) = rules {
        let lines = rules.iter().map(|error| {
            let path = if error.path().is_empty() { "document" } else { error.path() };
            format!("\n  {path}: {}", error.rule())
        });
        return format!("{what}, because it breaks these rules:{}", lines.collect::<String>());
    }
    if !withheld.is_empty() {
        let names = withheld.join(", ");
        return format!(
            "{what}: its file does not hand the variables {names} on to the filter (host_env_keys)"
        );
    }
    let variables = match &variables[..] {
        [] => String::new(),
        names => format!("whether its environment has the variables {}, ", names.join(", ")),
    };
    let module = module.as_deref().unwrap_or("the filter's module");
    format!(
        "{what}, and breaks no rule\n\
         look at what only this Envoy has: {variables}whether {module} is there and new enough; its log says more"
    )
}

/// The keys that are refused most, by their ids.
pub(super) fn refused_keys(status: &EnvoyStatus) -> Vec<(&str, u64)> {
    let mut keys = status.snapshot.counts.refused_by_key();
    keys.truncate(KEYS);
    keys
}
