//! The outcome of a request as one word, for metrics, access logs and dashboards.

use crate::auth::Failure;

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The request was authenticated, counted and forwarded.
    Allowed,
    /// The request was forwarded without a credential to a service that needs none.
    Anonymous,
    /// The filter showed the caller what is left of its limits.
    UsageShown,
    /// The caller asked too often for what is left of its limits.
    UsageRateLimited,
    /// No service answers on the host.
    ServiceNotFound,
    /// The path names no environment.
    EnvironmentNotFound,
    /// No plan is bound to the environment.
    NoUsagePlan,
    /// The request has no credential, or one with a different scheme.
    CredentialMissing,
    /// The credential cannot be parsed.
    CredentialMalformed,
    /// A parameter of the credential is missing.
    CredentialIncomplete,
    /// The credential's `id` or `signature` is empty.
    CredentialEmpty,
    /// The algorithm is unknown or not allowed.
    AlgorithmNotSupported,
    /// The credential signs no date.
    DateNotSigned,
    /// The credential does not sign a header that the service requires to be signed.
    HeaderNotSigned,
    /// A signed header is absent or too long.
    SignedHeaderMissing,
    /// A signed header is present more than once.
    SignedHeaderRepeated,
    /// A signed date cannot be parsed.
    DateInvalid,
    /// A signed date is too far from the clock.
    DateOutOfRange,
    /// No key has the id.
    KeyUnknown,
    /// The key is disabled.
    KeyDisabled,
    /// The key is used before `not_before` or after `not_after`.
    KeyExpired,
    /// The key is bound to no plan that is bound to this environment.
    KeyNotBound,
    /// The signature does not match the one that the key's secret makes.
    SignatureMismatch,
    /// The plan's requests per second are used up.
    RateLimited,
    /// A quota of the plan is used up.
    QuotaExceeded,
    /// The request could not be counted in the store.
    CounterUnavailable,
}

// === impl Outcome ===

impl Outcome {
    /// The outcome's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Anonymous => "anonymous",
            Self::UsageShown => "usage_shown",
            Self::UsageRateLimited => "usage_rate_limited",
            Self::ServiceNotFound => "service_not_found",
            Self::EnvironmentNotFound => "environment_not_found",
            Self::NoUsagePlan => "no_usage_plan",
            Self::CredentialMissing => "credential_missing",
            Self::CredentialMalformed => "credential_malformed",
            Self::CredentialIncomplete => "credential_incomplete",
            Self::CredentialEmpty => "credential_empty",
            Self::AlgorithmNotSupported => "algorithm_not_supported",
            Self::DateNotSigned => "date_not_signed",
            Self::HeaderNotSigned => "header_not_signed",
            Self::SignedHeaderMissing => "signed_header_missing",
            Self::SignedHeaderRepeated => "signed_header_repeated",
            Self::DateInvalid => "date_invalid",
            Self::DateOutOfRange => "date_out_of_range",
            Self::KeyUnknown => "key_unknown",
            Self::KeyDisabled => "key_disabled",
            Self::KeyExpired => "key_expired",
            Self::KeyNotBound => "key_not_bound",
            Self::SignatureMismatch => "signature_mismatch",
            Self::RateLimited => "rate_limited",
            Self::QuotaExceeded => "quota_exceeded",
            Self::CounterUnavailable => "counter_unavailable",
        }
    }

    /// The outcome's word in observe mode: `would_…`.
    pub fn would(self) -> String {
        match self {
            Self::RateLimited => "would_rate_limit".to_owned(),
            Self::QuotaExceeded => "would_exceed_quota".to_owned(),
            other => format!("would_{}", other.as_str()),
        }
    }

    /// Whether `word` is a word of [`would`](Self::would).
    pub fn is_would(word: &str) -> bool {
        word.starts_with("would_")
    }
}

impl From<&Failure> for Outcome {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Missing => Self::CredentialMissing,
            Failure::Malformed => Self::CredentialMalformed,
            Failure::Incomplete => Self::CredentialIncomplete,
            Failure::Empty => Self::CredentialEmpty,
            Failure::Algorithm(_) => Self::AlgorithmNotSupported,
            Failure::DateNotSigned => Self::DateNotSigned,
            Failure::HeaderNotSigned(_) => Self::HeaderNotSigned,
            Failure::HeaderMissing(_) => Self::SignedHeaderMissing,
            Failure::HeaderRepeated => Self::SignedHeaderRepeated,
            Failure::DateInvalid(_) => Self::DateInvalid,
            Failure::DateOutOfRange(_) => Self::DateOutOfRange,
            Failure::KeyUnknown => Self::KeyUnknown,
            Failure::KeyDisabled => Self::KeyDisabled,
            Failure::KeyExpired => Self::KeyExpired,
            Failure::KeyNotBound => Self::KeyNotBound,
            Failure::SignatureMismatch => Self::SignatureMismatch,
        }
    }
}
