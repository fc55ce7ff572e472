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
//! | `step`, `phrases` | what an explanation is made of, and its words |
//!
//! The conclusion and what goes upstream are the verdict of the filter's own [`Gate`], asked with an empty
//! store. The steps ask the gate's checks one by one, also after the one that refuses, to show what each of
//! them saw.

mod capture;
mod conclusion;
mod credential;
mod envoy;
mod inquiry;
mod key;
mod mistakes;
pub mod phrases;
mod route;
mod signature;
mod step;
mod upstream;

use usage_plan_core::auth::credential::Credential;
use usage_plan_core::auth::date::LastDate;
use usage_plan_core::auth::{Authorization, DateName};
use usage_plan_core::gate::Gate;
use usage_plan_core::limit::{Clock, Conflict, Store, Version};
use usage_plan_core::request::Request;
use usage_plan_core::timestamp::Timestamp;

pub use self::capture::{Captured, Ignored};
pub use self::conclusion::Conclusion;
use self::envoy::HeaderMap;
use self::inquiry::Inquiry;
pub use self::mistakes::phrases as mistake_phrases;
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

/// A host whose clock stands still, and whose store has no cells, so that no limit is used up.
struct Still(Timestamp);

// === impl Still ===

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

impl Store for Still {
    fn get(&self, _: &str) -> Option<(Vec<u8>, Version)> {
        None
    }

    fn set(&self, _: &str, _: &[u8], version: Version) -> Result<Version, Conflict> {
        Ok(version)
    }
}

/// Explains what a filter with the document `local` does with the request at the time `now`.
pub fn explain(local: &LocalDocument, captured: &Captured, now: Timestamp) -> Explanation {
    let map = HeaderMap::of(captured);
    let fields = map.fields();
    let request = Request::new(&fields);
    // A gate remembers what is used up, so each explanation has one of its own.
    let gate = Gate::new(local.config().clone());
    let verdict = gate.decide(&request, now, &Still(now));
    let inquiry = Inquiry { local, captured, request: &request, now, verdict: &verdict };
    let mut steps = request_steps(inquiry);
    let signed = credential_of(&request).map(|credential| credential.headers);
    let envoy = envoy::steps(captured, signed.as_ref());
    let envoy_intervenes = !envoy.is_empty();
    steps.extend(envoy);
    let (checks, missing) = check_steps(inquiry);
    steps.extend(checks);
    let conclusion = Conclusion::of(&gate, &verdict, missing);
    if conclusion.is_forwarded() {
        steps.extend(upstream::steps(inquiry));
    }
    Explanation { now, steps, envoy_intervenes, conclusion }
}

/// The date that the request signs, if it signs one that can be read.
pub fn signed_date(captured: &Captured) -> Option<Timestamp> {
    let map = HeaderMap::of(captured);
    let fields = map.fields();
    let request = Request::new(&fields);
    let names = credential_of(&request)?.headers;
    let mut signed = DateName::ALL.into_iter().filter(|date| names.contains(date.name()));
    signed.find_map(|date| date.read(request.headers, &LastDate::default()).ok())
}

/// The credential of the request, if it can be parsed.
fn credential_of<'r>(request: &Request<'r>) -> Option<Credential<'r>> {
    Authorization::of(request).credential().ok()
}

/// The request as it was captured, and the time.
fn request_steps(Inquiry { captured, now, .. }: Inquiry<'_>) -> Vec<Step> {
    let path = captured.path.as_deref().map(escape_bytes).unwrap_or_default();
    let (method, host) = (escape_bytes(captured.method.as_bytes()), escape_bytes(&captured.authority));
    let detail = phrases::REQUEST.put(method).put(path).put(host).put(captured.headers.len());
    vec![Step::info("request", detail), Step::info("clock", http_date(now))]
}

/// What each check sees as far as it can be asked, and the secret that is missing to check the signature.
fn check_steps(inquiry: Inquiry<'_>) -> (Vec<Step>, Option<MissingSecret>) {
    let (mut steps, route) = route::steps(inquiry);
    let Some(route) = route else { return (steps, None) };
    let (of_credential, credential) = credential::steps(inquiry, route);
    steps.extend(of_credential);
    let Some(credential) = credential else { return (steps, None) };
    let (of_key, key) = key::steps(inquiry, route, &credential);
    steps.extend(of_key);
    let (of_signature, missing) = signature::steps(inquiry, &credential, key);
    steps.extend(of_signature);
    (steps, missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dates;

    /// A plan that admits one request a second.
    const DOCUMENT: &[u8] = br#"{
        "services": [{"id": "service-a", "name": "a", "domains": ["a.example"],
                      "default_environment": "release"}],
        "keys": [{"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"}],
        "usage_plans": [{"id": "usagePlan-a", "name": "a", "max_requests_per_second": 1,
                         "keys": ["AKIDacme0001"],
                         "environments": [{"service": "service-a", "environment": "release"}]}]
    }"#;

    #[test]
    fn an_explanation_counts_nothing() {
        let local = LocalDocument::parse(DOCUMENT, &|_| None).expect("a valid document");
        let now = dates::parse("Mon, 19 Mar 2018 12:08:40 GMT").expect("a date");
        let head = [
            "GET / HTTP/1.1",
            "host: a.example",
            "x-date: Mon, 19 Mar 2018 12:08:40 GMT",
            r#"authorization: hmac id="ID", algorithm="hmac-sha1", headers="x-date", signature="SIG""#,
        ];
        let head = head.join("\r\n").replace("ID", "AKIDacme0001");
        let head = head.replace("SIG", "pb/xSldjxzXUzM/oosAGTKnF2nE=");
        let captured = Captured::parse(head.as_bytes()).expect("a request");
        for _ in 0..3 {
            let explanation = explain(&local, &captured, now);
            assert_eq!(explanation.conclusion, Conclusion::Allowed { can_be_limited: true });
        }
    }
}
