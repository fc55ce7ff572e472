//! How a request ended, in a word: for metrics, access logs and dashboards.

use crate::auth::Failure;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Authenticated, counted and forwarded.
    Allowed,
    /// Forwarded without a credential, to a service that asks for none.
    Anonymous,
    /// No service has the host.
    ServiceNotFound,
    /// The path names no environment.
    EnvironmentNotFound,
    /// No plan at all is bound to the environment.
    NoUsagePlan,
    /// No credential, or one of another scheme.
    CredentialMissing,
    /// The credential cannot be parsed.
    CredentialMalformed,
    /// A parameter of the credential is missing.
    CredentialIncomplete,
    /// The credential's `id` or `signature` is empty.
    CredentialEmpty,
    /// The algorithm is unknown or not allowed.
    AlgorithmNotSupported,
    /// No date is signed.
    DateNotSigned,
    /// A header that the service requires to be signed is not.
    HeaderNotSigned,
    /// A signed header is absent.
    SignedHeaderMissing,
    /// A signed header is there more than once.
    SignedHeaderRepeated,
    /// A signed date cannot be parsed.
    DateInvalid,
    /// A signed date is too far from now.
    DateOutOfRange,
    /// No key has the id.
    KeyUnknown,
    /// The key is disabled.
    KeyDisabled,
    /// The key is not valid yet, or no longer.
    KeyExpired,
    /// The key is on no plan of this environment.
    KeyNotBound,
    /// The signature is not the one that the key makes.
    SignatureMismatch,
    /// The plan's requests per second are used up.
    RateLimited,
    /// A quota of the plan is used up.
    QuotaExceeded,
    /// The counter's store let no try win.
    CounterUnavailable,
}

// === impl Outcome ===

impl Outcome {
    /// The outcome's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Anonymous => "anonymous",
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

    /// Whether `word` is one of [`would`](Self::would).
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
