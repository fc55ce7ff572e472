//! A caller that proved who it is.

use crate::lookup::{KeyIndex, PlanIndex};

/// A caller whose signature matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The caller's key.
    pub key: KeyIndex,
    /// The plan that the key has in the environment called.
    pub usage_plan: PlanIndex,
    /// Which secret the caller signed with; `None` for a key that has only one.
    pub secret: Option<SecretUsed>,
    /// Whether the clock was compared with none of the signed dates.
    pub date_unchecked: bool,
}

/// Which of a rotated key's two secrets made a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretUsed {
    /// The current secret.
    Current,
    /// The secret that the current one replaced.
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
