//! Compares what a case got with what it must get, and with what holds for every request.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::{Case, Expected, Target, Upstream};
use super::text::Text;
use crate::http2::Recorded;

/// The identity headers, in the order of [`Upstream::identity`].
const IDENTITY: [&str; 4] = ["x-usage-plan-id", "x-usage-plan-environment", "x-secret-id", "x-service-id"];

/// The identity header that has all of them.
const JOINED: &str = "x-usage-plan-identity";

/// The longest text that a refusal may quote from a request, in characters.
const MAX_EXCERPT: usize = 64;

/// What a request got.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The status; none where the stream was reset.
    pub status: Option<u16>,
    /// The outcome by the filter; none where it has not seen the request.
    pub outcome: Option<String>,
    /// The body of the answer.
    pub body: Vec<u8>,
    /// The headers of the answer, names in lower case.
    pub answer: BTreeMap<String, String>,
    /// What reached the upstream.
    pub upstream: Vec<Recorded>,
}

/// What is wrong with what a case got from a target; empty when nothing is.
pub fn faults(case: &Case, target: Target, observed: &Observed) -> Vec<String> {
    let expected = case.expected(target);
    let mut faults = Vec::new();
    let mut differs = |what: &str, found: &dyn std::fmt::Debug, wanted: &dyn std::fmt::Debug| {
        faults.push(format!("{what} is {found:?} instead of {wanted:?}"));
    };
    if observed.status != expected.status {
        differs("the status", &observed.status, &expected.status);
    }
    let by_filter = !expected.outcome.starts_with("refused_by_");
    let wanted = by_filter.then_some(&expected.outcome);
    // Envoy's router may refuse what the filter has let through.
    if expected.outcome != "refused_by_envoy" && observed.outcome.as_ref() != wanted {
        differs("the outcome", &observed.outcome, &wanted);
    }
    let message = serde_json::from_slice::<Value>(&observed.body).ok();
    let message = message.as_ref().and_then(|body| body["message"].as_str());
    let wanted = expected.message.as_ref().map(Text::text);
    if by_filter && message != wanted.as_deref() && case.request.method.text() != "HEAD" {
        differs("the message", &message, &wanted);
    }
    for (name, value) in &expected.answer {
        let found = observed.answer.get(name);
        if found != Some(value) {
            differs(&format!("the header {name} of the answer"), &found, value);
        }
    }
    faults.extend(invariants(observed, message));
    match (&expected.upstream, &observed.upstream[..]) {
        (None, []) => {}
        (Some(wanted), [found]) => faults.extend(upstream_faults(wanted, found)),
        (wanted, found) => faults.push(format!("upstream: {} requests instead of {:?}", found.len(), wanted)),
    }
    if !is_consistent(expected) {
        faults.push("the case lets upstream what its outcome does not".to_owned());
    }
    faults
}

/// Whether an outcome lets a request through.
fn passes(outcome: &str) -> bool {
    matches!(outcome, "allowed" | "anonymous") || outcome.starts_with("would_")
}

fn is_consistent(expected: &Expected) -> bool {
    expected.upstream.is_none() || passes(&expected.outcome)
}

/// What holds for every request, whatever its case says.
fn invariants(observed: &Observed, message: Option<&str>) -> Vec<String> {
    let mut faults = Vec::new();
    let passed = observed.outcome.as_deref().is_some_and(passes);
    if !passed && !observed.upstream.is_empty() {
        faults.push(format!("it reached the upstream as {:?}", observed.outcome));
    }
    let refused = !passed && observed.outcome.as_deref().is_some_and(|outcome| outcome != "usage_shown");
    if refused && !observed.body.is_empty() {
        let quoted = message.and_then(|message| message.split_once('[')).map(|(_, quoted)| quoted);
        if message.is_none() {
            faults.push(format!("the body is no JSON: {}", observed.body.escape_ascii()));
        } else if quoted.is_some_and(|quoted| quoted.chars().count() > MAX_EXCERPT + 1) {
            faults.push(format!("the body quotes {quoted:?}"));
        }
    }
    faults
}

fn upstream_faults(wanted: &Upstream, found: &Recorded) -> Vec<String> {
    let mut faults = Vec::new();
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if let Some(path) = &wanted.path
        && found.text(":path") != Some(path.text())
    {
        faults.push(format!("the path upstream is {:?} instead of {:?}", found.text(":path"), path.text()));
    }
    // A header that an upstream could read as one of these, in any spelling, is the filter's own.
    let fields = found.headers.iter().chain(&found.trailers);
    let mut named: Vec<_> =
        fields.filter_map(|(name, value)| Some((identity(name)?, lossy(value)))).collect();
    let own = wanted.identity.iter().flat_map(|values| IDENTITY.into_iter().zip(values.iter().cloned()));
    let mut own: Vec<_> =
        own.chain(wanted.joined_identity.iter().map(|value| (JOINED, value.clone()))).collect();
    named.sort();
    own.sort();
    if named != own {
        faults.push(format!("the identity upstream is {named:?} instead of {own:?}"));
    }
    for (name, value) in &wanted.present {
        let all = found.all(name);
        if all.len() != 1 || (value != "*" && all != [value.as_bytes()]) {
            faults.push(format!("{name} upstream is {:?} instead of {value:?}", found.text(name)));
        }
    }
    let kept = wanted.present.contains_key("authorization");
    let unwanted = wanted.absent.iter().map(String::as_str).chain((!kept).then_some("authorization"));
    for name in unwanted.filter(|name| !found.all(name).is_empty()) {
        faults.push(format!("{name} is upstream: {:?}", found.text(name)));
    }
    let trailers: Vec<_> =
        wanted.trailers.iter().map(|(name, value)| (name.bytes(), value.bytes())).collect();
    if found.trailers != trailers {
        let found: Vec<_> =
            found.trailers.iter().map(|(n, v)| format!("{}: {}", lossy(n), lossy(v))).collect();
        faults.push(format!("the trailers upstream are {found:?}"));
    }
    faults
}

/// The identity header that an upstream may read in that name.
fn identity(name: &[u8]) -> Option<&'static str> {
    let plain = |byte: u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' };
    let name: Vec<u8> = name.iter().map(|byte| plain(*byte)).collect();
    IDENTITY.into_iter().chain([JOINED]).find(|known| known.as_bytes() == name)
}
