//! Refusals: their status, headers and exact messages (`docs/rules.md#refusals`).

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;

use super::limit_headers::Header;
use crate::auth::Failure;
use crate::document::{AuthStatus, ErrorFormat, Options};
use crate::limit::Violation;
use crate::request::lossy_text;
use crate::telemetry::Outcome;
use crate::timestamp::{Timestamp, ceil_seconds};

/// The largest length in bytes of a string that a refusal quotes from a request.
const MAX_EXCERPT: usize = 64;

/// Why a request is not forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal<'r> {
    /// No service answers on the host, which is given as it was sent.
    NoService(&'r [u8]),
    /// The path names no environment; its first segment, as it was sent.
    NoEnvironment(&'r [u8]),
    /// No plan is bound to the environment.
    NoUsagePlan,
    /// The request does not prove its caller.
    Authentication(Failure),
    /// The plan's requests per second are used up.
    RateLimited(Exhausted),
    /// A quota of the plan is used up.
    QuotaExceeded(Exhausted),
    /// The caller asked too often for what is left of its limits.
    UsageRateLimited(Exhausted),
    /// The request could not be counted.
    CounterUnavailable,
}

/// The limits that refuse a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// The time until a request can be admitted; `None` if none ever will be.
    pub wait: Option<Duration>,
    /// The names of the limits that are used up.
    pub limits: Vec<String>,
}

/// A response that the filter sends itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// The header fields.
    pub headers: Vec<Header>,
    /// The body: a JSON object and a line feed.
    pub body: String,
}

/// A body of `application/problem+json` (RFC 9457), whose members are written in this order.
#[derive(Serialize)]
struct Problem<'p> {
    detail: Cow<'static, str>,
    status: u16,
    title: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "violated-policies", skip_serializing_if = "Option::is_none")]
    violated_policies: Option<&'p [String]>,
}

// === impl Refusal ===

impl Refusal<'_> {
    /// The refusal of a request over its plan's limits.
    pub fn exhausted(violation: Violation, now: Timestamp) -> Self {
        let is_ever = violation.retry_at != Timestamp::NEVER;
        let wait = is_ever.then(|| violation.retry_at.saturating_since(now));
        let exhausted = Exhausted { wait, limits: violation.limits };
        if violation.of_rate { Self::RateLimited(exhausted) } else { Self::QuotaExceeded(exhausted) }
    }

    /// The outcome of a request with this refusal.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NoService(_) => Outcome::ServiceNotFound,
            Self::NoEnvironment(_) => Outcome::EnvironmentNotFound,
            Self::NoUsagePlan => Outcome::NoUsagePlan,
            Self::Authentication(failure) => Outcome::from(failure),
            Self::RateLimited(_) => Outcome::RateLimited,
            Self::QuotaExceeded(_) => Outcome::QuotaExceeded,
            Self::UsageRateLimited(_) => Outcome::UsageRateLimited,
            Self::CounterUnavailable => Outcome::CounterUnavailable,
        }
    }

    /// The response. `realm` is the service's id for `www-authenticate`.
    pub fn reply(&self, options: &Options, realm: &str) -> Reply {
        let status = self.status(options.auth_status);
        let (content_type, body) = match options.error_format {
            ErrorFormat::Tencent => ("application/json; charset=utf-8", self.message_body()),
            ErrorFormat::Problem => ("application/problem+json", self.problem_body(status)),
        };
        // Six have room for one more header of this refusal and four limit headers.
        let mut headers = Vec::with_capacity(6);
        headers.push(("content-type", content_type.to_owned()));
        match self {
            Self::Authentication(_) if status == 401 => {
                headers.push(("www-authenticate", ["hmac realm=\"", realm, "\""].concat()));
            }
            Self::RateLimited(Exhausted { wait: Some(wait), .. })
            | Self::QuotaExceeded(Exhausted { wait: Some(wait), .. })
            | Self::UsageRateLimited(Exhausted { wait: Some(wait), .. }) => {
                headers.push(("retry-after", itoa::Buffer::new().format(ceil_seconds(*wait)).to_owned()));
            }
            _ => {}
        }
        Reply { status, headers, body }
    }

    fn message_body(&self) -> String {
        match self.message() {
            // The filter's own texts have nothing to escape.
            Cow::Borrowed(message) => ["{\"message\":\"", message, "\"}\n"].concat(),
            // Every string has a JSON form, so this does not fail.
            Cow::Owned(message) => {
                let message = serde_json::to_string(&message).unwrap_or_default();
                ["{\"message\":", &message, "}\n"].concat()
            }
        }
    }

    /// The body by RFC 9457. A limit that is used up has the problem type of
    /// draft-ietf-httpapi-ratelimit-headers-10.
    fn problem_body(&self, status: u16) -> String {
        let detail = self.message();
        let problem = match self {
            Self::RateLimited(exhausted)
            | Self::QuotaExceeded(exhausted)
            | Self::UsageRateLimited(exhausted) => Problem {
                detail,
                status,
                title: "Request cannot be satisfied as assigned quota has been exceeded",
                kind: "https://iana.org/assignments/http-problem-types#quota-exceeded",
                violated_policies: Some(&exhausted.limits),
            },
            _ => {
                let title = match status {
                    401 => "Unauthorized",
                    403 => "Forbidden",
                    404 => "Not Found",
                    _ => "Service Unavailable",
                };
                Problem { detail, status, title, kind: "about:blank", violated_policies: None }
            }
        };
        // Every problem has a JSON form, so this does not fail.
        serde_json::to_string(&problem).unwrap_or_default() + "\n"
    }

    fn status(&self, auth_status: AuthStatus) -> u16 {
        match (self, auth_status) {
            (Self::NoService(_) | Self::NoEnvironment(_), _) => 404,
            (Self::NoUsagePlan, _) => 403,
            (Self::Authentication(Failure::Missing), _) => 401,
            (Self::Authentication(_), AuthStatus::Unauthorized) => 401,
            (Self::Authentication(_), AuthStatus::LegacyForbidden) => 403,
            (Self::RateLimited(_) | Self::QuotaExceeded(_) | Self::UsageRateLimited(_), _) => 429,
            (Self::CounterUnavailable, _) => 503,
        }
    }

    fn message(&self) -> Cow<'static, str> {
        match self {
            Self::NoService(host) => format!("There is no api match host[{}]", excerpt(host)).into(),
            Self::NoEnvironment(segment) => {
                format!("There is no api match env_mapping[{}]", excerpt(segment)).into()
            }
            Self::NoUsagePlan => "Found no validate usage plan".into(),
            Self::Authentication(failure) => failure_message(failure),
            Self::RateLimited(_) | Self::UsageRateLimited(_) => "API rate limit exceeded".into(),
            Self::QuotaExceeded(_) => "API quota exceeded".into(),
            Self::CounterUnavailable => "Usage plan counter unavailable".into(),
        }
    }
}

fn failure_message(failure: &Failure) -> Cow<'static, str> {
    match failure {
        Failure::Missing => {
            "HMAC signature cannot be verified, a validate authorization header is required".into()
        }
        Failure::Malformed => "HMAC authorization format error".into(),
        Failure::Incomplete => "HMAC authorization headers is invalidate".into(),
        Failure::Empty => "HMAC id or signature missing".into(),
        Failure::Algorithm(name) => {
            format!("HMAC algorithm {} not supported", excerpt(name.as_bytes())).into()
        }
        Failure::DateNotSigned => {
            "HMAC signature cannot be verified, a valid date or x-date header is required".into()
        }
        Failure::HeaderNotSigned(name) => {
            format!("HMAC signature cannot be verified, the {name} header must be signed").into()
        }
        Failure::HeaderMissing(name) => {
            let name = excerpt(name.as_bytes());
            format!("HMAC signature cannot be verified, a valid {name} header is required").into()
        }
        Failure::HeaderRepeated => "HMAC do not support multiple HTTP header".into(),
        Failure::DateInvalid(date) => format!(
            "HMAC signature cannot be verified, a valid {} header is required for HMAC Authentication",
            date.name()
        )
        .into(),
        Failure::DateOutOfRange(date) => format!(
            "HMAC signature cannot be verified, the {} header is out of date for HMAC Authentication",
            date.name()
        )
        .into(),
        Failure::KeyUnknown | Failure::KeyDisabled | Failure::KeyExpired | Failure::KeyNotBound => {
            "HMAC signature cannot be verified".into()
        }
        Failure::SignatureMismatch => "HMAC signature does not match".into(),
    }
}

/// `bytes` of a request as a string for a message: at most [`MAX_EXCERPT`] bytes, with bytes that are not
/// UTF-8 replaced.
fn excerpt(bytes: &[u8]) -> String {
    let mut text = lossy_text(bytes.get(..MAX_EXCERPT).unwrap_or(bytes));
    text.truncate(text.floor_char_boundary(MAX_EXCERPT));
    text
}

#[cfg(test)]
mod tests;
