//! The decision on a counter: all that is asked for, or nothing.

use std::time::Duration;

/// The answer to a debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether all that was asked for is granted; otherwise nothing is.
    pub granted: bool,
    /// What is left afterwards.
    pub remaining: u64,
    /// The time until all is left again; `None` for never.
    pub renews_in: Option<Duration>,
}

/// Grants all of `hits` if no more than `limit` are `spent` then.
#[must_use]
pub fn decide(spent: u64, limit: u32, hits: u64, renews_in: Option<Duration>) -> Decision {
    let limit = u64::from(limit);
    let after = spent.checked_add(hits).filter(|after| *after <= limit);
    let remaining = limit.saturating_sub(after.unwrap_or(spent));
    Decision { granted: after.is_some(), remaining, renews_in }
}
