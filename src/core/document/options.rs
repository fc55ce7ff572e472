//! `options`: the settings that hold for the whole document.

mod algorithm;
mod fleet;
mod identity_headers;
mod rate_limit_headers;
mod usage_path;

use std::time::Duration;

use serde_json::{Value, json};

pub use self::algorithm::Algorithm;
pub use self::fleet::{CountedBy, EngineKind, Fleet};
pub use self::identity_headers::{IdentityHeader, IdentityHeaders};
pub use self::rate_limit_headers::RateLimitHeaders;
pub use self::usage_path::is_usage_path;
use super::reader::Node;
use super::rules;
use super::schema::{choice, described, flag, object, with_default};
use super::usage_plan::{ENFORCEMENT, Enforcement};
use super::words::Words;
use crate::sentence;

/// The words for `date_header`.
const DATE_HEADER: Words<DateHeader, 2> =
    [("checked", DateHeader::Checked), ("unchecked", DateHeader::Unchecked)];

/// The numbers for `legacy_auth_status`.
const AUTH_STATUS: [(i64, AuthStatus); 2] =
    [(401, AuthStatus::Unauthorized), (403, AuthStatus::LegacyForbidden)];

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
    /// The headers that show the caller to the upstream.
    pub identity_headers: IdentityHeaders,
    /// The format of a refusal's body.
    pub error_format: ErrorFormat,
    /// What happens to a request that would be refused, whatever its plan. A plan can also observe.
    pub enforcement: Enforcement,
    /// Whether the request that goes upstream keeps `Authorization`.
    pub forward_authorization: bool,
    /// Whether the path that goes upstream keeps the prefix that named the environment.
    pub forward_environment_prefix: bool,
    /// Whether a metric counts the requests of each key.
    pub metrics_per_key: bool,
    /// The path, without the environment's prefix, at which the filter shows a caller what is left of its
    /// limits.
    pub usage_path: Option<String>,
    /// The engine that counts for several Envoys; `None`: each Envoy counts for itself.
    pub fleet: Option<Fleet>,
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

// === impl Options ===

impl Default for Options {
    fn default() -> Self {
        Self {
            clock_skew: Duration::from_secs(900),
            date_header: DateHeader::default(),
            allowed_algorithms: Algorithm::ALL.to_vec(),
            auth_status: AuthStatus::default(),
            rate_limit_headers: RateLimitHeaders::default(),
            identity_headers: IdentityHeaders::default(),
            error_format: ErrorFormat::default(),
            enforcement: Enforcement::default(),
            forward_authorization: false,
            forward_environment_prefix: false,
            metrics_per_key: false,
            usage_path: None,
            fleet: None,
        }
    }
}

impl Options {
    pub(super) fn read(node: Node<'_>) -> Self {
        node.object(|fields| {
            let default = Self::default();
            Self {
                clock_skew: fields
                    .optional("clock_skew_seconds")
                    .and_then(clock_skew)
                    .unwrap_or(default.clock_skew),
                date_header: fields.one_of("date_header", &DATE_HEADER).unwrap_or_default(),
                allowed_algorithms: fields
                    .optional("allowed_algorithms")
                    .map_or(default.allowed_algorithms, Algorithm::read_list),
                auth_status: fields.optional("legacy_auth_status").and_then(auth_status).unwrap_or_default(),
                rate_limit_headers: fields
                    .optional("rate_limit_headers")
                    .and_then(RateLimitHeaders::read)
                    .unwrap_or(default.rate_limit_headers),
                identity_headers: fields
                    .optional("identity_headers")
                    .and_then(IdentityHeaders::read)
                    .unwrap_or(default.identity_headers),
                error_format: fields.one_of("error_format", &ERROR_FORMAT).unwrap_or_default(),
                enforcement: fields.optional("enforcement").and_then(Enforcement::read).unwrap_or_default(),
                forward_authorization: fields.flag("forward_authorization", false),
                forward_environment_prefix: fields.flag("forward_environment_prefix", false),
                metrics_per_key: fields.flag("metrics_per_key", false),
                usage_path: fields.optional("usage_path").and_then(usage_path::read),
                fleet: fields.optional("fleet").map(Fleet::read),
            }
        })
    }

    pub(super) fn schema() -> Value {
        let default = Self::default();
        let statuses = AUTH_STATUS.map(|(number, _)| number);
        let status =
            AUTH_STATUS.iter().find(|(_, status)| *status == default.auth_status).map(|(number, _)| *number);
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
                        Algorithm::schema_of_list(&default.allowed_algorithms),
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
                        RateLimitHeaders::schema(),
                        "tencent: X-UsagePlan-RateLimit and X-UsagePlan-Quota; ietf: RateLimit-Policy and RateLimit",
                    ),
                ),
                (
                    "identity_headers",
                    described(
                        IdentityHeaders::schema(),
                        "The headers that show the caller to the upstream; x-usage-plan-identity has all four in one",
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
                (
                    "metrics_per_key",
                    described(
                        flag(),
                        "Count the requests of each key in a metric of its own; costs memory per key",
                    ),
                ),
                (
                    "usage_path",
                    described(
                        usage_path::schema(),
                        "A signed GET of this path shows the caller what is left of its limits",
                    ),
                ),
                ("fleet", Fleet::schema()),
            ],
        )
    }
}

fn clock_skew(node: Node<'_>) -> Option<Duration> {
    let seconds = u64::try_from(node.integer()?);
    if seconds.is_err() {
        node.error(rules::NOT_NEGATIVE);
    }
    seconds.ok().map(Duration::from_secs)
}

fn auth_status(node: Node<'_>) -> Option<AuthStatus> {
    let status = node.integer()?;
    let chosen = AUTH_STATUS.iter().find(|(number, _)| *number == status);
    if chosen.is_none() {
        let numbers = AUTH_STATUS.map(|(number, _)| number.to_string());
        node.error(rules::WORD.put(sentence::Value::joined(numbers, rules::OR)));
    }
    chosen.map(|(_, status)| *status)
}
