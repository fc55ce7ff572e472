//! What becomes of the request, in the filter's own words.

use serde_json::{Value, json};

use super::signature::Lacking;
use usage_plan_core::auth::{Failure, SecretUsed};
use usage_plan_core::document::Enforcement;
use usage_plan_core::gate::decision::Decision;
use usage_plan_core::limit::Limits;
use usage_plan_core::lookup::{Config, UsagePlan};
use usage_plan_core::{reply::Refusal, telemetry::Outcome};

/// What becomes of the request.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is forwarded; or refused because its plan is spent, if that can be.
    Allowed { can_be_spent: bool },
    /// It is forwarded without a credential.
    Anonymous,
    /// It is forwarded, though it would have been refused.
    Observed(Outcome),
    /// It is refused.
    Refused { outcome: Outcome, status: u16, body: String },
    /// Nobody can tell without a secret that is not here.
    Unknown(String),
}

// === impl Verdict ===

impl Verdict {
    /// The verdict that `decision` is, unless a secret is lacking that it hangs on.
    pub(super) fn of(config: &Config, decision: &Decision<'_, '_>, lacking: Option<Lacking>) -> Self {
        let hangs_on_secret = match decision {
            Decision::Known(_, caller) => caller.secret != Some(SecretUsed::Previous),
            Decision::Refused(_, Refusal::Authentication(failure)) => *failure == Failure::SignatureMismatch,
            _ => false,
        };
        if let Some(Lacking(why)) = lacking.filter(|_| hangs_on_secret) {
            return Self::Unknown(why);
        }
        let options = config.options();
        match decision {
            Decision::Known(_, caller) => {
                let plan = config.usage_plans().get(caller.usage_plan);
                Self::Allowed { can_be_spent: plan.is_some_and(|plan| can_be_spent(config, plan)) }
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

    /// Whether the command says no.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Unknown(_))
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    pub(super) fn is_forwarded(&self) -> bool {
        matches!(self, Self::Allowed { .. } | Self::Anonymous | Self::Observed(_))
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Allowed { .. } => {
                json!({"verdict": "allowed", "status": null, "outcome": Outcome::Allowed.as_str()})
            }
            Self::Anonymous => {
                json!({"verdict": "allowed", "status": null, "outcome": Outcome::Anonymous.as_str()})
            }
            Self::Observed(outcome) => {
                json!({"verdict": "observed", "status": null, "outcome": outcome.would()})
            }
            Self::Refused { outcome, status, body } => {
                json!({"verdict": "refused", "status": status, "outcome": outcome.as_str(), "body": body})
            }
            Self::Unknown(why) => json!({"verdict": "unknown", "status": null, "outcome": null, "why": why}),
        }
    }

    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Allowed { can_be_spent: true } => "allowed unless the plan is spent".to_owned(),
            Self::Allowed { can_be_spent: false } => "allowed: the plan refuses nothing".to_owned(),
            Self::Anonymous => "allowed, without a credential and without a limit".to_owned(),
            Self::Observed(outcome) => format!(
                "allowed by observation alone (options.enforcement), and counted as {}",
                outcome.would()
            ),
            Self::Refused { outcome, status, body } => {
                format!("refused with {status}, {}\n{body}", outcome.as_str())
            }
            Self::Unknown(why) => {
                format!("allowed if the signature is right, which cannot be told here: {why}")
            }
        }
    }
}

/// Whether calls can be refused because too many were made.
fn can_be_spent(config: &Config, plan: &UsagePlan) -> bool {
    let limits = Limits::new(plan.max_requests_per_second(), plan.burst(), plan.quotas(), plan.apis());
    !config.observes(plan) && !limits.is_unlimited()
}
