//! What is left of a limit, as headers and replies show it.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance<'l> {
    /// The limit's name.
    pub name: &'l str,
    /// Whether the limit is a quota; otherwise it is a rate.
    pub is_quota: bool,
    /// The largest number of requests that the limit admits: in a second, at once, or in a period.
    pub limit: u64,
    /// The time that the limit covers; `None` for a quota that never renews.
    pub window: Option<Duration>,
    /// The number of requests that the limit still admits now.
    pub remaining: u64,
    /// The time at which the limit is unused again; `None` for never.
    pub renewed_at: Option<Timestamp>,
}

// === impl Balance ===

impl<'l> Balance<'l> {
    /// The limit's name without what its API adds to it.
    pub fn name_without(&self, suffix: &str) -> &'l str {
        self.name.strip_suffix(suffix).unwrap_or(self.name)
    }
}
