//! What the filter does with the request in the end.

use usage_plan_core::gate::{Action, Gate, Verdict};
use usage_plan_core::telemetry::Outcome;

use crate::secrets::MissingSecret;

/// What the filter does with the request in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// It forwards the request, unless a limit is used up.
    Allowed {
        /// Whether the plan has a limit that can refuse the request.
        can_be_limited: bool,
    },
    /// It forwards the request without a credential.
    Anonymous,
    /// It forwards the request only because the options say to observe: this is what it would have been.
    Observed(Outcome),
    /// It answers the request itself, with what is left of the caller's limits.
    UsageShown {
        /// The body of the reply, if nothing were used.
        body: String,
    },
    /// It refuses the request.
    Refused {
        /// Why.
        outcome: Outcome,
        /// The HTTP status code of the reply.
        status: u16,
        /// The body of the reply.
        body: String,
    },
    /// It depends on a secret that this process does not have.
    Unknown(MissingSecret),
}

// === impl Conclusion ===

impl Conclusion {
    /// The conclusion of the verdict of `gate`, or [`Unknown`](Self::Unknown) when it depends on the
    /// `missing` secret.
    pub(super) fn of(gate: &Gate, verdict: &Verdict, missing: Option<MissingSecret>) -> Self {
        // A placeholder stands in for the missing secret: what it verifies or does not verify means nothing.
        let depends_on_secret = verdict.caller.is_some() || verdict.outcome == Outcome::SignatureMismatch;
        if let Some(missing) = missing
            && depends_on_secret
        {
            return Self::Unknown(missing);
        }
        match (&verdict.action, verdict.caller) {
            (Action::Reply(reply), _) if verdict.outcome == Outcome::UsageShown => {
                Self::UsageShown { body: reply.body.clone() }
            }
            (Action::Reply(reply), _) => {
                Self::Refused { outcome: verdict.outcome, status: reply.status, body: reply.body.clone() }
            }
            (Action::Forward(_), _) if verdict.observed => Self::Observed(verdict.outcome),
            (Action::Forward(_), Some(caller)) => {
                Self::Allowed { can_be_limited: gate.can_refuse(caller.usage_plan) }
            }
            (Action::Forward(_), None) => Self::Anonymous,
        }
    }

    /// Whether the caller does not get what it asked for, or that cannot be known.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Unknown(_))
    }

    /// Whether the filter forwards the request, as far as can be known before it is counted.
    pub fn is_forwarded(&self) -> bool {
        matches!(self, Self::Allowed { .. } | Self::Anonymous | Self::Observed(_))
    }
}
