//! `usage-plan explain`

use std::fmt::Write;
use std::io::{self, IsTerminal, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use serde_json::{Value, json};
use usage_plan_core::telemetry::Outcome;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::dates;
use usage_plan_manage::explain::{self, Captured, Conclusion, Explanation, Ignored, Line, Step};
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::secrets::LocalDocument;

use super::read_input;
use crate::output::answer::Answer;
use crate::output::error::{Error, Kind, Result};

/// A request to explain.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The request, as curl -v prints it or as HTTP/1.1 writes it; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    request: PathBuf,
    /// What the filter's clock shows: a time as RFC 3339 or HTTP writes it, or `signed`, the request's own
    /// date [default: now]
    #[arg(long, value_name = "TIME | signed")]
    at: Option<At>,
}

/// What the filter's clock shows.
#[derive(Clone, Debug)]
enum At {
    Time(Timestamp),
    /// The date that the request signs.
    Signed,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let local = LocalDocument::read(file)?;
        if self.request.as_os_str() == "-" && io::stdin().is_terminal() {
            let _ = writeln!(
                io::stderr(),
                "waiting for a request on standard input: paste what `curl -v` prints, then press Ctrl-D"
            );
        }
        let (_, text) = read_input(&self.request)?;
        let captured = Captured::parse(&text).map_err(|error| {
            Error::refused(format!("{error}: give what curl -v prints, or the head of a request"))
        })?;
        let mut warnings: Vec<String> = captured.ignored.iter().copied().map(warning).collect();
        let now = match &self.at {
            None => dates::now(),
            Some(At::Time(time)) => *time,
            Some(At::Signed) => explain::signed_date(&captured).unwrap_or_else(|| {
                warnings.push(
                    "--at signed: the request signs no date that can be read; the clock shows now".to_owned(),
                );
                dates::now()
            }),
        };
        let explanation = explain::explain(&local, &captured, now);
        if explanation.envoy_intervenes {
            warnings.push(
                "Envoy would change or refuse this request before the filter sees it (see `envoy`); \
                 this explains the request as captured"
                    .to_owned(),
            );
        }
        Ok(answer(&explanation, warnings))
    }
}

fn warning(ignored: Ignored) -> String {
    match ignored {
        Ignored::EarlierRequests { count } => {
            format!("the capture has {count} requests: this explains the last one")
        }
        Ignored::LaterHost => "the request has more than one Host: the first one counts here".to_owned(),
    }
}

fn answer(explanation: &Explanation, warnings: Vec<String>) -> Answer {
    let Explanation { now, steps, conclusion, .. } = explanation;
    let steps_text: String = steps.iter().map(step_text).collect();
    let text = format!("{steps_text}\n{}", conclusion_text(conclusion));
    let steps: Vec<Value> = steps.iter().map(step_json).collect();
    let mut json = json!({"at": now.to_rfc3339(), "steps": steps});
    if let (Some(json), Value::Object(mut members)) = (json.as_object_mut(), conclusion_json(conclusion)) {
        json.append(&mut members);
    }
    Answer {
        warnings,
        failed: conclusion.is_failure().then_some(Kind::Refused),
        ..Answer::new(text.trim_end(), json)
    }
}

/// The lines of a step, each with its line feed.
fn step_text(Step { name, passed, detail, more }: &Step) -> String {
    let mark = match passed {
        Some(true) => "ok",
        Some(false) => "NO",
        None => "",
    };
    let mut text = format!("{mark:<4}{name:<16}{detail}\n");
    for Line { label, text: line } in more {
        // Writing to a String does not fail.
        let _ = if label.is_empty() {
            writeln!(text, "{:<20}{line}", "")
        } else {
            writeln!(text, "{:<20}{label:<10}{line}", "")
        };
    }
    text
}

fn step_json(Step { name, passed, detail, more }: &Step) -> Value {
    let more = more.iter().map(|line| match line.label {
        "" => json!(line.text.to_string()),
        label => json!({ label: line.text.to_string() }),
    });
    json!({"step": name, "ok": passed, "detail": detail.to_string(), "more": more.collect::<Vec<_>>()})
}

fn conclusion_text(conclusion: &Conclusion) -> String {
    match conclusion {
        Conclusion::Allowed { can_be_limited: true } => {
            "allowed unless a limit of the plan is used up".to_owned()
        }
        Conclusion::Allowed { can_be_limited: false } => "allowed: the plan refuses nothing".to_owned(),
        Conclusion::Anonymous => "allowed without a credential and without a limit".to_owned(),
        Conclusion::Observed(outcome) => {
            let word = outcome.would();
            format!("allowed only because options.enforcement is observe, and counted as {word}")
        }
        Conclusion::UsageShown { body } => {
            format!("answered by the filter with 200 and, while nothing is used, with\n{body}")
        }
        Conclusion::Refused { outcome, status, body } => {
            format!("refused with {status}, {}\n{body}", outcome.as_str())
        }
        Conclusion::Unknown(missing) => {
            format!("allowed if the signature is right, which cannot be checked here: {missing}")
        }
    }
}

fn conclusion_json(conclusion: &Conclusion) -> Value {
    match conclusion {
        Conclusion::Allowed { .. } => {
            json!({"verdict": "allowed", "status": null, "outcome": Outcome::Allowed.as_str()})
        }
        Conclusion::Anonymous => {
            json!({"verdict": "allowed", "status": null, "outcome": Outcome::Anonymous.as_str()})
        }
        Conclusion::Observed(outcome) => {
            json!({"verdict": "observed", "status": null, "outcome": outcome.would()})
        }
        Conclusion::UsageShown { body } => {
            let outcome = Outcome::UsageShown.as_str();
            json!({"verdict": "answered", "status": 200, "outcome": outcome, "body": body})
        }
        Conclusion::Refused { outcome, status, body } => {
            json!({"verdict": "refused", "status": status, "outcome": outcome.as_str(), "body": body})
        }
        Conclusion::Unknown(missing) => {
            json!({"verdict": "unknown", "status": null, "outcome": null, "why": missing.to_string()})
        }
    }
}

// === impl At ===

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "signed" => Ok(Self::Signed),
            text => dates::parse(text).map(Self::Time),
        }
    }
}
