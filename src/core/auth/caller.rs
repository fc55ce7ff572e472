//! A caller that proved who it is.

use crate::lookup::{KeyIndex, PlanIndex};

/// A caller whose signature matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The caller's key.
    pub key: KeyIndex,
    /// The plan that the key has in the environment called.
    pub usage_plan: PlanIndex,
    /// Which of the key's two secrets the caller signed with, while there are two.
    pub secret: Option<SecretUsed>,
    /// Whether no signed date was compared with the clock.
    pub date_unchecked: bool,
}

/// Which secret of a key that is being rotated made a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretUsed {
    /// The new one.
    Current,
    /// The secret that it replaced.
    Previous,
}

// === impl SecretUsed ===

impl SecretUsed {
    /// The word for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }
}
