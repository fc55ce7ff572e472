//! The document as an operator writes it: plain values, each within its own rules, references not yet followed.
//!
//! Units, defaults and rules of every field: SPEC section 3 and the README's "The document".

use std::time::Duration;

use super::secret::Secret;
use crate::time::Timestamp;

/// The whole state: services, keys, usage plans and options.
#[derive(Debug, Default)]
pub struct Document {
    /// The published APIs.
    pub services: Vec<Service>,
    /// The callers' key pairs.
    pub keys: Vec<Key>,
    /// What the keys may call, and how much of it.
    pub usage_plans: Vec<UsagePlan>,
    /// What holds everywhere.
    pub options: Options,
}

/// A published API.
#[derive(Debug, Default)]
pub struct Service {
    /// Unique among services.
    pub id: String,
    /// For people.
    pub name: String,
    /// Exact hosts, `*.suffix` or `*`, lower case.
    pub domains: Vec<String>,
    /// Where the service is published.
    pub environments: Vec<String>,
    /// The environment of a path that names none.
    pub default_environment: Option<String>,
    /// When there are any, they replace the `/<environment>` prefix.
    pub path_mappings: Vec<PathMapping>,
    /// Whether callers must sign.
    pub authentication: Authentication,
    /// What a credential must sign besides a date, in lower case.
    pub required_signed_headers: Vec<String>,
}

/// A path prefix that stands for an environment.
#[derive(Debug, Default)]
pub struct PathMapping {
    /// `/` or `/segment/…` with no slash at the end.
    pub path: String,
    /// One of the service's environments.
    pub environment: String,
}

/// How the callers of a service are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authentication {
    /// Every call is signed with a key pair.
    #[default]
    KeyPair,
    /// A call without a credential passes; one with a credential is held to it.
    None,
}

/// A caller's key pair.
#[derive(Debug, Default)]
pub struct Key {
    /// For people.
    pub name: String,
    /// Unique among keys; callers send it.
    pub secret_id: String,
    /// What callers sign with.
    pub secret: Option<SecretSource>,
    /// What they signed with before.
    pub previous: Option<PreviousSecret>,
    /// Earlier than this the key is refused as an unknown one is.
    pub not_before: Option<Timestamp>,
    /// Later than this the key is refused as an unknown one is.
    pub not_after: Option<Timestamp>,
    /// A disabled key is refused as an unknown one is.
    pub status: KeyStatus,
}

/// Where a secret key is found.
#[derive(Debug)]
pub enum SecretSource {
    /// In the document.
    Document(Secret),
    /// In the variable of this name, in the VM's environment.
    Environment(String),
}

/// A secret key that was replaced, and verifies for a while yet.
#[derive(Debug)]
pub struct PreviousSecret {
    /// What callers may still sign with.
    pub secret: SecretSource,
    /// Until when, inclusive.
    pub not_after: Timestamp,
}

/// Whether a key may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyStatus {
    /// It may.
    #[default]
    Enabled,
    /// It may not.
    Disabled,
}

/// What its keys may call in its environments, and how much of it.
#[derive(Debug, Default)]
pub struct UsagePlan {
    /// Unique among usage plans.
    pub id: String,
    /// For people.
    pub name: String,
    /// Requests admitted in any second; `None` is no limit.
    pub max_requests_per_second: Option<u64>,
    /// A label for people.
    pub region: String,
    /// A note for people.
    pub remark: String,
    /// The `secret_id`s bound to the plan.
    pub keys: Vec<String>,
    /// The environments bound to the plan.
    pub environments: Vec<EnvironmentRef>,
}

/// An environment of a service.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct EnvironmentRef {
    /// The service's id.
    pub service: String,
    /// The environment's name.
    pub environment: String,
}

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
    /// Leave `Authorization` on the request that goes upstream.
    pub forward_authorization: bool,
    /// Leave the environment's prefix on the path that goes upstream.
    pub forward_environment_prefix: bool,
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
