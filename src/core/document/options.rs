//! Options: what holds everywhere.

use std::time::Duration;

use super::usage_plan::Enforcement;

/// What holds everywhere.
#[derive(Clone, Debug)]
pub struct Options {
    /// How far a signed date may be from now, either side, inclusive.
    pub clock_skew: Duration,
    /// Whether a signed `Date` is compared with the clock.
    pub date_header: DateHeader,
    /// The MAC algorithms that callers may use.
    pub allowed_algorithms: Vec<Algorithm>,
    /// The status of an authentication refusal.
    pub auth_status: AuthStatus,
    /// The headers that tell callers what is left.
    pub rate_limit_headers: RateLimitHeaders,
    /// What the body of a refusal is.
    pub error_format: ErrorFormat,
    /// Whether what would be refused is, on every plan and without one.
    pub enforcement: Enforcement,
    /// Leave `Authorization` on the request that goes upstream.
    pub forward_authorization: bool,
    /// Leave the environment's prefix on the path that goes upstream.
    pub forward_environment_prefix: bool,
}

/// What the body of a refusal is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorFormat {
    /// `{"message":"…"}`
    #[default]
    Tencent,
    /// `application/problem+json` (RFC 9457)
    Problem,
}

/// What is asked of a signed `Date` header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateHeader {
    /// The same as of `X-Date`.
    #[default]
    Checked,
    /// To be present. A captured request can then be replayed for ever.
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
    /// 401 for all.
    #[default]
    Unauthorized,
    /// 401 for a missing credential, 403 for all others: the older table.
    LegacyForbidden,
}

/// Which headers tell callers what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitHeaders {
    /// `X-UsagePlan-RateLimit`
    pub tencent: bool,
    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10)
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

// === impl Algorithm ===

impl Algorithm {
    /// Every algorithm there is.
    pub const ALL: [Self; 4] = [Self::HmacSha1, Self::HmacSha256, Self::HmacSha384, Self::HmacSha512];

    /// The name that callers send, exact lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "hmac-sha1",
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha384 => "hmac-sha384",
            Self::HmacSha512 => "hmac-sha512",
        }
    }

    /// The algorithm of that name.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().as_bytes() == name)
    }
}
