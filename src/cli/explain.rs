//! `usage-plan explain`: what the filter does with a request, step by step.
//!
//! | file | |
//! |---|---|
//! | `capture` | the request as it was captured |
//! | `envoy` | what Envoy does to it before the filter |
//! | `target`, `credential`, `caller`, `signature`, `plan` | the filter's questions, in its order |
//! | `mistakes` | what explains a signature that does not match |
//! | `verdict` | what becomes of the request |
//! | `step` | what an explanation is made of |
//!
//! The verdict is the filter's own [`decide`]; the steps ask the questions once more, to show what it saw.

mod caller;
mod capture;
mod credential;
mod envoy;
mod mistakes;
mod plan;
mod signature;
mod step;
mod target;
mod verdict;

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use serde_json::json;

use self::capture::Captured;
use self::envoy::HeaderMap;
use self::step::{Step, visible};
use self::verdict::Verdict;
use super::answer::Answer;
use super::configured::Configured;
use super::document_file::DocumentFile;
use super::error::Result;
use super::{moment, source};
use usage_plan_core::auth::credential::{Credential, SignedNames};
use usage_plan_core::auth::date::LastDate;
use usage_plan_core::auth::{Authenticator, DateName, Headers, Occurrence};
use usage_plan_core::gate::decision::decide;
use usage_plan_core::timestamp::Timestamp;

/// A request to explain.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The request, as curl -v prints it or as HTTP/1.1 writes it; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    request: PathBuf,
    /// What the filter's clock shows: a moment as RFC 3339 or HTTP writes it, or `signed`, the request's own date
    /// [default: now]
    #[arg(long, value_name = "MOMENT | signed")]
    at: Option<At>,
}

/// What the filter's clock shows.
#[derive(Clone, Debug)]
enum At {
    Moment(Timestamp),
    /// The date that the request signs.
    Signed,
}

/// A request before the filter, and the document that it is looked up in.
struct Inquiry<'a> {
    configured: &'a Configured,
    captured: &'a Captured,
    headers: Headers<'a>,
    now: Timestamp,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let configured = Configured::read(file)?;
        let (_, request) = source::read(&self.request)?;
        let captured = Captured::parse(&request)?;
        let map = HeaderMap::of(&captured);
        let fields = map.fields();
        let headers = Headers::new(&fields);
        let mut warnings = captured.warnings.clone();
        let now = match &self.at {
            None => moment::now(),
            Some(At::Moment(moment)) => *moment,
            Some(At::Signed) => signed_date(headers).unwrap_or_else(|| {
                warnings.push(
                    "--at signed: the request signs no date that can be read; the clock shows now".to_owned(),
                );
                moment::now()
            }),
        };
        let inquiry = Inquiry { configured: &configured, captured: &captured, headers, now };
        let (steps, verdict) = inquiry.answer();
        if steps.iter().any(Step::is_of_envoy) {
            warnings.push(
                "this is about the request as captured, which Envoy does not hand over so: see `envoy`"
                    .to_owned(),
            );
        }
        let mut answer = report(&steps, &verdict, now);
        answer.warnings = warnings;
        Ok(answer)
    }
}

/// The names that the request's credential signs.
fn signed_names(headers: Headers<'_>) -> Option<SignedNames<'_>> {
    let Occurrence::Once(value) = headers.occurrence(b"authorization") else { return None };
    Some(Credential::parse(value).ok()?.headers)
}

/// The date that the request's credential signs.
fn signed_date(headers: Headers<'_>) -> Option<Timestamp> {
    let names = signed_names(headers)?;
    let mut signed = DateName::ALL.into_iter().filter(|date| names.contains(date.name()));
    signed.find_map(|date| date.read(headers, &LastDate::default()).ok())
}

fn report(steps: &[Step], verdict: &Verdict, now: Timestamp) -> Answer {
    let mut text = String::new();
    for step in steps {
        step.write(&mut text);
    }
    text.push('\n');
    text.push_str(&verdict.to_text());
    let mut json =
        json!({"at": moment::rfc3339(now), "steps": steps.iter().map(Step::to_json).collect::<Vec<_>>()});
    if let (Some(json), Some(verdict)) = (json.as_object_mut(), verdict.to_json().as_object_mut()) {
        json.append(verdict);
    }
    Answer { failed: verdict.is_refusal(), ..Answer::new(text.trim_end(), json) }
}

// === impl At ===

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "signed" => Ok(Self::Signed),
            text => moment::parse(text).map(Self::Moment),
        }
    }
}

// === impl Inquiry ===

impl Inquiry<'_> {
    /// Every question as far as the request gets, and beyond what refuses it where that can be told.
    fn answer(&self) -> (Vec<Step>, Verdict) {
        let config = &self.configured.config;
        let decision = decide(config, &Authenticator::new(config), self.headers, self.now);
        let mut steps = self.request();
        let mut lacks = None;
        if let Some(target) = self.target(&mut steps)
            && let Some(credential) = self.credential(target, &mut steps)
        {
            let key = self.caller(target, &credential, &mut steps);
            lacks = self.signature(&credential, key, &mut steps);
        }
        let verdict = Verdict::of(config, &decision, lacks);
        self.upstream(&decision, &verdict, &mut steps);
        (steps, verdict)
    }

    /// What came, and what Envoy makes of it.
    fn request(&self) -> Vec<Step> {
        let Captured { method, authority, path, headers, .. } = self.captured;
        let path = path.as_deref().map(visible).unwrap_or_default();
        let detail = format!("{method} {path} of host {}, headers: {}", visible(authority), headers.len());
        let clock = Step::tells("clock", moment::http_date(self.now));
        let interventions = envoy::interventions(self.captured, signed_names(self.headers));
        let envoy = interventions.into_iter().map(|what| {
            Step::of_envoy(format!("as it is shipped here, Envoy {what}"))
                .with("", "what follows is about the request as it was captured")
        });
        [Step::tells("request", detail), clock].into_iter().chain(envoy).collect()
    }
}
