//! What the filter does with the request in the end.

use usage_plan_core::auth::Failure;
use usage_plan_core::document::Enforcement;
use usage_plan_core::gate::decision::Decision;
use usage_plan_core::limit::Limits;
use usage_plan_core::lookup::{Config, UsagePlan};
use usage_plan_core::{reply::Refusal, telemetry::Outcome};

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
    /// The conclusion of `decision`, or [`Unknown`](Self::Unknown) when it depends on the `missing` secret.
    pub(super) fn of(config: &Config, decision: &Decision<'_, '_>, missing: Option<MissingSecret>) -> Self {
        // A placeholder stands in for the missing secret: what it verifies or does not verify means nothing.
        let depends_on_secret = match decision {
            Decision::Known(..) => true,
            Decision::Refused(_, Refusal::Authentication(failure)) => *failure == Failure::SignatureMismatch,
            Decision::Refused(..) | Decision::Anonymous(_) => false,
        };
        if let Some(missing) = missing
            && depends_on_secret
        {
            return Self::Unknown(missing);
        }
        let options = config.options();
        match decision {
            Decision::Known(_, caller) => {
                let plan = config.usage_plans().get(caller.usage_plan);
                Self::Allowed { can_be_limited: plan.is_some_and(|plan| can_be_limited(config, plan)) }
            }
            Decision::Anonymous(_) => Self::Anonymous,
            Decision::Refused(_, refusal) if options.enforcement == Enforcement::Observe => {
                Self::Observed(refusal.outcome())
            }
            Decision::Refused(target, refusal) => {
                let reply = refusal.reply(options, target.map_or("", |target| target.service.id()));
                Self::Refused { outcome: refusal.outcome(), status: reply.status, body: reply.body }
            }
        }
    }

    /// Whether the filter forwards the request, as far as can be known before it is counted.
    pub fn is_forwarded(&self) -> bool {
        matches!(self, Self::Allowed { .. } | Self::Anonymous | Self::Observed(_))
    }
}

/// Whether calls can be refused because too many were made.
fn can_be_limited(config: &Config, plan: &UsagePlan) -> bool {
    let limits = Limits::new(plan.max_requests_per_second(), plan.burst(), plan.quotas(), plan.apis());
    !config.observes(plan) && !limits.is_unlimited()
}
