//! Outcomes of requests, by what an operator does about them.

use usage_plan_core::telemetry::Outcome;

/// How a request ended, as far as charts tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// It went upstream.
    Admitted,
    /// A limit per second refused it.
    OverRate,
    /// A quota refused it.
    QuotaSpent,
    /// The caller did not prove who it is, or its key may not call.
    NotAuthenticated,
    /// It was refused for another reason: no such host or environment, no plan, no counter.
    Other,
}

// === impl Group ===

impl Group {
    /// Every group, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::Admitted, Self::OverRate, Self::QuotaSpent, Self::NotAuthenticated, Self::Other];

    /// The group of an outcome's word in metrics; `None` for a question what is left, which is no call.
    pub fn of(word: &str) -> Option<Self> {
        let is = |outcome: Outcome| word == outcome.as_str();
        if is(Outcome::UsageShown) || is(Outcome::UsageRateLimited) {
            return None;
        }
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| word.starts_with(prefix));
        Some(if is(Outcome::Allowed) || is(Outcome::Anonymous) || Outcome::is_would(word) {
            Self::Admitted
        } else if is(Outcome::RateLimited) {
            Self::OverRate
        } else if is(Outcome::QuotaExceeded) {
            Self::QuotaSpent
        } else if starts(&["credential_", "algorithm_", "date_", "header_", "signed_", "signature_", "key_"])
        {
            Self::NotAuthenticated
        } else {
            Self::Other
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_its_group() {
        for (outcome, group) in [
            (Outcome::Allowed, Some(Group::Admitted)),
            (Outcome::Anonymous, Some(Group::Admitted)),
            (Outcome::UsageShown, None),
            (Outcome::UsageRateLimited, None),
            (Outcome::ServiceNotFound, Some(Group::Other)),
            (Outcome::EnvironmentNotFound, Some(Group::Other)),
            (Outcome::NoUsagePlan, Some(Group::Other)),
            (Outcome::CredentialMissing, Some(Group::NotAuthenticated)),
            (Outcome::CredentialMalformed, Some(Group::NotAuthenticated)),
            (Outcome::AlgorithmNotSupported, Some(Group::NotAuthenticated)),
            (Outcome::DateNotSigned, Some(Group::NotAuthenticated)),
            (Outcome::HeaderNotSigned, Some(Group::NotAuthenticated)),
            (Outcome::SignedHeaderMissing, Some(Group::NotAuthenticated)),
            (Outcome::DateOutOfRange, Some(Group::NotAuthenticated)),
            (Outcome::KeyDisabled, Some(Group::NotAuthenticated)),
            (Outcome::KeyNotBound, Some(Group::NotAuthenticated)),
            (Outcome::SignatureMismatch, Some(Group::NotAuthenticated)),
            (Outcome::RateLimited, Some(Group::OverRate)),
            (Outcome::QuotaExceeded, Some(Group::QuotaSpent)),
            (Outcome::CounterUnavailable, Some(Group::Other)),
        ] {
            assert_eq!(Group::of(outcome.as_str()), group, "{outcome:?}");
            if ![Outcome::UsageShown, Outcome::UsageRateLimited].contains(&outcome) {
                assert_eq!(Group::of(&outcome.would()), Some(Group::Admitted), "{outcome:?}");
            }
        }
        assert_eq!(Group::of("a word of a later version"), Some(Group::Other));
    }
}
