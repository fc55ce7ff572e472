//! Which keys `usage-plan key list` lists.

use std::time::Duration;

use clap::{Args, ValueEnum};
use usage_plan_core::document::Key;
use usage_plan_manage::dates::now;
use usage_plan_manage::draft::{Draft, USAGE_PLANS};
use usage_plan_manage::effective_status::EffectiveStatus;

use crate::commands::complete;
use crate::output::error::Result;

/// The flags of `usage-plan key list`. A key must have all that is asked for.
#[derive(Args, Debug)]
pub(crate) struct Filter {
    /// List only keys in this state
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// List only keys that are bound to this usage plan, by its id or name
    #[arg(long, add = complete::plans())]
    plan: Option<String>,
    /// List only keys that still verify and expire within this time, for example 30d
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    expiring: Option<Duration>,
}

/// The state of a key now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Status {
    Enabled,
    Disabled,
    Expired,
    NotYetValid,
}

// === impl Filter ===

impl Filter {
    /// Whether a key is listed.
    pub(super) fn predicate<'a>(&'a self, draft: &'a Draft) -> Result<impl Fn(&Key) -> bool + 'a> {
        let now = now();
        let until = self.expiring.map(|expiring| now.saturating_add(expiring));
        let plan = match &self.plan {
            Some(plan) => Some(draft.resolve(USAGE_PLANS, plan)?.id),
            None => None,
        };
        let bound = plan.map(|id| draft.document().usage_plan(&id).map_or(&[][..], |plan| &plan.keys));
        Ok(move |key: &Key| {
            let status = Status::from(EffectiveStatus::of(key, now));
            self.status.is_none_or(|asked| asked == status)
                && bound.is_none_or(|bound| bound.contains(&key.secret_id))
                && until.is_none_or(|until| {
                    status == Status::Enabled && key.not_after.is_some_and(|end| end <= until)
                })
        })
    }
}

// === impl Status ===

impl From<EffectiveStatus> for Status {
    fn from(status: EffectiveStatus) -> Self {
        match status {
            EffectiveStatus::Enabled => Self::Enabled,
            EffectiveStatus::Disabled => Self::Disabled,
            EffectiveStatus::Expired => Self::Expired,
            EffectiveStatus::NotYetValid => Self::NotYetValid,
        }
    }
}
