//! What the filter does with a captured request, step by step.
//!
//! | file | |
//! |---|---|
//! | `capture` | the request as it was captured |
//! | `envoy` | what Envoy does to the request before the filter sees it |
//! | `inquiry` | the request, the document and the time that the steps are about |
//! | `route`, `credential`, `key`, `signature`, `upstream` | a step for each check, in the filter's order |
//! | `mistakes` | what explains a signature that does not match |
//! | `conclusion` | what the filter does with the request in the end |
//! | `step` | what an explanation is made of |
//!
//! The conclusion is the filter's own [`decide`]; the steps show what each check saw, also after one that
//! refuses.

mod capture;
mod conclusion;
mod credential;
mod envoy;
mod inquiry;
mod key;
mod mistakes;
mod route;
mod signature;
mod step;
mod upstream;

use usage_plan_core::auth::date::LastDate;
use usage_plan_core::auth::{Authenticator, DateName, Headers};
use usage_plan_core::gate::decision::decide;
use usage_plan_core::timestamp::Timestamp;

pub use self::capture::{Captured, Ignored};
pub use self::conclusion::Conclusion;
use self::envoy::HeaderMap;
use self::inquiry::{Inquiry, signed_names};
use self::step::escape_bytes;
pub use self::step::{Line, Step};
use crate::dates::http_date;
use crate::secrets::{LocalDocument, MissingSecret};

/// What the filter does with a request, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The time that the filter's clock shows.
    pub now: Timestamp,
    /// What each check saw, in the filter's order.
    pub steps: Vec<Step>,
    /// Whether Envoy would change or refuse the request before the filter sees it.
    pub envoy_intervenes: bool,
    /// What the filter does in the end.
    pub conclusion: Conclusion,
}

/// Explains what a filter with the document `local` does with the request at the time `now`.
pub fn explain(local: &LocalDocument, captured: &Captured, now: Timestamp) -> Explanation {
    let map = HeaderMap::of(captured);
    let fields = map.fields();
    let inquiry = Inquiry { local, captured, headers: Headers::new(&fields), now };
    let decision = decide(local.config(), &Authenticator::new(local.config()), inquiry.headers, now);
    let mut steps = request(inquiry);
    let of_envoy = envoy::steps(captured, signed_names(inquiry.headers));
    let envoy_intervenes = !of_envoy.is_empty();
    steps.extend(of_envoy);
    let (checks, missing) = checks(inquiry);
    steps.extend(checks);
    let conclusion = Conclusion::of(local.config(), &decision, missing);
    steps.extend(upstream::steps(inquiry, &decision, &conclusion));
    Explanation { now, steps, envoy_intervenes, conclusion }
}

/// The date that the request signs, if it signs one that can be read.
pub fn signed_date(captured: &Captured) -> Option<Timestamp> {
    let map = HeaderMap::of(captured);
    let fields = map.fields();
    let headers = Headers::new(&fields);
    let names = signed_names(headers)?;
    let mut signed = DateName::ALL.into_iter().filter(|date| names.contains(date.name()));
    signed.find_map(|date| date.read(headers, &LastDate::default()).ok())
}

/// The request as it was captured, and the time.
fn request(Inquiry { captured, now, .. }: Inquiry<'_>) -> Vec<Step> {
    let path = captured.path.as_deref().map(escape_bytes).unwrap_or_default();
    let (method, host) = (&captured.method, escape_bytes(&captured.authority));
    let detail = format!("{method} {path} of host {host}, headers: {}", captured.headers.len());
    vec![Step::info("request", detail), Step::info("clock", http_date(now))]
}

/// What each check sees as far as it can be asked, and the secret that is missing to check the signature.
fn checks(inquiry: Inquiry<'_>) -> (Vec<Step>, Option<MissingSecret>) {
    let (mut steps, target) = route::steps(inquiry);
    let Some(target) = target else { return (steps, None) };
    let (of_credential, credential) = credential::steps(inquiry, target);
    steps.extend(of_credential);
    let Some(credential) = credential else { return (steps, None) };
    let (of_key, key) = key::steps(inquiry, target, &credential);
    steps.extend(of_key);
    let (of_signature, missing) = signature::steps(inquiry, &credential, key);
    steps.extend(of_signature);
    (steps, missing)
}
