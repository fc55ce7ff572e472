//! What happens between the filter and the engine, as metrics count it.

use std::rc::Rc;

use crate::lookup::PlanIndex;

/// Something that happened, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The plan that it concerns; `None` for the engine itself.
    pub plan: Option<PlanIndex>,
    /// The name of the limit that it concerns, if it concerns one.
    pub limit: Option<Rc<str>>,
    /// What happened.
    pub what: What,
    /// How often, or how many tokens.
    pub count: u64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A call was granted what it asked for.
    CallGranted,
    /// A call was refused.
    CallRefused,
    /// A call was granted after its second or period was over.
    CallLate,
    /// A call had no answer that means anything.
    CallFailed,
    /// Tokens came from the engine.
    TokensGranted,
    /// Requests took tokens.
    TokensUsed,
    /// Tokens came too late.
    TokensLost,
    /// A request that had waited was let through.
    WaitWoken,
    /// A request that had waited was refused, because a limit is used up.
    WaitRefused,
    /// A request went away while it waited.
    WaitLeft,
    /// A request that had waited was decided without the engine.
    WaitPolicy,
    /// The engine is not asked any more.
    BreakerOpened,
    /// The engine is asked again.
    BreakerClosed,
    /// Requests were admitted by the share of this Envoy.
    PolicyLocalShare,
    /// Requests were refused because the engine could not be asked.
    PolicyDeny,
    /// Requests were admitted by a rate or a quota whose policy is to allow.
    PolicyAllow,
    /// Requests were admitted beyond what is known of a quota.
    PolicyGrace,
    /// Debt was made.
    DebtTaken,
    /// Debt was reported to the engine.
    DebtReported,
    /// Tokens that came used up so many percent of a quota.
    QuotaWarning(u8),
    /// Debt was given up, because the quota is used up or its period is over.
    DebtWrittenOff,
}
