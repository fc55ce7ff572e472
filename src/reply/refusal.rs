//! Refusals and their exact words (SPEC section 7).

use std::borrow::Cow;
use std::time::Duration;

use serde_json::json;

use super::Outcome;
use super::limit_headers::Header;
use crate::auth::Failure;
use crate::config::document::{AuthStatus, ErrorFormat, Options};
use crate::time::ceil_seconds;

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
mod tests {
    use super::*;
    use crate::auth::DateName;

    fn spent(wait: u64) -> Spent {
        Spent { wait: Some(Duration::from_nanos(wait)), limits: vec!["second".to_owned(), "day".to_owned()] }
    }

    fn reply(refusal: &Refusal<'_>) -> Reply {
        refusal.reply(&Options::default(), "service-orders")
    }

    /// SPEC section 7, row by row.
    #[test]
    fn every_row_of_the_table_has_its_status_and_its_words() {
        use Failure::*;
        let auth = Refusal::Authentication;
        let rows = [
            (Refusal::NoService(b"a.example:1"), 404, "There is no api match host[a.example:1]"),
            (Refusal::NoEnvironment(b"live"), 404, "There is no api match env_mapping[live]"),
            (
                auth(Missing),
                401,
                "HMAC signature cannot be verified, a validate authorization header is required",
            ),
            (auth(Malformed), 401, "HMAC authorization format error"),
            (auth(Incomplete), 401, "HMAC authorization headers is invalidate"),
            (auth(Empty), 401, "HMAC id or signature missing"),
            (auth(Algorithm("hmac-md5".into())), 401, "HMAC algorithm hmac-md5 not supported"),
            (
                auth(DateNotSigned),
                401,
                "HMAC signature cannot be verified, a valid date or x-date header is required",
            ),
            (
                auth(HeaderNotSigned("host".into())),
                401,
                "HMAC signature cannot be verified, the host header must be signed",
            ),
            (
                auth(HeaderMissing("source".into())),
                401,
                "HMAC signature cannot be verified, a valid source header is required",
            ),
            (auth(HeaderRepeated), 401, "HMAC do not support multiple HTTP header"),
            (
                auth(DateInvalid(DateName::XDate)),
                401,
                "HMAC signature cannot be verified, a valid x-date header is required for HMAC Authentication",
            ),
            (
                auth(DateInvalid(DateName::Date)),
                401,
                "HMAC signature cannot be verified, a valid date header is required for HMAC Authentication",
            ),
            (
                auth(DateOutOfRange(DateName::XDate)),
                401,
                "HMAC signature cannot be verified, the x-date header is out of date for HMAC Authentication",
            ),
            (
                auth(DateOutOfRange(DateName::Date)),
                401,
                "HMAC signature cannot be verified, the date header is out of date for HMAC Authentication",
            ),
            (auth(KeyUnknown), 401, "HMAC signature cannot be verified"),
            (auth(KeyDisabled), 401, "HMAC signature cannot be verified"),
            (auth(KeyExpired), 401, "HMAC signature cannot be verified"),
            (auth(KeyNotBound), 401, "HMAC signature cannot be verified"),
            (auth(SignatureMismatch), 401, "HMAC signature does not match"),
            (Refusal::NoUsagePlan, 403, "Found no validate usage plan"),
            (Refusal::RateLimited(spent(0)), 429, "API rate limit exceeded"),
            (Refusal::QuotaExceeded(spent(0)), 429, "API quota exceeded"),
            (Refusal::CounterUnavailable, 503, "Usage plan counter unavailable"),
        ];
        for (refusal, status, message) in rows {
            let reply = reply(&refusal);
            assert_eq!(reply.status, status, "{message}");
            assert_eq!(reply.body, format!("{{\"message\":\"{message}\"}}\n"));
            assert_eq!(reply.headers[0], ("content-type", "application/json; charset=utf-8".to_owned()));
        }
    }

    #[test]
    fn a_401_names_the_scheme_and_the_realm_and_a_403_of_the_older_table_does_not() {
        let challenge = ("www-authenticate", "hmac realm=\"service-orders\"".to_owned());
        for failure in [Failure::Missing, Failure::SignatureMismatch] {
            assert!(reply(&Refusal::Authentication(failure)).headers.contains(&challenge));
        }
        let options = Options { auth_status: AuthStatus::LegacyForbidden, ..Options::default() };
        let legacy = |failure| Refusal::Authentication(failure).reply(&options, "service-orders");
        assert_eq!(legacy(Failure::Missing).status, 401);
        assert!(legacy(Failure::Missing).headers.contains(&challenge));
        assert_eq!(legacy(Failure::SignatureMismatch).status, 403);
        assert_eq!(legacy(Failure::SignatureMismatch).headers.len(), 1);
        assert_eq!(reply(&Refusal::NoUsagePlan).headers.len(), 1);
    }

    #[test]
    fn retry_after_is_never_early() {
        for (wait, seconds) in [(1, "1"), (999_999_999, "1"), (1_000_000_000, "1"), (1_000_000_001, "2")] {
            let headers = reply(&Refusal::RateLimited(spent(wait))).headers;
            assert!(headers.contains(&("retry-after", seconds.to_owned())), "{wait} ns: {headers:?}");
        }
    }

    #[test]
    fn what_never_renews_has_no_retry_after() {
        let never = Refusal::QuotaExceeded(Spent { wait: None, limits: Vec::new() });
        assert_eq!(reply(&never).headers.len(), 1);
    }

    #[test]
    fn problems_are_told_as_rfc_9457_has_them() {
        let options = Options { error_format: ErrorFormat::Problem, ..Options::default() };
        let problem = |refusal: &Refusal<'_>| {
            let reply = refusal.reply(&options, "service-orders");
            assert_eq!(reply.headers[0], ("content-type", "application/problem+json".to_owned()));
            serde_json::from_str::<serde_json::Value>(&reply.body).expect("JSON")
        };
        assert_eq!(
            problem(&Refusal::QuotaExceeded(spent(1))),
            json!({
                "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
                "title": "Request cannot be satisfied as assigned quota has been exceeded",
                "status": 429, "detail": "API quota exceeded", "violated-policies": ["second", "day"],
            })
        );
        assert_eq!(
            problem(&Refusal::Authentication(Failure::SignatureMismatch)),
            json!({
                "type": "about:blank", "title": "Unauthorized", "status": 401,
                "detail": "HMAC signature does not match",
            })
        );
    }

    #[test]
    fn text_of_the_request_is_escaped_and_cut_to_64_bytes() {
        let message = |bytes: &[u8]| {
            let body: serde_json::Value =
                serde_json::from_str(&reply(&Refusal::NoService(bytes)).body).expect("JSON");
            body["message"].as_str().expect("text").to_owned()
        };
        assert_eq!(message(b"a\"b\\c\nd"), "There is no api match host[a\"b\\c\nd]");
        assert_eq!(message(b"\xff\x00"), "There is no api match host[\u{fffd}\0]");
        assert_eq!(message(&[b'x'; 65]), format!("There is no api match host[{}]", "x".repeat(64)));
        assert_eq!(message(&[0xff; 100]), format!("There is no api match host[{}]", "\u{fffd}".repeat(21)));
        assert_eq!(
            message("é".repeat(40).as_bytes()),
            format!("There is no api match host[{}]", "é".repeat(32))
        );
    }
}
