//! `options`: the settings that hold for the whole document.

use std::time::Duration;

use serde_json::{Value, json};

use super::reader::Node;
use super::schema::{array, choice, described, flag, not_empty, object, one_of, with_default};
use super::usage_plan::{ENFORCEMENT, Enforcement};
use super::words::Words;

/// The words for `date_header`.
const DATE_HEADER: Words<DateHeader, 2> =
    [("checked", DateHeader::Checked), ("unchecked", DateHeader::Unchecked)];

/// The numbers for `legacy_auth_status`.
const AUTH_STATUS: [(i64, AuthStatus); 2] =
    [(401, AuthStatus::Unauthorized), (403, AuthStatus::LegacyForbidden)];

/// The words for `rate_limit_headers`.
const RATE_LIMIT_HEADERS: Words<Family, 2> = [("tencent", Family::Tencent), ("ietf", Family::Ietf)];

/// The words for `error_format`.
const ERROR_FORMAT: Words<ErrorFormat, 2> =
    [("tencent", ErrorFormat::Tencent), ("problem", ErrorFormat::Problem)];

/// The settings that hold for the whole document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The largest distance of a signed date from the clock, before or after; whole seconds, inclusive.
    pub clock_skew: Duration,
    /// Whether a signed `Date` is compared with the clock.
    pub date_header: DateHeader,
    /// The MAC algorithms that callers may use.
    pub allowed_algorithms: Vec<Algorithm>,
    /// The status of an authentication refusal.
    pub auth_status: AuthStatus,
    /// The response headers that show callers what is left of their limits.
    pub rate_limit_headers: RateLimitHeaders,
    /// The format of a refusal's body.
    pub error_format: ErrorFormat,
    /// What happens to a request that would be refused, whatever its plan. A plan can also observe.
    pub enforcement: Enforcement,
    /// Whether the request that goes upstream keeps `Authorization`.
    pub forward_authorization: bool,
    /// Whether the path that goes upstream keeps the prefix that named the environment.
    pub forward_environment_prefix: bool,
}

/// The format of a refusal's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorFormat {
    /// Bodies of the form `{"message":"…"}`.
    #[default]
    Tencent,
    /// Bodies of the type `application/problem+json` (RFC 9457).
    Problem,
}

/// How a signed `Date` header is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateHeader {
    /// The date is compared with the clock, like `X-Date`.
    #[default]
    Checked,
    /// The header needs only to be present. A captured request can then be replayed forever.
    Unchecked,
}

/// A MAC algorithm, by the name that callers send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `hmac-sha1`
    HmacSha1,
    /// `hmac-sha256`
    HmacSha256,
    /// `hmac-sha384`
    HmacSha384,
    /// `hmac-sha512`
    HmacSha512,
}

/// The status of an authentication refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthStatus {
    /// All authentication refusals are 401.
    #[default]
    Unauthorized,
    /// A missing credential is 401, and all other authentication refusals are 403, as in an older version of
    /// the gateway's table.
    LegacyForbidden,
}

/// Which response headers show callers what is left of their limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitHeaders {
    /// `X-UsagePlan-RateLimit` and `X-UsagePlan-Quota`.
    pub tencent: bool,
    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    pub ietf: bool,
}

// === impl Options ===

impl Default for Options {
    fn default() -> Self {
        Self {
            clock_skew: Duration::from_secs(900),
            date_header: DateHeader::default(),
            allowed_algorithms: Algorithm::ALL.to_vec(),
            auth_status: AuthStatus::default(),
            rate_limit_headers: RateLimitHeaders { tencent: true, ietf: true },
            error_format: ErrorFormat::default(),
            enforcement: Enforcement::default(),
            forward_authorization: false,
            forward_environment_prefix: false,
        }
    }
}

/// A family of headers that `rate_limit_headers` can name.
#[derive(Clone, Copy, PartialEq)]
enum Family {
    Tencent,
    Ietf,
}

impl Options {
    pub(super) fn read(node: Node<'_>) -> Self {
        node.object(|fields| {
            let default = Self::default();
            let flag = |value: Option<Node<'_>>| value.and_then(|value| value.boolean()).unwrap_or(false);
            Self {
                clock_skew: fields
                    .optional("clock_skew_seconds")
                    .and_then(clock_skew)
                    .unwrap_or(default.clock_skew),
                date_header: fields
                    .optional("date_header")
                    .and_then(|node| node.one_of(&DATE_HEADER))
                    .unwrap_or_default(),
                allowed_algorithms: fields
                    .optional("allowed_algorithms")
                    .map_or(default.allowed_algorithms, allowed_algorithms),
                auth_status: fields.optional("legacy_auth_status").and_then(auth_status).unwrap_or_default(),
                rate_limit_headers: fields
                    .optional("rate_limit_headers")
                    .and_then(rate_limit_headers)
                    .unwrap_or(default.rate_limit_headers),
                error_format: fields
                    .optional("error_format")
                    .and_then(|node| node.one_of(&ERROR_FORMAT))
                    .unwrap_or_default(),
                enforcement: fields.optional("enforcement").and_then(Enforcement::read).unwrap_or_default(),
                forward_authorization: flag(fields.optional("forward_authorization")),
                forward_environment_prefix: flag(fields.optional("forward_environment_prefix")),
            }
        })
    }

    pub(super) fn schema() -> Value {
        let default = Self::default();
        let is_default = |family: &Family| match family {
            Family::Tencent => default.rate_limit_headers.tencent,
            Family::Ietf => default.rate_limit_headers.ietf,
        };
        let families = RATE_LIMIT_HEADERS.iter().filter(|(_, family)| is_default(family));
        let families: Vec<&str> = families.map(|(word, _)| *word).collect();
        let statuses = AUTH_STATUS.map(|(number, _)| number);
        let status =
            AUTH_STATUS.iter().find(|(_, status)| *status == default.auth_status).map(|(number, _)| *number);
        let algorithms: Vec<&str> =
            default.allowed_algorithms.iter().map(|algorithm| algorithm.name()).collect();
        let skew = json!({"type": "integer", "minimum": 0, "maximum": i64::MAX});
        object(
            &[],
            [
                (
                    "clock_skew_seconds",
                    described(
                        with_default(skew, default.clock_skew.as_secs()),
                        "The largest distance of a signed date from now, before or after, in seconds",
                    ),
                ),
                (
                    "date_header",
                    described(
                        choice(&DATE_HEADER),
                        "unchecked: a signed Date need only be present; a captured request can then be replayed for ever",
                    ),
                ),
                (
                    "allowed_algorithms",
                    described(
                        with_default(
                            not_empty(array(one_of(&Algorithm::ALL.map(|algorithm| (algorithm.name(), ()))))),
                            algorithms,
                        ),
                        "The algorithms that callers may sign with",
                    ),
                ),
                (
                    "legacy_auth_status",
                    described(
                        with_default(json!({"enum": statuses}), status),
                        "403: all authentication refusals but a missing credential are 403",
                    ),
                ),
                (
                    "rate_limit_headers",
                    described(
                        with_default(array(one_of(&RATE_LIMIT_HEADERS)), families),
                        "tencent: X-UsagePlan-RateLimit and X-UsagePlan-Quota; ietf: RateLimit-Policy and RateLimit",
                    ),
                ),
                (
                    "error_format",
                    described(
                        choice(&ERROR_FORMAT),
                        "problem: refusals as application/problem+json (RFC 9457)",
                    ),
                ),
                (
                    "enforcement",
                    described(
                        choice(&ENFORCEMENT),
                        "observe: a request that would be refused is let through and counted as would_...",
                    ),
                ),
                (
                    "forward_authorization",
                    described(flag(), "Leave Authorization on the request that goes upstream"),
                ),
                (
                    "forward_environment_prefix",
                    described(flag(), "Leave the environment on the path that goes upstream"),
                ),
            ],
        )
    }
}

fn clock_skew(node: Node<'_>) -> Option<Duration> {
    let seconds = u64::try_from(node.integer()?);
    if seconds.is_err() {
        node.error("must be 0 or more");
    }
    seconds.ok().map(Duration::from_secs)
}

fn allowed_algorithms(node: Node<'_>) -> Vec<Algorithm> {
    let choices = Algorithm::ALL.map(|algorithm| (algorithm.name(), algorithm));
    let algorithms = node.items(|item| item.one_of(&choices));
    node.not_empty(algorithms).into_iter().flatten().collect()
}

fn auth_status(node: Node<'_>) -> Option<AuthStatus> {
    let status = node.integer()?;
    let chosen = AUTH_STATUS.iter().find(|(number, _)| *number == status);
    if chosen.is_none() {
        let numbers = AUTH_STATUS.map(|(number, _)| number.to_string());
        node.error(format!("must be {}", numbers.join(" or ")));
    }
    chosen.map(|(_, status)| *status)
}

fn rate_limit_headers(node: Node<'_>) -> Option<RateLimitHeaders> {
    let families = node.items(|item| item.one_of(&RATE_LIMIT_HEADERS))?;
    Some(RateLimitHeaders {
        tencent: families.contains(&Some(Family::Tencent)),
        ietf: families.contains(&Some(Family::Ietf)),
    })
}

// === impl Algorithm ===

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::HmacSha1, Self::HmacSha256, Self::HmacSha384, Self::HmacSha512];

    /// The name that callers send. It is case-sensitive.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "hmac-sha1",
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha384 => "hmac-sha384",
            Self::HmacSha512 => "hmac-sha512",
        }
    }

    /// The algorithm with that name, if there is one.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().as_bytes() == name)
    }
}
