//! The outcome of a request as one word, for metrics, access logs and dashboards.

use crate::auth::Failure;

/// Declares the outcomes, each with its word.
macro_rules! outcomes {
    ($($(#[$doc:meta])+ $name:ident: $word:literal;)+) => {
        /// The outcome of a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Outcome {
            $($(#[$doc])+ $name,)+
        }

        impl Outcome {
            /// Every outcome.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The outcome's word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

outcomes! {
    /// The request was authenticated, counted and forwarded.
    Allowed: "allowed";
    /// The request was forwarded without a credential to a service that needs none.
    Anonymous: "anonymous";
    /// The filter showed the caller what is left of its limits.
    UsageShown: "usage_shown";
    /// The caller asked too often for what is left of its limits.
    UsageRateLimited: "usage_rate_limited";
    /// No service answers on the host.
    ServiceNotFound: "service_not_found";
    /// The path names no environment.
    EnvironmentNotFound: "environment_not_found";
    /// No plan is bound to the environment.
    NoUsagePlan: "no_usage_plan";
    /// The request has no credential, or one with a different scheme.
    CredentialMissing: "credential_missing";
    /// The credential cannot be parsed.
    CredentialMalformed: "credential_malformed";
    /// A parameter of the credential is missing.
    CredentialIncomplete: "credential_incomplete";
    /// The credential's `id` or `signature` is empty.
    CredentialEmpty: "credential_empty";
    /// The algorithm is unknown or not allowed.
    AlgorithmNotSupported: "algorithm_not_supported";
    /// The credential signs no date.
    DateNotSigned: "date_not_signed";
    /// The credential does not sign a header that the service requires to be signed.
    HeaderNotSigned: "header_not_signed";
    /// A signed header is absent or too long.
    SignedHeaderMissing: "signed_header_missing";
    /// A signed header is present more than once.
    SignedHeaderRepeated: "signed_header_repeated";
    /// A signed date cannot be parsed.
    DateInvalid: "date_invalid";
    /// A signed date is too far from the clock.
    DateOutOfRange: "date_out_of_range";
    /// No key has the id.
    KeyUnknown: "key_unknown";
    /// The key is disabled.
    KeyDisabled: "key_disabled";
    /// The key is used before `not_before` or after `not_after`.
    KeyExpired: "key_expired";
    /// The key is bound to no plan that is bound to this environment.
    KeyNotBound: "key_not_bound";
    /// The signature does not match the one that the key's secret makes.
    SignatureMismatch: "signature_mismatch";
    /// The plan's requests per second are used up.
    RateLimited: "rate_limited";
    /// A quota of the plan is used up.
    QuotaExceeded: "quota_exceeded";
    /// The request could not be counted in the store.
    CounterUnavailable: "counter_unavailable";
}

// === impl Outcome ===

impl Outcome {
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
