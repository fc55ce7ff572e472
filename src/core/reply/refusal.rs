//! Refusals and their exact words (SPEC section 7).

use std::borrow::Cow;
use std::time::Duration;

use serde_json::json;

use super::limit_headers::Header;
use crate::auth::Failure;
use crate::document::{AuthStatus, ErrorFormat, Options};
use crate::telemetry::Outcome;
use crate::timestamp::ceil_seconds;

/// Text taken from a request is cut to this many bytes.
const MAX_EXCERPT: usize = 64;

/// Why a request is not forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal<'r> {
    /// No service has the host, as it was sent.
    NoService(&'r [u8]),
    /// The path names no environment; the segment that should have, as it was sent.
    NoEnvironment(&'r [u8]),
    /// No plan at all is bound to the environment.
    NoUsagePlan,
    /// The caller is not known.
    Authentication(Failure),
    /// The plan's requests per second are spent.
    RateLimited(Spent),
    /// A quota of the plan is spent.
    QuotaExceeded(Spent),
    /// The request could not be counted.
    CounterUnavailable,
}

/// What is spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// How long until a request can be admitted; `None`: none ever is.
    pub wait: Option<Duration>,
    /// The names of the limits.
    pub limits: Vec<String>,
}

/// A response that the filter makes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// The header fields.
    pub headers: Vec<Header>,
    /// JSON and a line feed.
    pub body: String,
}

// === impl Refusal ===

impl Refusal<'_> {
    /// How the request ended.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NoService(_) => Outcome::ServiceNotFound,
            Self::NoEnvironment(_) => Outcome::EnvironmentNotFound,
            Self::NoUsagePlan => Outcome::NoUsagePlan,
            Self::Authentication(failure) => Outcome::from(failure),
            Self::RateLimited(_) => Outcome::RateLimited,
            Self::QuotaExceeded(_) => Outcome::QuotaExceeded,
            Self::CounterUnavailable => Outcome::CounterUnavailable,
        }
    }

    /// The response, for the service `realm`.
    pub fn reply(&self, options: &Options, realm: &str) -> Reply {
        let status = self.status(options.auth_status);
        let (content_type, body) = match options.error_format {
            ErrorFormat::Tencent => ("application/json; charset=utf-8", self.message_body()),
            ErrorFormat::Problem => ("application/problem+json", self.problem_body(status)),
        };
        let mut headers = vec![("content-type", content_type.to_owned())];
        match self {
            Self::Authentication(_) if status == 401 => {
                headers.push(("www-authenticate", format!("hmac realm=\"{realm}\"")));
            }
            Self::RateLimited(Spent { wait: Some(wait), .. })
            | Self::QuotaExceeded(Spent { wait: Some(wait), .. }) => {
                headers.push(("retry-after", ceil_seconds(*wait).to_string()));
            }
            _ => {}
        }
        Reply { status, headers, body }
    }

    fn message_body(&self) -> String {
        // A text always has a JSON form.
        let message = serde_json::to_string(&self.message()).unwrap_or_default();
        ["{\"message\":", &message, "}\n"].concat()
    }

    /// RFC 9457; what is spent has the problem type of draft-ietf-httpapi-ratelimit-headers-10.
    fn problem_body(&self, status: u16) -> String {
        let detail = self.message();
        let problem = match self {
            Self::RateLimited(spent) | Self::QuotaExceeded(spent) => json!({
                "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
                "title": "Request cannot be satisfied as assigned quota has been exceeded",
                "status": status, "detail": detail, "violated-policies": spent.limits,
            }),
            _ => {
                let title = match status {
                    401 => "Unauthorized",
                    403 => "Forbidden",
                    404 => "Not Found",
                    _ => "Service Unavailable",
                };
                json!({ "type": "about:blank", "title": title, "status": status, "detail": detail })
            }
        };
        format!("{problem}\n")
    }

    fn status(&self, auth_status: AuthStatus) -> u16 {
        match (self, auth_status) {
            (Self::NoService(_) | Self::NoEnvironment(_), _) => 404,
            (Self::NoUsagePlan, _) => 403,
            (Self::Authentication(Failure::Missing), _) => 401,
            (Self::Authentication(_), AuthStatus::Unauthorized) => 401,
            (Self::Authentication(_), AuthStatus::LegacyForbidden) => 403,
            (Self::RateLimited(_) | Self::QuotaExceeded(_), _) => 429,
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
            Self::RateLimited(_) => "API rate limit exceeded".into(),
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

/// `bytes` of a request as text that is safe to show: at most [`MAX_EXCERPT`] bytes, what is not UTF-8 replaced.
fn excerpt(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes.get(..MAX_EXCERPT).unwrap_or(bytes)).into_owned();
    text.truncate(text.floor_char_boundary(MAX_EXCERPT));
    text
}

#[cfg(test)]
mod tests;
